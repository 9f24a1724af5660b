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
const MAX_LENGTH = 24;

/** Hashes and serial numbers are no vocabulary. */
const isVocabulary = (word: string): boolean =>
  word.length >= 2 && word.length <= MAX_LENGTH && !/\d\p{L}|\p{L}\d{3}/u.test(word);

const headWords = ({ title, tags }: Heading): Set<string> => new Set(foldedWords(`${title} ${tags.join(' ')}`));

/** Counts in how many titles (or tags) a word is; words of bodies are only known, with a count of 0. Sorted, so that two writers lock in one order. */
export async function keepVocabulary(
  tx: Change,
  now: Heading & { body: string },
  before: Heading | null,
): Promise<void> {
  const [words, earlier] = [headWords(now), before ? headWords(before) : new Set<string>()];
  const added = [...words].filter((word) => !earlier.has(word) && word.length <= MAX_LENGTH).sort();
  const gone = [...earlier].filter((word) => !words.has(word)).sort();
  if (gone.length > 0) {
    await tx.rows(sql`update term set titles = greatest(0, titles - 1) where word = any(${gone}::text[])`);
  }
  if (added.length > 0) {
    await tx.rows(sql`
      insert into term (word, titles) select word, 1 from unnest(${added}::text[]) word
      on conflict (word) do update set titles = term.titles + 1`);
  }
  const known = [...new Set(foldedWords(now.body))].filter(isVocabulary).slice(0, MAX_BODY_WORDS).sort();
  if (known.length === 0) return;
  await tx.rows(sql`
    insert into term (word) select word from unnest(${known}::text[]) word
    where not exists (select 1 from term t where t.word = word.word) on conflict do nothing`);
}
