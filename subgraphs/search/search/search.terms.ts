import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { editDistance, foldedWords } from '../words.ts';

/** One thing that a query asks for: a word, or the words of a phrase in their order. */
export interface Term {
  readonly words: readonly string[];
  /** Like words that may stand for an unknown one. */
  readonly similar: readonly string[];
  /** Like words of titles, for a word that no title has: where it is a slip, the title is what was meant. */
  readonly similarInTitles: readonly string[];
  /** Like words of titles, for a word that some title has: tried where nothing is found otherwise. */
  readonly spare: readonly string[];
  /** Counts a little where it is found, and is not asked for: `the`, a single letter. */
  readonly isOptional: boolean;
}

export interface Terms {
  readonly wanted: readonly Term[];
  /** Words and phrases that must not be there. */
  readonly excluded: readonly (readonly string[])[];
}

interface Written {
  readonly words: readonly string[];
  readonly isExcluded: boolean;
  readonly isPhrase: boolean;
}

/** More words than this say nothing more; each costs a comparison per candidate. */
const MAX_TERMS = 24;
const CLAUSE = /(?<=^|\s)(-?)"([^"]*)(?:"|$)|(?<=^|\s)(-(?=\S))?(\S+)/gu;

/** Reads a query as people write it: words, "phrases", -words and -"phrases" that must not be there. */
function clausesOf(query: string): Written[] {
  const clauses = [...query.matchAll(CLAUSE)].flatMap(([, minus, phrase, dash, word]): Written[] => {
    if (phrase !== undefined) return [{ words: foldedWords(phrase), isExcluded: minus === '-', isPhrase: true }];
    const words = foldedWords(word ?? '');
    if (dash) return [{ words, isExcluded: true, isPhrase: true }];
    return words.map((one) => ({ words: [one], isExcluded: false, isPhrase: false }));
  });
  const distinct = new Map(clauses.filter(({ words }) => words.length > 0).map((one) => [JSON.stringify(one), one]));
  return [...distinct.values()].slice(0, MAX_TERMS);
}

interface Known {
  readonly word: string;
  readonly isStop: boolean;
  /** In how many titles it is; null where no document has it. */
  readonly titles: number | null;
  readonly like: readonly { readonly word: string; readonly titles: number }[];
}

/** What a query asks for, misspelt words widened by the vocabulary's most similar ones. One statement. */
export async function termsOf(ctx: Context, query: string): Promise<Terms> {
  const clauses = clausesOf(query);
  const wanted = clauses.filter((clause) => !clause.isExcluded);
  const single = wanted.filter((clause) => !clause.isPhrase).map((clause) => clause.words[0] ?? '');
  const known = new Map((single.length === 0 ? [] : await lookUp(ctx, single)).map((one) => [one.word, one]));
  const terms = wanted.map((clause) => termOf(clause, clause.isPhrase ? undefined : known.get(clause.words[0] ?? '')));
  const isAllOptional = terms.every((term) => term.isOptional);
  return {
    wanted: isAllOptional ? terms.map((term) => ({ ...term, isOptional: false })) : terms,
    excluded: clauses.filter((clause) => clause.isExcluded).map((clause) => clause.words),
  };
}

/**
 * Two words one letter apart share a string that is one of them or one of them less a letter (the symmetric delete
 * index, Garbe 2012). Trigrams find what differs by more in long words, and are asked only where that finds nothing:
 * on a small vocabulary they are a walk through all of it.
 */
async function lookUp(ctx: Context, words: readonly string[]): Promise<Known[]> {
  return ctx.rows<Known>(sql`
    with near as materialized (
      select distinct w.word as of, p.word from unnest(${words}::text[]) w(word), word_parts(w.word) own(part)
      join term_part p on p.part = own.part where p.word <> w.word),
    alike as (
      select of, word from near
      union all
      select w.word, s.word from unnest(${words}::text[]) w(word) join term s on s.word % w.word
      where length(w.word) >= ${MIN_LENGTH_FOR_TWO} and w.word not in (select of from near)
        and not exists (select 1 from term t where t.word = w.word))
    select w.word, numnode(to_tsquery('english', w.word)) = 0 as "isStop", t.titles,
      coalesce((
        select json_agg(json_build_object('word', l.word, 'titles', l.titles)) from (
          select s.word, s.titles from alike a join term s on s.word = a.word where a.of = w.word
          order by s.titles > 0 desc, similarity(s.word, w.word) desc, s.word limit ${sql.lit(MAX_LOOKED_AT)}) l),
        '[]'::json) as like
    from unnest(${words}::text[]) w(word) left join term t on t.word = w.word`);
}

/** Like words looked at for the nearest: a short one has many. */
const MAX_LOOKED_AT = 100;
const MAX_SIMILAR = 8;
const MIN_LENGTH_FOR_TWO = 8;

/** One letter wrong in a short word, two in a long one; a single letter is like nothing. */
function isSimilar(word: string, other: string): boolean {
  if (word.length < 2 || other.length < 2) return false;
  return editDistance(word, other) <= (word.length >= MIN_LENGTH_FOR_TWO ? 2 : 1);
}

function termOf({ words }: Written, known: Known | undefined): Term {
  const term = { words, similar: [], similarInTitles: [], spare: [], isOptional: false };
  const [word = ''] = words;
  if (!known) return term;
  const like = known.like
    .filter((one) => isSimilar(word, one.word))
    .map((one) => ({ ...one, distance: editDistance(word, one.word) }))
    .sort((a, b) => a.distance - b.distance || Number(b.titles > 0) - Number(a.titles > 0));
  const similar = like.slice(0, MAX_SIMILAR).map((one) => one.word);
  const inTitles = like
    .filter((one) => one.titles > 0)
    .slice(0, MAX_SIMILAR)
    .map((one) => one.word);
  const isOptional = known.isStop || [...word].length === 1;
  if (known.titles === null) return { ...term, similar, similarInTitles: inTitles, isOptional };
  return known.titles > 0
    ? { ...term, spare: inTitles, isOptional }
    : { ...term, similarInTitles: inTitles, isOptional };
}

/** The same query for a second try: a word that is right somewhere may be wrong here. */
export const widened = ({ wanted, excluded }: Terms): Terms => ({
  wanted: wanted.map((term) => ({ ...term, similarInTitles: [...term.similarInTitles, ...term.spare] })),
  excluded,
});
