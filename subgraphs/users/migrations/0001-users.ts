import { Migration } from '@mikro-orm/migrations';

export class Users0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table "user" (
        id uuid primary key,
        username text not null,
        username_folded text not null,
        username_skeleton text not null,
        name text not null,
        bio text not null default '',
        email text not null,
        email_folded text not null,
        password_hash text not null,
        role text not null default 'user' check (role in ('user', 'moderator', 'admin')),
        followers_count int not null default 0 check (followers_count >= 0),
        following_count int not null default 0 check (following_count >= 0),
        joined_at timestamptz not null,
        updated_at timestamptz not null,
        constraint user_username_folded unique (username_folded),
        constraint user_username_skeleton unique (username_skeleton),
        constraint user_email_folded unique (email_folded)
      )`);
    this.addSql(`
      create table session (
        id uuid primary key,
        user_id uuid not null references "user" on delete cascade,
        current_hash bytea not null unique,
        previous_hash bytea,
        rotated_at timestamptz not null,
        started_at timestamptz not null,
        expires_at timestamptz not null,
        ended_at timestamptz,
        end_reason text,
        user_agent text not null default ''
      )`);
    this.addSql(`create index session_of_user on session (user_id)`);
    this.addSql(`
      create table follow (
        follower_id uuid not null references "user" on delete cascade,
        followed_id uuid not null references "user" on delete cascade,
        followed_at timestamptz not null,
        primary key (follower_id, followed_id),
        check (follower_id <> followed_id)
      )`);
    this.addSql(`create index follow_of_follower on follow (follower_id, followed_at desc, followed_id desc)`);
    this.addSql(`create index follow_of_followed on follow (followed_id, followed_at desc, follower_id desc)`);
    this.addSql(`
      create table key (
        id text primary key,
        purpose text not null check (purpose in ('access-token', 'refresh-token')),
        secret jsonb not null,
        created_at timestamptz not null default now()
      )`);
  }

  override down(): void {
    this.addSql('drop table key, follow, session, "user"');
  }
}
