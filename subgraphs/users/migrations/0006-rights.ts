import { Migration } from '@mikro-orm/migrations';

/** What people are owed of their data: an archive of it, and its end. */
export class Users0006 extends Migration {
  override up(): void {
    // Leaving, and hidden from others meanwhile; gone, with only a name that says so left where others still read.
    this.addSql(`alter table "user" add column closing_at timestamptz, add column anonymised_at timestamptz`);
    this.exports();
    this.deletions();
  }

  private exports(): void {
    this.addSql(`
      create table data_export (
        id uuid primary key,
        user_id uuid not null references "user" on delete cascade,
        status text not null default 'GATHERING' check (status in ('GATHERING', 'READY', 'FAILED')),
        requested_at timestamptz not null default now(),
        ready_at timestamptz,
        expires_at timestamptz,
        size bigint
      )`);
    this.addSql(`create unique index data_export_at_once on data_export (user_id) where status = 'GATHERING'`);
    this.addSql('create index data_export_of_user on data_export (user_id, id desc)');
    this.addSql(`
      create table data_export_source (
        export_id uuid not null references data_export on delete cascade,
        subgraph text not null,
        parts int,
        counts jsonb not null default '{}',
        primary key (export_id, subgraph)
      )`);
    this.addSql(`
      create table data_export_part (
        export_id uuid not null references data_export on delete cascade,
        subgraph text not null,
        number int not null,
        file text not null,
        body text not null,
        primary key (export_id, subgraph, number)
      )`);
    this.addSql(`
      create table data_export_chunk (
        export_id uuid not null references data_export on delete cascade,
        number int not null,
        bytes bytea not null,
        primary key (export_id, number)
      )`);
  }

  private deletions(): void {
    // No foreign key: it outlives its person, and names them no more at the end.
    this.addSql(`
      create table deletion (
        id uuid primary key,
        user_id uuid,
        mode text not null check (mode in ('ANONYMISE', 'ERASE')),
        status text not null default 'SCHEDULED'
          check (status in ('SCHEDULED', 'CLOSED', 'ERASING', 'SWEEPING', 'DONE')),
        receipt_hash bytea not null unique,
        username text,
        address text,
        requested_at timestamptz not null default now(),
        due_at timestamptz not null,
        closed_at timestamptz,
        finished_at timestamptz
      )`);
    this.addSql('create unique index deletion_of_user on deletion (user_id) where user_id is not null');
    this.addSql(`create index deletion_unfinished on deletion (due_at) where status <> 'DONE'`);
    this.addSql(`
      create table deletion_step (
        deletion_id uuid not null references deletion on delete cascade,
        subgraph text not null,
        phase text not null check (phase in ('ERASE', 'SWEEP')),
        counts jsonb not null,
        finished_at timestamptz not null default now(),
        primary key (deletion_id, subgraph, phase)
      )`);
  }

  override down(): void {
    this.addSql('drop table deletion_step, deletion');
    this.addSql('drop table data_export_chunk, data_export_part, data_export_source, data_export');
    this.addSql('alter table "user" drop column closing_at, drop column anonymised_at');
  }
}
