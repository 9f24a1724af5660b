import { Migration } from '@mikro-orm/migrations';

/** Names of people who are gone, by a keyed hash: 128 bits of it, in a type that no words can stand in. */
export class Users0008 extends Migration {
  override up(): void {
    this.addSql('create table reserved_username (hash uuid primary key, free_at timestamptz not null)');
  }

  override down(): void {
    this.addSql('drop table reserved_username');
  }
}
