import { emotionWords, type Emotion } from './sentiment.lexicon.emotions.ts';
import { idiomPhrases } from './sentiment.lexicon.idioms.ts';
import { insultWords } from './sentiment.lexicon.insults.ts';
import { emojiMarks, emoticonMarks, slangWords } from './sentiment.lexicon.marks.ts';
import { negativeWords } from './sentiment.lexicon.negative.ts';
import { positiveWords } from './sentiment.lexicon.positive.ts';

export interface Idiom {
  words: readonly string[];
  valence: number;
}

type Graded = readonly (readonly [number, string])[];

const split = (words: string): string[] => words.split(/\s+/).filter(Boolean);

/** Valences −4..4 of base forms. Slang comes last and wins: on the net "sick" and "fail" have senses of their own. */
const valences: ReadonlyMap<string, number> = new Map([
  ...graded(positiveWords, 1),
  ...graded(negativeWords, -1),
  ...graded(insultWords, -1),
  ...named(slangWords),
  ...named(emojiMarks),
]);

const insults: ReadonlySet<string> = new Set(graded(insultWords, -1).map(([word]) => word));

/** Marks made of punctuation, with their valence. */
export const emoticons: ReadonlyMap<string, number> = new Map(alternating(emoticonMarks));

/** Phrases by their first word, the longest first, so that "not bad at all" wins over "not bad". */
export const idiomsByFirstWord: ReadonlyMap<string, readonly Idiom[]> = idioms();

const emotionsByWord: ReadonlyMap<string, readonly Emotion[]> = emotionIndex();

/** How many entries the lexicon has, inflections not counted. */
export const lexiconSize = valences.size + emoticons.size + [...idiomsByFirstWord.values()].flat().length;

/** Every word, mark and emoji with its valence, for a check that each is a number in range. */
export const allValences: readonly (readonly [string, number])[] = [...valences, ...emoticons];

/** Adjectives whose -er and -est are looked up; other words in -er are agents ("resolver") and would mislead. */
const comparable = new Set(
  split(`nice smart clever clean clear fast quick simple safe sweet kind warm bright strong cool fresh calm fair fine great
    wise brave slow weak rough tough rude dumb poor sad mad sick gross cruel weird cheap loud harsh strange grim cute
    neat smooth swift proud tidy hard`),
);

/** The valence of a lower-case word or emoji, inflected or not; 0 where the lexicon says nothing. */
export function valenceOf(word: string): number {
  const known = valences.get(word);
  if (known !== undefined) return known;
  for (const base of basesOf(word)) {
    const valence = valences.get(base);
    if (valence !== undefined) return valence;
  }
  return unPrefixed(word);
}

/** Whether the word insults wherever it stands. */
export function isInsult(word: string): boolean {
  return insults.has(word) || basesOf(word).some((base) => insults.has(base));
}

/** The emotions that a word, emoji or emoticon shows. */
export function emotionsOf(word: string): readonly Emotion[] {
  const known = emotionsByWord.get(word);
  if (known) return known;
  for (const base of basesOf(word)) {
    const emotions = emotionsByWord.get(base);
    if (emotions) return emotions;
  }
  return [];
}

/** The forms that an inflected English word may come from, the likeliest first. Constant work for a word. */
export function basesOf(word: string): string[] {
  if (word.length < 4 || word.length > 30) return [];
  const bases: string[] = [];
  const cut = (ending: string, ...puts: string[]): void => {
    if (!word.endsWith(ending)) return;
    const stem = word.slice(0, -ending.length);
    for (const put of puts) bases.push(stem + put);
  };
  cut("'s", '');
  cut('ies', 'y');
  cut('ied', 'y');
  cut('es', 'e', '');
  cut('s', '');
  for (const ending of ['ed', 'ing']) {
    cut(ending, '', 'e');
    const stem = word.slice(0, -ending.length);
    if (word.endsWith(ending) && stem.length > 3 && stem.at(-1) === stem.at(-2)) bases.push(stem.slice(0, -1));
  }
  cut('ily', 'y');
  cut('ly', '', 'le');
  cut('iness', 'y');
  cut('ness', '');
  cut('ier', 'y');
  cut('iest', 'y');
  for (const base of comparativeBases(word)) bases.push(base);
  return bases;
}

function comparativeBases(word: string): string[] {
  const stem = /^(.+?)e(?:r|st)$/.exec(word)?.[1];
  if (stem === undefined) return [];
  const undoubled = stem.at(-1) === stem.at(-2) ? stem.slice(0, -1) : stem;
  return [stem, `${stem}e`, undoubled].filter((base) => comparable.has(base));
}

/** "unhelpful" turns "helpful"; the list has the words in un- that are none of this kind. */
function unPrefixed(word: string): number {
  if (!word.startsWith('un') || word.length < 7 || /^(?:unless|until|under|union|uniq|unlike|undo)/.test(word))
    return 0;
  const bare = word.slice(2);
  const base = [bare, ...basesOf(bare)].find((candidate) => valences.has(candidate));
  return base === undefined ? 0 : -0.8 * (valences.get(base) ?? 0);
}

function graded(groups: Graded, sign: 1 | -1): [string, number][] {
  const strongest = new Map<string, number>();
  for (const [strength, words] of groups) {
    for (const word of split(words)) if (!strongest.has(word)) strongest.set(word, sign * strength);
  }
  return [...strongest];
}

function named(text: string): [string, number][] {
  return split(text).map((pair) => [
    pair.slice(0, pair.lastIndexOf(':')),
    Number(pair.slice(pair.lastIndexOf(':') + 1)),
  ]);
}

/** Emoticons hold colons and digits, so that only their order parts mark from valence. */
function alternating(text: string): [string, number][] {
  const parts = split(text);
  return parts.flatMap((mark, index) => (index % 2 === 0 ? [[mark, Number(parts[index + 1])]] : []));
}

function idioms(): Map<string, Idiom[]> {
  const byFirst = new Map<string, Idiom[]>();
  for (const [valence, phrases] of idiomPhrases) {
    for (const phrase of phrases.split(';')) {
      const words = split(phrase);
      const first = words[0];
      if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), { words, valence }]);
    }
  }
  for (const list of byFirst.values()) list.sort((one, other) => other.words.length - one.words.length);
  return byFirst;
}

function emotionIndex(): Map<string, Emotion[]> {
  const byWord = new Map<string, Emotion[]>();
  for (const [emotion, words] of Object.entries(emotionWords) as [Emotion, string][]) {
    for (const word of split(words)) byWord.set(word, [...(byWord.get(word) ?? []), emotion]);
  }
  return byWord;
}
