import { Migration } from '@mikro-orm/migrations';

/** Who has hidden themselves from whom, and who does not want to hear of whom, as users tells it. */
export class People0001 extends Migration {
  override up(): void {
    this.addSql(`
      create table person_block (
        blocker_id uuid not null,
        blocked_id uuid not null,
        is_blocked boolean not null,
        version bigint not null,
        primary key (blocker_id, blocked_id)
      )`);
    this.addSql(`create index person_block_of_blocked on person_block (blocked_id, blocker_id) where is_blocked`);
    this.addSql(`
      create table person_mute (
        muter_id uuid not null,
        muted_id uuid not null,
        is_muted boolean not null,
        version bigint not null,
        primary key (muter_id, muted_id)
      )`);
  }

  override down(): void {
    this.addSql('drop table person_mute, person_block');
  }
}
