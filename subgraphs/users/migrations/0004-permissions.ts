import { Migration } from '@mikro-orm/migrations';

/** Who may not sign in for a while, and the keys by which programs act for people. */
export class Users0004 extends Migration {
  override up(): void {
    // Without `until` it is for good. A row that is over says nothing; the next suspension takes its place.
    this.addSql(`
      create table suspension (
        user_id uuid primary key references "user" on delete cascade,
        until timestamptz,
        reason text not null,
        suspended_at timestamptz not null default now()
      )`);
    this.addSql(`
      create table api_key (
        id uuid primary key,
        user_id uuid not null references "user" on delete cascade,
        name text not null,
        scopes text[] not null,
        hash bytea not null unique,
        previous_hash bytea unique,
        previous_until timestamptz,
        created_at timestamptz not null default now(),
        rotated_at timestamptz not null default now(),
        expires_at timestamptz not null,
        revoked_at timestamptz,
        reminded_at timestamptz,
        last_used_at timestamptz,
        uses_count bigint not null default 0,
        check ((previous_hash is null) = (previous_until is null))
      )`);
    this.addSql('create index api_key_of_user on api_key (user_id, id desc)');
    this.addSql('create index api_key_by_age on api_key (rotated_at) where revoked_at is null');
  }

  override down(): void {
    this.addSql('drop table api_key, suspension');
  }
}
