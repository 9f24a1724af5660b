import { Migration } from '@mikro-orm/migrations';

export class Search0001 extends Migration {
  override up(): void {
    // A trusted extension: the owner of the database may make it where its administrator has not.
    this.addSql(`create extension if not exists pg_trgm`);
    this.documents();
    this.vocabulary();
    this.projections();
  }

  private documents(): void {
    this.addSql(`
      create table document (
        id uuid primary key,
        kind text not null check (kind in ('POST', 'COMMENT', 'USER', 'COMMUNITY')),
        title text not null,
        title_folded text collate "C" not null default '',
        brevity double precision not null default 1,
        body text not null,
        tags text[] not null,
        author_id uuid,
        community_id uuid,
        post_id uuid,
        is_private boolean,
        published_at timestamptz not null,
        is_visible boolean not null,
        head tsvector not null default '',
        words tsvector not null default '',
        version bigint not null
      )`);
    // Without a pending list: what a search has to read through must not depend on when vacuum came last.
    this.addSql(`create index document_words on document using gin (words) with (fastupdate = off) where is_visible`);
    // Titles and tags again, apart: small enough to stay in the row, where ranking reads them for each match.
    this.addSql(
      `create index document_head on document using gin (head) with (fastupdate = off) where is_visible and kind <> 'COMMENT'`,
    );
    this.addSql(`create index document_title on document (title_folded) where is_visible and kind <> 'COMMENT'`);
    this.addSql(`create index document_post on document (post_id)`);
    // Apart from the document, so that noting a change does not write its words anew.
    this.addSql(`
      create table document_change (
        document_id uuid primary key references document on delete cascade,
        revision bigint not null default 1,
        pushed bigint not null default 0
      )`);
    this.addSql(`create index document_unpushed on document_change (document_id) where pushed < revision`);
    this.addSql(`
      create table tagged (
        tag text collate "C" not null,
        document_id uuid not null references document on delete cascade,
        primary key (tag, document_id)
      )`);
    this.addSql(`create index tagged_document on tagged (document_id)`);
  }

  private vocabulary(): void {
    // Two words one letter apart share one of these: the word itself, or the word without one letter.
    this.addSql(`
      create function word_parts(word text) returns setof text language sql immutable strict parallel safe as $$
        select word union select left(word, i - 1) || substr(word, i + 1) from generate_series(1, length(word)) i
      $$`);
    this.addSql(`
      create table term (
        word text collate "C" primary key,
        titles int not null default 0
      )`);
    this.addSql(`
      create table term_part (
        part text collate "C" not null,
        word text collate "C" not null,
        primary key (part, word)
      )`);
    this.addSql(`create index term_trigrams on term using gin (word gin_trgm_ops)`);
  }

  private projections(): void {
    this.addSql(`
      create table post_count (
        post_id uuid primary key,
        score int not null,
        comments int not null,
        bookmarks int not null,
        version bigint not null
      )`);
    this.addSql(`
      create table follow (
        follower_id uuid not null,
        followed_id uuid not null,
        is_following boolean not null,
        version bigint not null,
        primary key (follower_id, followed_id)
      )`);
    const published = `where status = 'PUBLISHED'`;
    this.addSql(`create index post_access_published on post_access (published_at desc, post_id desc) ${published}`);
    this.addSql(
      `create index post_access_by_author on post_access (author_id, published_at desc, post_id desc) ${published}`,
    );
    this.addSql(`
      create index post_access_in_community on post_access (community_id, published_at desc, post_id desc)
      where status = 'PUBLISHED' and community_id is not null`);
  }

  override down(): void {
    this.addSql('drop index post_access_in_community, post_access_by_author, post_access_published');
    this.addSql('drop table follow, post_count, tagged, document_change, document, term_part, term');
    this.addSql('drop function word_parts(text)');
  }
}
