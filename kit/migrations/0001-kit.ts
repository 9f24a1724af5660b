import { Migration } from '@mikro-orm/migrations';

/** What every subgraph's database has: events going out, events come in, events that failed, answers to retried mutations. */
export class Kit0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table outbox (
        position bigint generated always as identity primary key,
        id uuid not null unique,
        type text not null,
        version int not null,
        aggregate_id text not null,
        payload jsonb not null,
        occurred_at timestamptz not null default clock_timestamp(),
        actor_id text,
        request_id text not null,
        sent_at timestamptz,
        attempts int not null default 0,
        awaiting text[] not null
      )`);
    this.addSql(`create index outbox_unsent on outbox (position) where sent_at is null`);
    this.addSql(`create index outbox_awaiting on outbox (sent_at) where awaiting <> '{}'`);
    this.addSql(`
      create table inbox (
        event_id uuid primary key,
        processed_at timestamptz not null default now()
      )`);
    this.addSql(`create index inbox_processed on inbox (processed_at)`);
    this.addSql(`
      create table dead_letter (
        event_id uuid primary key,
        producer text not null,
        envelope jsonb not null,
        error text not null,
        attempts int not null,
        failed_at timestamptz not null default now()
      )`);
    this.addSql(`
      create table idempotency (
        actor_id text not null,
        operation text not null,
        key text not null,
        request_hash text not null,
        answer jsonb not null,
        created_at timestamptz not null default now(),
        primary key (actor_id, operation, key)
      )`);
    this.addSql(`create index idempotency_created on idempotency (created_at)`);
  }

  override down(): void {
    this.addSql('drop table idempotency, dead_letter, inbox, outbox');
  }
}
