import { Migration } from '@mikro-orm/migrations';

/** How far a subgraph has come with what was asked of it. */
export class Rights0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table rights_task (
        request_id uuid not null,
        kind text not null check (kind in ('GATHER', 'ERASE', 'SWEEP')),
        request_kind text not null,
        person_id uuid not null,
        person_kind text not null,
        mode text not null check (mode in ('ANONYMISE', 'ERASE')),
        step int not null default 0,
        place text,
        parts int not null default 0,
        counts jsonb not null default '{}',
        wait_position bigint,
        started_at timestamptz not null default now(),
        finished_at timestamptz,
        primary key (request_id, kind)
      )`);
    this.addSql('create index rights_task_unfinished on rights_task (started_at) where finished_at is null');
  }

  override down(): void {
    this.addSql('drop table rights_task');
  }
}
