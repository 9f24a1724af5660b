import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput } from 'kit/errors';
import { documentSource, type Kind, popularity, stubOf, visibleDocument } from '../document/document.loaders.ts';
import { foldedWords } from '../words.ts';

export interface SuggestArguments {
  readonly prefix: string;
  readonly first: number | null;
}

export interface Suggestion {
  readonly text: string;
  readonly kind: Kind | 'TAG';
  readonly node: { readonly __typename: string; readonly id: string } | null;
}

interface Candidates {
  /** Uuids of documents, best first. */
  readonly documents: readonly string[];
  readonly tags: readonly string[];
}

const MAX_PREFIX = 100;
const MAX_SUGGESTIONS = 20;
const DEFAULT_SUGGESTIONS = 10;
const CACHE = { ttlSeconds: 30, tags: ['suggest'] } as const;

/**
 * Titles, tags, usernames and communities that begin so, or have a word that does. What may be suggested is looked for
 * once in 30 s for all who are not signed in; what leaves is read and checked anew each time, so that nothing hidden
 * meanwhile shows. Throws BAD_USER_INPUT and PAGE_SIZE_OUT_OF_RANGE.
 */
export async function suggestionsFor(ctx: Context, { prefix, first }: SuggestArguments): Promise<Suggestion[]> {
  if (prefix.trim() === '' || prefix.length > MAX_PREFIX)
    badInput('prefix', `prefix is from 1 to ${MAX_PREFIX} characters long.`);
  const limit = first ?? DEFAULT_SUGGESTIONS;
  if (limit < 1 || limit > MAX_SUGGESTIONS) {
    badInput('first', `\`first\` is from 1 to ${MAX_SUGGESTIONS}, not ${limit}.`, 'PAGE_SIZE_OUT_OF_RANGE');
  }
  const words = foldedWords(prefix);
  if (words.length === 0) return [];
  const tagPrefix = beginningOfTag(prefix);
  const load = () => candidatesFor(ctx, words, tagPrefix);
  const key = JSON.stringify([words, tagPrefix]);
  const found = ctx.viewer.kind === 'anonymous' ? await ctx.services.cache.through(key, CACHE, load) : await load();
  const [documents, tags] = [await readDocuments(ctx, found.documents), await visibleTags(ctx, found.tags)];
  // A third at most for tags, so that one who types `type` sees titles too.
  const forTags = Math.max(Math.ceil(limit / 3), limit - documents.length);
  const shownTags = tags.slice(0, forTags).map((tag): Suggestion => ({ text: tag, kind: 'TAG', node: null }));
  return [...documents.slice(0, limit - shownTags.length), ...shownTags];
}

/** As content writes tags; what no tag can have is left out. */
const beginningOfTag = (prefix: string): string =>
  prefix
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^\p{L}\p{N}\p{M}.+#_-]/gu, '');

/** Twice what can be shown: some may be hidden before the cache forgets them. */
const CANDIDATES = 2 * MAX_SUGGESTIONS;
/** Matches looked at for the most popular; a beginning that more have is too short to rank. */
const MATCHES = 1000;

async function candidatesFor(ctx: Context, words: readonly string[], tagPrefix: string): Promise<Candidates> {
  const beginning = words.join(' ');
  // Every title has a word with a given first letter somewhere: a short beginning is that of the title.
  const matches =
    beginning.length < 3
      ? sql`d.title_folded like ${`${beginning}%`}`
      : sql`d.head @@ to_tsquery('simple', ${words.map((word, index) => `'${word}':${index === words.length - 1 ? '*' : ''}A`).join(' & ')})`;
  const documents = await ctx.rows<{ id: string }>(sql`
    select id from (
      select d.id, d.title_folded, d.brevity, ${popularity} as popularity from ${documentSource}
      where d.kind <> 'COMMENT' and ${matches} and ${visibleDocument(ctx)} limit ${sql.lit(MATCHES)}) m
    order by starts_with(title_folded, ${beginning}) desc, popularity desc, brevity desc, id desc limit ${sql.lit(CANDIDATES)}`);
  const tags = await ctx.rows<{ tag: string }>(sql`
    with recursive next as (
      (select tag from tagged where tag >= ${tagPrefix} order by tag limit 1)
      union all
      select (select t.tag from tagged t where t.tag > n.tag order by t.tag limit 1) from next n
      where starts_with(n.tag, ${tagPrefix}))
    select tag from next where starts_with(tag, ${tagPrefix}) limit ${sql.lit(CANDIDATES)}`);
  return { documents: documents.map((row) => row.id), tags: tags.map((row) => row.tag) };
}

async function readDocuments(ctx: Context, ids: readonly string[]): Promise<Suggestion[]> {
  const rows = await ctx.rows<{ id: string; kind: Kind; title: string }>(sql`
    select d.id, d.kind, d.title from ${documentSource}
    where d.id = any(${ids}::uuid[]) and ${visibleDocument(ctx)}
    order by array_position(${ids}::uuid[], d.id)`);
  return rows.map(({ id, kind, title }) => ({
    // A person's title is the username, then the name.
    text: kind === 'USER' ? (title.split(' ')[0] ?? title) : title,
    kind,
    node: stubOf(kind, id),
  }));
}

/** Tags that something the viewer may see has. */
async function visibleTags(ctx: Context, tags: readonly string[]): Promise<string[]> {
  const rows = await ctx.rows<{ tag: string }>(sql`
    select t.tag from unnest(${tags}::text[]) with ordinality t(tag, place)
    where exists (
      select 1 from tagged g join ${documentSource} on d.id = g.document_id
      where g.tag = t.tag collate "C" and ${visibleDocument(ctx)})
    order by t.place`);
  return rows.map((row) => row.tag);
}
