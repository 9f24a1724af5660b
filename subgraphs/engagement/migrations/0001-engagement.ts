import { Migration } from '@mikro-orm/migrations';

const VOTE_PARTITIONS = 8;

export class Engagement0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table post_counter (
        post_id uuid primary key,
        up int not null default 0 check (up >= 0),
        down int not null default 0 check (down >= 0),
        score int not null default 0,
        comments int not null default 0 check (comments >= 0),
        bookmarks int not null default 0 check (bookmarks >= 0),
        views bigint not null default 0,
        views_version bigint not null default 0
      )`);
    // What a comment stands under: the post at the first level, its parent below. One index then serves every level.
    this.addSql(`
      create table comment (
        id uuid primary key,
        post_id uuid not null,
        parent_id uuid references comment,
        level_id uuid not null generated always as (coalesce(parent_id, post_id)) stored,
        depth smallint not null check (depth between 1 and 10),
        author_id uuid not null,
        markdown text,
        html text,
        version int not null default 1,
        up int not null default 0 check (up >= 0),
        down int not null default 0 check (down >= 0),
        score int not null default 0,
        replies_count int not null default 0,
        created_at timestamptz not null,
        edited_at timestamptz,
        deleted_at timestamptz
      )`);
    this.addSql(`create index comment_level_score on comment (level_id, score desc, id desc)`);
    this.addSql(`create index comment_level_age on comment (level_id, id)`);
    this.addSql(`create index comment_post on comment (post_id)`);
    this.addSql(`create index comment_author on comment (author_id, id)`);
    this.addSql(`
      create table vote (
        target_id uuid not null,
        voter_id uuid not null,
        value smallint not null check (value in (1, -1)),
        previous smallint not null default 0,
        voted_at timestamptz not null,
        primary key (target_id, voter_id)
      ) partition by hash (target_id)`);
    for (let part = 0; part < VOTE_PARTITIONS; part++) {
      this.addSql(
        `create table vote_${part} partition of vote for values with (modulus ${VOTE_PARTITIONS}, remainder ${part})`,
      );
    }
    this.addSql(`create index vote_voter on vote (voter_id)`);
    this.addSql(`
      create table bookmark (
        id uuid primary key,
        reader_id uuid not null,
        post_id uuid not null,
        saved_at timestamptz not null,
        constraint bookmark_once unique (reader_id, post_id)
      )`);
    this.addSql(`create index bookmark_reader on bookmark (reader_id, id desc)`);
  }

  override down(): void {
    this.addSql('drop table bookmark, vote, comment, post_counter');
  }
}
