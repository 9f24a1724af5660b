import { Migration } from '@mikro-orm/migrations';

/** Says that a word has about a dozen parts, where the planner takes a function for a thousand rows and reads all of the vocabulary. */
export class Search0004 extends Migration {
  override up(): void {
    this.addSql('alter function word_parts(text) rows 12');
  }

  override down(): void {
    this.addSql('alter function word_parts(text) rows 1000');
  }
}
