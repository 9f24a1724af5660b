import { Migration } from '@mikro-orm/migrations';

/** A person who asks for what is known of them, or wants it gone, has their documents found without all being gone through. */
export class Search0005 extends Migration {
  override up(): void {
    this.addSql('create index document_author on document (author_id, id) where author_id is not null');
  }

  override down(): void {
    this.addSql('drop index document_author');
  }
}
