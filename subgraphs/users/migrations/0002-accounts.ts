import { Migration } from '@mikro-orm/migrations';

export class Users0002 extends Migration {
  override up(): void {
    this.addSql(`
      alter table "user"
        add column email_verified_at timestamptz,
        add column deleted_at timestamptz,
        add column avatar_id uuid`);
    // Accounts made before addresses were confirmed keep what they could do.
    this.addSql('update "user" set email_verified_at = joined_at');
    // Whoever has not confirmed an address does not own it: it is unique among those who have.
    this.addSql('alter table "user" drop constraint user_email_folded');
    this.addSql('create unique index user_verified_email on "user" (email_folded) where email_verified_at is not null');
    this.addSql('create index user_unverified on "user" (joined_at) where email_verified_at is null');
    this.addSql(`
      create table token (
        hash bytea primary key,
        purpose text not null,
        user_id uuid not null references "user" on delete cascade,
        data jsonb not null default '{}',
        issued_at timestamptz not null default now(),
        expires_at timestamptz not null
      )`);
    this.addSql('create index token_of_user on token (user_id, purpose)');
    this.addSql('create index token_by_expiry on token (expires_at)');
    this.addSql(`
      create table email_change (
        user_id uuid primary key references "user" on delete cascade,
        change_id uuid not null,
        new_email text not null,
        is_old_confirmed boolean not null default false,
        is_new_confirmed boolean not null default false,
        requested_at timestamptz not null default now()
      )`);
    this.mail();
  }

  private mail(): void {
    this.addSql(`
      create table mail (
        effect_key text primary key,
        template text not null,
        user_id uuid references "user" on delete cascade,
        address text,
        data jsonb not null default '{}',
        state text not null default 'waiting' check (state in ('waiting', 'claimed', 'handing over', 'sent', 'dropped', 'unknown')),
        outcome text,
        tries int not null default 0,
        address_hash bytea,
        queued_at timestamptz not null default now(),
        next_try_at timestamptz not null default now(),
        changed_at timestamptz not null default now()
      )`);
    this.addSql(
      `create index mail_waiting on mail (next_try_at) where state in ('waiting', 'claimed', 'handing over')`,
    );
    this.addSql('create index mail_of_address on mail (address_hash, changed_at) where address_hash is not null');
    this.addSql('create index mail_by_age on mail (changed_at)');
    this.addSql('create index mail_of_user on mail (user_id) where user_id is not null');
    // Development only: what would have been sent.
    this.addSql(`
      create table mailbox (
        id uuid primary key,
        address text not null,
        subject text not null,
        text text not null,
        html text not null,
        kept_at timestamptz not null default now()
      )`);
    this.addSql('create index mailbox_by_age on mailbox (kept_at)');
    this.addSql(`
      create table mail_suppression (
        address_hash bytea primary key,
        reason text not null,
        suppressed_at timestamptz not null default now()
      )`);
    this.addSql(`
      create table mail_unsubscribed (
        user_id uuid not null references "user" on delete cascade,
        template text not null,
        unsubscribed_at timestamptz not null default now(),
        primary key (user_id, template)
      )`);
    this.addSql(`
      create table mail_secret (
        is_only boolean primary key default true check (is_only),
        secret bytea not null
      )`);
  }

  override down(): void {
    this.addSql('drop table mail_secret, mail_unsubscribed, mail_suppression, mailbox, mail, email_change, token');
    this.addSql('drop index user_verified_email');
    this.addSql('drop index user_unverified');
    this.addSql('alter table "user" drop column email_verified_at, drop column deleted_at, drop column avatar_id');
    this.addSql('alter table "user" add constraint user_email_folded unique (email_folded)');
  }
}
