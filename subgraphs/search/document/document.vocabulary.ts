import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { foldedWords } from '../words.ts';

/** What a document is called by. */
export interface Heading {
  readonly title: string;
  readonly tags: readonly string[];
}

/** Words of a body that become known, so that a query's misspelt word can be told from a right one. */
const MAX_BODY_WORDS = 5000;
const MAX_BODY_WORD = 24;
const MAX_HEAD_WORD = 40;

/** Hashes and serial numbers are no vocabulary. */
const isVocabulary = (word: string): boolean =>
  word.length >= 2 && word.length <= MAX_BODY_WORD && !/\d\p{L}|\p{L}\d{3}/u.test(word);

const headWords = ({ title, tags }: Heading): Set<string> => new Set(foldedWords(`${title} ${tags.join(' ')}`));

/** Counts in how many titles (or tags) a word is; words of bodies are only known, with a count of 0. Sorted, so that two writers lock in one order. */
export async function keepVocabulary(
  tx: Change,
  now: Heading & { body: string },
  before: Heading | null,
): Promise<void> {
  const [words, earlier] = [headWords(now), before ? headWords(before) : new Set<string>()];
  const added = [...words].filter((word) => !earlier.has(word) && word.length <= MAX_HEAD_WORD).sort();
  const gone = [...earlier].filter((word) => !words.has(word)).sort();
  if (gone.length > 0) {
    await tx.rows(sql`update term set titles = greatest(0, titles - 1) where word = any(${gone}::text[])`);
  }
  if (added.length > 0) await learn(tx, added, 1);
  const known = [...new Set(foldedWords(now.body))].filter(isVocabulary).slice(0, MAX_BODY_WORDS).sort();
  if (known.length > 0) await learn(tx, known, 0);
}

/** Counts words in so many titles more, and takes new ones apart so that misspelt ones lead to them. */
async function learn(tx: Change, words: readonly string[], titles: number): Promise<void> {
  // A word that is merely known already is left alone: most are, and a row that is not written is not locked.
  const isWanted = titles > 0 ? sql`true` : sql`not exists (select 1 from term t where t.word = given.word)`;
  await tx.rows(sql`
    with saved as (
      insert into term (word, titles) select word, ${titles}::int from unnest(${words}::text[]) given(word) where ${isWanted}
      on conflict (word) do update set titles = term.titles + excluded.titles
      returning word, xmax = 0 as is_new)
    insert into term_part (part, word) select own.part, word from saved, word_parts(word) own(part) where is_new
    on conflict do nothing`);
}
