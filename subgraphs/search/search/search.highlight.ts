import { setImmediate } from 'node:timers/promises';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Word, wordsIn } from '../words.ts';
import type { Terms } from './search.terms.ts';

export interface Highlight {
  /** `title` or `body`. */
  readonly field: string;
  /** Escaped HTML with `<mark>` around what was found. */
  readonly html: string;
}

interface Text {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** Beyond it a body is found, but not shown from: marking 100 long texts would take longer than finding them. */
const MAX_BODY = 20_000;
/** Words of a body's fragment, as many as two lines show. */
const FRAGMENT_WORDS = 30;
const WORDS_BEFORE = 5;
const MAX_FRAGMENT = 600;
/** Places looked at for the best fragment: each is compared with those after it. */
const MAX_PLACES = 300;
const SHARED_BEGINNING = 3;

/** What was found in each document, as HTML: the whole title, and of the body the part with the most different words of the query. */
export async function highlightsOf(
  ctx: Context,
  terms: Terms,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Highlight[]>> {
  const texts = await ctx.rows<Text>(
    sql`select id, title, left(body, ${MAX_BODY}) as body from document where id = any(${ids}::uuid[])`,
  );
  const read: { id: string; title: Cut; body: Cut }[] = [];
  const words = new Set<string>();
  for (const { id, ...text } of texts) {
    const [title, body] = [cut(text.title), cut(text.body)];
    for (const word of [...title.words, ...body.words]) words.add(word.text);
    read.push({ id, title, body });
    // Others are answered between two texts.
    await setImmediate();
  }
  const found = await matchingWords(ctx, terms, words);
  const highlights = new Map<string, Highlight[]>();
  for (const { id, title, body } of read) {
    const html = [markAll(title, found), markBest(body, found)];
    highlights.set(
      id,
      ['title', 'body'].flatMap((field, index) => (html[index] ? [{ field, html: html[index] }] : [])),
    );
    await setImmediate();
  }
  return highlights;
}

interface Cut {
  readonly text: string;
  readonly words: readonly Word[];
}

const cut = (text: string): Cut => ({ text, words: wordsIn(text) });

/** Which of the texts' words the query means: those it names, those like them, and those with the same English stem. */
async function matchingWords(
  ctx: Context,
  { wanted }: Terms,
  words: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const named = new Set(wanted.flatMap((term) => [...term.words, ...term.similar, ...term.similarInTitles]));
  const beginnings = new Set([...named].map((word) => word.slice(0, SHARED_BEGINNING)));
  const related = [...words].filter((word) => !named.has(word) && beginnings.has(word.slice(0, SHARED_BEGINNING)));
  const rows = await ctx.rows<{ word: string }>(sql`
    select w.word from unnest(${related}::text[]) w(word)
    where ts_lexize('english_stem', w.word) <> '{}'
      and ts_lexize('english_stem', w.word) in (select ts_lexize('english_stem', n) from unnest(${[...named]}::text[]) n)`);
  return new Set([...named, ...rows.map((row) => row.word)]);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

/** The text from one place to another, with marks; words that overlap (pairs of letters) share one. */
function mark({ text, words }: Cut, found: ReadonlySet<string>, from: number, to: number): string {
  let html = '';
  let at = from;
  let open = false;
  for (const word of words) {
    if (word.start < from || word.end > to || !found.has(word.text)) continue;
    if (open && word.start > at) {
      html += '</mark>';
      open = false;
    }
    if (!open) html += `${escapeHtml(text.slice(at, word.start))}<mark>`;
    html += escapeHtml(text.slice(Math.max(at, word.start), word.end));
    [at, open] = [word.end, true];
  }
  return `${html}${open ? '</mark>' : ''}${escapeHtml(text.slice(at, to))}`;
}

function markAll(cut: Cut, found: ReadonlySet<string>): string | null {
  return cut.words.some((word) => found.has(word.text)) ? mark(cut, found, 0, cut.text.length) : null;
}

/** The window of words in which most different ones were found; the first of them where several are as good. */
function markBest(cut: Cut, found: ReadonlySet<string>): string | null {
  const places = cut.words.flatMap((word, index) => (found.has(word.text) ? [index] : [])).slice(0, MAX_PLACES);
  let best = { index: -1, different: 0 };
  for (const index of places) {
    const window = places.filter((other) => other >= index && other < index + FRAGMENT_WORDS - WORDS_BEFORE);
    const different = new Set(window.map((other) => cut.words[other]?.text)).size;
    if (different > best.different) best = { index, different };
  }
  if (best.index < 0) return null;
  const first = cut.words.length <= FRAGMENT_WORDS ? 0 : Math.max(0, best.index - WORDS_BEFORE);
  const last = Math.min(cut.words.length, first + FRAGMENT_WORDS) - 1;
  const from = first === 0 ? 0 : (cut.words[first]?.start ?? 0);
  const end = last === cut.words.length - 1 ? cut.text.length : (cut.words[last]?.end ?? 0);
  const to = end - from <= MAX_FRAGMENT ? end : betweenCharacters(cut.text, from + MAX_FRAGMENT);
  return `${from > 0 ? '… ' : ''}${mark(cut, found, from, to).trim()}${to < cut.text.length ? ' …' : ''}`;
}

/** The place, or the one before it where it is inside a surrogate pair. */
const betweenCharacters = (text: string, place: number): number =>
  /[\ud800-\udbff]/.test(text.charAt(place - 1)) ? place - 1 : place;
