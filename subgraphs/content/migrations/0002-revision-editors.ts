import { Migration } from '@mikro-orm/migrations';

/** What somebody's posts were before is found, once they go, without all that posts ever were being gone through. */
export class Content0002 extends Migration {
  override up(): void {
    this.addSql('create index post_revision_editor on post_revision (editor_id)');
  }

  override down(): void {
    this.addSql('drop index post_revision_editor');
  }
}
