import { Migration } from '@mikro-orm/migrations';

/** Where sessions are used from, keys that rotate, second factors, and what is known of every try to sign in. */
export class Users0003 extends Migration {
  override up(): void {
    this.addSql(`
      alter table session
        add column device text not null default '',
        add column address text not null default '',
        add column place jsonb,
        add column last_used_at timestamptz not null default now(),
        add column generation int not null default 0,
        add column refresh_key_id text`);
    this.addSql('drop index session_of_user');
    this.addSql('create index session_of_user on session (user_id, id desc)');
    this.addSql('create index session_expiry on session (expires_at)');
    this.addSql(`
      create table key_rotation (
        id uuid primary key,
        started_at timestamptz not null default now(),
        finished_at timestamptz
      )`);
    this.addSql('create unique index key_rotation_unfinished on key_rotation ((true)) where finished_at is null');
    this.addSql('alter table key drop constraint key_purpose_check');
    this.addSql(`
      alter table key
        add constraint key_purpose_check check (purpose in ('access-token', 'refresh-token', 'second-factor')),
        add column signs_from timestamptz not null default now(),
        add column retires_at timestamptz,
        add column rotation_id uuid references key_rotation,
        add constraint key_of_rotation unique (rotation_id, purpose)`);
    this.addSql(`
      create table second_factor (
        user_id uuid primary key references "user" on delete cascade,
        secret bytea not null,
        key_id text not null references key,
        started_at timestamptz not null default now(),
        confirmed_at timestamptz,
        last_step bigint
      )`);
    this.addSql('create index second_factor_of_key on second_factor (key_id)');
    this.addSql(`
      create table recovery_code (
        user_id uuid not null references second_factor on delete cascade,
        code_hash bytea not null,
        used_at timestamptz,
        primary key (user_id, code_hash)
      )`);
    this.addSql(`
      create table sign_in (
        id uuid primary key,
        user_id uuid references "user" on delete cascade,
        at timestamptz not null default now(),
        outcome text not null check (outcome in ('FAILED', 'CHALLENGED', 'SUCCEEDED')),
        score int not null default 0,
        reasons text[] not null default '{}',
        device text not null,
        user_agent text not null,
        address text not null,
        network text not null,
        place jsonb
      )`);
    this.addSql('create index sign_in_of_user on sign_in (user_id, id desc)');
    this.addSql(`create index sign_in_succeeded on sign_in (user_id, at desc) where outcome = 'SUCCEEDED'`);
    this.addSql(`create index sign_in_failed on sign_in (user_id, at desc) where outcome = 'FAILED'`);
    this.addSql(`create index sign_in_failed_from on sign_in (network, at) where outcome = 'FAILED'`);
    this.addSql('create index sign_in_at on sign_in (at)');
    this.addSql(`
      create table sign_in_challenge (
        id uuid primary key,
        user_id uuid not null references "user" on delete cascade,
        sign_in_id uuid not null references sign_in on delete cascade,
        secret_hash bytea not null,
        needs text[] not null,
        attempts int not null default 0,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null
      )`);
    this.addSql('create index sign_in_challenge_of_user on sign_in_challenge (user_id)');
    this.addSql('create index sign_in_challenge_of_sign_in on sign_in_challenge (sign_in_id)');
    this.addSql('create index sign_in_challenge_expiry on sign_in_challenge (expires_at)');
  }

  override down(): void {
    this.addSql('drop table sign_in_challenge, sign_in, recovery_code, second_factor');
    this.addSql(`delete from key where purpose = 'second-factor'`);
    this.addSql(`
      alter table key drop constraint key_purpose_check, drop column signs_from, drop column retires_at, drop column rotation_id,
        add constraint key_purpose_check check (purpose in ('access-token', 'refresh-token'))`);
    this.addSql('drop table key_rotation');
    this.addSql('drop index session_of_user, session_expiry');
    this.addSql(`
      alter table session drop column device, drop column address, drop column place, drop column last_used_at,
        drop column generation, drop column refresh_key_id`);
    this.addSql('create index session_of_user on session (user_id)');
  }
}
