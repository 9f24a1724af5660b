import { Migration } from '@mikro-orm/migrations';

/** An index elsewhere must learn whose post a comment is on: people may be hidden from each other. */
export class Search0003 extends Migration {
  override up(): void {
    this.addSql(`
      update document_change c set revision = revision + 1 from document d
      where d.id = c.document_id and d.kind in ('POST', 'COMMENT')`);
  }

  override down(): void {
    this.addSql('select 1');
  }
}
