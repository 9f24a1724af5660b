import { Migration } from '@mikro-orm/migrations';

/** Whose a text is: people may be hidden from each other. Of those before it is unknown, and they are hidden with the rest. */
export class Insights0004 extends Migration {
  override up(): void {
    this.addSql('alter table sentiment_text add column author_id uuid');
  }

  override down(): void {
    this.addSql('alter table sentiment_text drop column author_id');
  }
}
