import { Migration } from '@mikro-orm/migrations';

/** What readers did, its sums by post and hour, and the mood of what was written. */
export class Insights0001 extends Migration {
  override up(): void {
    this.addTracking();
    this.addSums();
    this.addSentiment();
  }

  override down(): void {
    this.addSql('drop table sentiment, sentiment_text, post_hour, post_total, post_viewer, viewer_key, tracked_event');
  }

  private addTracking(): void {
    // Only ever added to and read as a whole: it needs no index but its key. The month is the id's.
    this.addSql(`
      create table tracked_event (
        id uuid primary key,
        post_id uuid not null,
        kind text not null check (kind in ('VIEW', 'LIKE', 'DISLIKE', 'COMMENT', 'SHARE', 'BOOKMARK')),
        viewer bytea not null,
        seconds int check (seconds >= 0),
        tracked_at timestamptz not null
      ) partition by range (id)`);
    this.addSql(
      `create table viewer_key (name text primary key, secret bytea not null, made_at timestamptz not null default now())`,
    );
    this.addSql(`
      create table post_viewer (
        post_id uuid not null,
        viewer bytea not null,
        is_person boolean not null,
        counted_at timestamptz not null,
        primary key (post_id, viewer)
      )`);
    this.addSql(`create index post_viewer_anonymous on post_viewer (counted_at) where not is_person`);
  }

  private addSums(): void {
    this.addSql(`
      create table post_total (
        post_id uuid primary key,
        views bigint not null default 0,
        unique_viewers bigint not null default 0,
        likes bigint not null default 0,
        dislikes bigint not null default 0,
        comments bigint not null default 0,
        shares bigint not null default 0,
        bookmarks bigint not null default 0,
        last_viewed_at timestamptz,
        up bigint not null default 0,
        down bigint not null default 0,
        score bigint not null default 0,
        comments_now bigint not null default 0,
        bookmarks_now bigint not null default 0,
        votes_version bigint not null default 0,
        announced_at timestamptz not null default '-infinity',
        announced_views bigint not null default 0,
        is_pending boolean not null default false
      )`);
    this.addSql(`create index post_total_pending on post_total (post_id) where is_pending`);
    this.addSql(`
      create table post_hour (
        post_id uuid not null,
        hour timestamptz not null,
        kind text not null,
        count bigint not null,
        primary key (post_id, hour, kind)
      )`);
  }

  private addSentiment(): void {
    // A row without a text is the memory that there is none any more: an event that comes late does not bring it back.
    this.addSql(`
      create table sentiment_text (
        target_id uuid primary key,
        kind text not null check (kind in ('POST', 'COMMENT')),
        post_id uuid not null,
        text text,
        version bigint not null
      )`);
    this.addSql(`create index sentiment_text_post on sentiment_text (post_id)`);
    this.addSql(`
      create table sentiment (
        target_id uuid primary key references sentiment_text,
        kind text not null,
        post_id uuid not null,
        text_version bigint not null,
        score float8 not null check (score between -1 and 1),
        label text not null check (label in ('POSITIVE', 'NEUTRAL', 'NEGATIVE')),
        confidence float8 not null check (confidence between 0 and 1),
        emotions jsonb not null,
        is_flagged boolean not null,
        model_version text not null,
        analysed_at timestamptz not null default now()
      )`);
    this.addSql(`create index sentiment_post on sentiment (post_id)`);
  }
}
