import { Migration } from '@mikro-orm/migrations';

/** Who did what to whom: only ever added to, and whole also when persons are erased. */
export class Insights0002 extends Migration {
  override up(): void {
    // Without its row nobody can tell any more whose key it was, nor read what was sealed for them.
    this.addSql(`
      create table audit_person (
        user_id uuid primary key,
        person_key bytea not null unique,
        secret bytea not null
      )`);
    // Hashes of the ids of those who were erased: an act that arrives late makes no new row for them.
    this.addSql(
      `create table audit_forgotten (user_hash bytea primary key, forgotten_at timestamptz not null default now())`,
    );
    this.addSql(`
      create table audit_entry (
        id uuid primary key,
        occurred_at timestamptz not null,
        action text not null,
        actor_key bytea,
        subject_key bytea,
        subject_id text,
        via text not null,
        origin bytea not null,
        reason bytea not null
      )`);
    this.addSql('create index audit_entry_actor on audit_entry (actor_key, id desc) where actor_key is not null');
    this.addSql('create index audit_entry_subject on audit_entry (subject_key, id desc) where subject_key is not null');
    this.addSql('create index audit_entry_object on audit_entry (subject_id, id desc) where subject_id is not null');
    this.addSql('create index audit_entry_action on audit_entry (action, id desc)');
    this.addSql(`
      create function refuse_change_of_audit() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is only ever added to' using errcode = 'insufficient_privilege';
      end $$`);
    this.addSql(`
      create trigger audit_entry_append_only before update or delete or truncate on audit_entry
      for each statement execute function refuse_change_of_audit()`);
    this.addSql(`
      create trigger audit_person_unchanged before update or truncate on audit_person
      for each statement execute function refuse_change_of_audit()`);
  }

  override down(): void {
    this.addSql('drop table audit_entry, audit_forgotten, audit_person');
    this.addSql('drop function refuse_change_of_audit');
  }
}
