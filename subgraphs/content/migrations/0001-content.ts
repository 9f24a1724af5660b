import { Migration } from '@mikro-orm/migrations';

export class Content0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table community (
        id uuid primary key,
        name text not null,
        name_folded text not null,
        description text not null default '',
        rules text not null default '',
        is_private boolean not null default false,
        owner_id uuid not null,
        members_count int not null default 0 check (members_count >= 0),
        created_at timestamptz not null,
        constraint community_name_folded unique (name_folded)
      )`);
    this.addSql(`
      create table community_member (
        community_id uuid not null references community on delete cascade,
        user_id uuid not null,
        role text not null check (role in ('member', 'moderator', 'owner')),
        joined_at timestamptz not null,
        primary key (community_id, user_id)
      )`);
    this.addSql(`create index community_member_user on community_member (user_id, joined_at desc, community_id desc)`);
    this.addSql(`
      create table post (
        id uuid primary key,
        author_id uuid not null,
        community_id uuid references community,
        status text not null check (status in ('DRAFT', 'PUBLISHED', 'DELETED')),
        title text not null,
        slug text not null,
        markdown text not null,
        html text not null,
        excerpt text not null,
        reading_minutes int not null,
        tags text[] not null default '{}',
        version int not null default 1,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        published_at timestamptz,
        listed_at timestamptz not null,
        imported_from text
      ) partition by range (id)`);
    this.addSql(`create table post_other partition of post default`);
    this.addSql(`create index post_listed on post (listed_at desc, id desc) where status = 'PUBLISHED'`);
    this.addSql(`create index post_author on post (author_id, listed_at desc, id desc)`);
    this.addSql(
      `create index post_community on post (community_id, listed_at desc, id desc) where community_id is not null`,
    );
    // Unique over all partitions, which an index on post itself could not be.
    this.addSql(`create table post_slug (slug text primary key, post_id uuid not null)`);
    this.addSql(
      `create table post_import (author_id uuid not null, imported_from text not null, post_id uuid not null, primary key (author_id, imported_from))`,
    );
    this.addSql(`
      create table post_tag (
        tag text not null,
        post_id uuid not null,
        listed_at timestamptz not null,
        primary key (tag, post_id)
      )`);
    this.addSql(`create index post_tag_listed on post_tag (tag, listed_at desc, post_id desc)`);
    this.addSql(`create index post_tag_post on post_tag (post_id)`);
    this.addSql(`
      create table post_revision (
        post_id uuid not null,
        number int not null,
        title text not null,
        markdown text not null,
        tags text[] not null,
        editor_id uuid not null,
        reason text not null default '',
        saved_at timestamptz not null,
        primary key (post_id, number)
      )`);
  }

  override down(): void {
    this.addSql('drop table post_revision, post_tag, post_import, post_slug, post, community_member, community');
  }
}
