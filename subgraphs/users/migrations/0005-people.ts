import { Migration } from '@mikro-orm/migrations';

/** What people want of one another: not to meet, not to hear, not to be seen; and what they want to be told. */
export class Users0005 extends Migration {
  override up(): void {
    this.addSql(`
      create table block (
        blocker_id uuid not null references "user" on delete cascade,
        blocked_id uuid not null references "user" on delete cascade,
        blocked_at timestamptz not null,
        primary key (blocker_id, blocked_id),
        check (blocker_id <> blocked_id)
      )`);
    this.addSql('create index block_of_blocker on block (blocker_id, blocked_at desc, blocked_id desc)');
    this.addSql('create index block_of_blocked on block (blocked_id, blocker_id)');
    this.addSql(`
      create table mute (
        muter_id uuid not null references "user" on delete cascade,
        muted_id uuid not null references "user" on delete cascade,
        muted_at timestamptz not null,
        primary key (muter_id, muted_id),
        check (muter_id <> muted_id)
      )`);
    this.addSql('create index mute_of_muter on mute (muter_id, muted_at desc, muted_id desc)');
    this.addSql('create index mute_of_muted on mute (muted_id)');
    this.addSql('alter table "user" add column is_presence_hidden boolean not null default false');
    // Only what differs from how it is by itself.
    this.addSql(`
      create table notification_preference (
        user_id uuid not null references "user" on delete cascade,
        kind text not null,
        channel text not null,
        is_enabled boolean not null,
        primary key (user_id, kind, channel)
      )`);
  }

  override down(): void {
    this.addSql('drop table notification_preference, mute, block');
    this.addSql('alter table "user" drop column is_presence_hidden');
  }
}
