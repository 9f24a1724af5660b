import { Migration } from '@mikro-orm/migrations';

/** What engagement, search and insights must know of content's data to say who may see what. */
export class Access0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table post_access (
        post_id uuid primary key,
        author_id uuid not null,
        community_id uuid,
        status text not null,
        published_at timestamptz,
        version bigint not null
      )`);
    this.addSql(`create index post_access_author on post_access (author_id)`);
    this.addSql(`create index post_access_community on post_access (community_id) where community_id is not null`);
    this.addSql(`
      create table community_access (
        community_id uuid primary key,
        is_private boolean not null,
        version bigint not null
      )`);
    this.addSql(`
      create table community_member (
        community_id uuid not null,
        user_id uuid not null,
        role text not null,
        is_member boolean not null,
        version bigint not null,
        primary key (community_id, user_id)
      )`);
    this.addSql(`create index community_member_user on community_member (user_id) where is_member`);
  }

  override down(): void {
    this.addSql('drop table community_member, community_access, post_access');
  }
}
