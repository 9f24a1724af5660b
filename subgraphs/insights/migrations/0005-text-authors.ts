import { Migration } from '@mikro-orm/migrations';

/** A person who asks for what is known of them is told how their texts were read, without all texts being gone through. */
export class Insights0005 extends Migration {
  override up(): void {
    this.addSql('create index sentiment_text_author on sentiment_text (author_id) where author_id is not null');
  }

  override down(): void {
    this.addSql('drop index sentiment_text_author');
  }
}
