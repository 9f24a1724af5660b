/** A word of a text: as it is indexed, and where it stands in the text. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Letters that Unicode does not take apart, although readers type them apart. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
};
const MAX_WORD_LENGTH = 64;
/** A run of letters and digits; an apostrophe belongs to it before a short ending, as in `don't` and `Ada's`. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’]\p{L}{1,2}(?![\p{L}\p{N}\p{M}]))?/gu;
/** Scripts written without spaces: they are indexed by pairs of letters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
/** Letters of which folding changes the case at most: most words of most texts are made of them alone. */
const PLAIN = /^[a-z0-9\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]+$/i;
const IS_UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * A text without case, accents and apostrophes. Done here and not by the stores' own analysers, so that PostgreSQL and
 * Elasticsearch agree on what a word is, whatever their locale and extensions.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{M}'’]+/gu, '')
    .replace(/[ßøłđðþæœı]/g, (letter) => SPELLED[letter] ?? letter);
}

/** The words of a text in their order. What comes out holds letters and digits only: no operator of any query language. */
export function wordsIn(text: string): Word[] {
  return [...text.matchAll(WORD)].flatMap((match) =>
    [...match[0].matchAll(UNSPACED)].flatMap((run) => wordsOfRun(run[0], match.index + run.index)),
  );
}

function wordsOfRun(run: string, start: number): Word[] {
  if (!IS_UNSPACED.test(run)) return wordAt(run, start);
  const letters = [...run];
  if (letters.length < 2) return wordAt(run, start);
  let at = start;
  return letters.slice(1).flatMap((letter, index) => {
    const pair = (letters[index] ?? '') + letter;
    const words = wordAt(pair, at);
    at += letters[index]?.length ?? 0;
    return words;
  });
}

function wordAt(original: string, start: number): Word[] {
  const text = PLAIN.test(original) ? original.toLowerCase() : fold(original).replace(/[^\p{L}\p{N}]+/gu, '');
  return text === ''
    ? []
    : [{ text: text.slice(0, MAX_WORD_LENGTH).toWellFormed(), start, end: start + original.length }];
}

export const foldedWords = (text: string): string[] => wordsIn(text).map((word) => word.text);

/**
 * How many letters apart two words are: replaced, missing, added, or two neighbours swapped
 * (optimal string alignment; Damerau 1964).
 */
export function editDistance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let beforeLast: number[] = [];
  let last = b.map((_, j) => j).concat(b.length);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(substituted, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
