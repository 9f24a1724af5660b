import { Migration } from '@mikro-orm/migrations';

/** Words that have left a document: nobody else's may hold them any more, and then nothing must tell that they were written. */
export class Search0002 extends Migration {
  override up(): void {
    this.addSql(`create table forgotten_word (word text collate "C" primary key)`);
    this.addSql(`
      create function note_forgotten_words() returns trigger language plpgsql as $$
      begin
        insert into forgotten_word
        select word from (
          select unnest(tsvector_to_array(old.words)) except select unnest(tsvector_to_array(new.words))) gone(word)
        order by word
        on conflict do nothing;
        return null;
      end $$`);
    this.addSql(`
      create trigger document_forgets after update of words on document for each row
      when (old.words <> ''::tsvector and old.words is distinct from new.words) execute function note_forgotten_words()`);
  }

  override down(): void {
    this.addSql('drop trigger document_forgets on document');
    this.addSql('drop function note_forgotten_words()');
    this.addSql('drop table forgotten_word');
  }
}
