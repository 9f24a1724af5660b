import { Migration } from '@mikro-orm/migrations';

/** What one viewer did is looked for when they want to have it, or to have it gone. Hash indexes: equality only, cheap to add to. */
export class Insights0003 extends Migration {
  override up(): void {
    this.addSql('create index tracked_event_viewer on tracked_event using hash (viewer)');
    this.addSql('create index post_viewer_person on post_viewer using hash (viewer) where is_person');
  }

  override down(): void {
    this.addSql('drop index tracked_event_viewer, post_viewer_person');
  }
}
