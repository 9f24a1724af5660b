import { createHash } from 'node:crypto';
import type { Context } from 'kit/context';
import { badInput, CodedError } from 'kit/errors';
import { checkId, fromUuid, type Id, kindOf, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf } from 'kit/page';
import { type Kind, KINDS, stubOf } from '../document/document.loaders.ts';
import type { Asked, Hit } from './engine/engine.ts';
import { engineOf } from './search.engine.ts';
import { type Highlight, highlightsOf } from './search.highlight.ts';
import { termsOf, widened } from './search.terms.ts';

export interface SearchFilter {
  readonly kinds?: readonly Kind[] | null;
  readonly authorId?: Id | null;
  readonly communityId?: Id | null;
  readonly tag?: string | null;
  readonly since?: Date | null;
  readonly until?: Date | null;
}

export interface SearchArguments extends PageArguments {
  readonly query: string;
  readonly filter?: SearchFilter | null;
}

export interface SearchResult {
  readonly id: Id;
  readonly kind: Kind;
  readonly score: number;
  readonly node: { readonly __typename: string; readonly id: Id };
  readonly highlights: () => Promise<readonly Highlight[]>;
}

export interface SearchConnection extends Connection<SearchResult> {
  readonly counts: () => Promise<ReadonlyMap<Kind, number>>;
  readonly kinds: readonly Kind[];
}

const MAX_QUERY = 200;

/**
 * Finds documents by words, best first. Where nothing has all of them, what lacks one is found, and words that are
 * right somewhere are taken for slips. Throws BAD_USER_INPUT for a query that is empty or too long.
 */
export async function searchDocuments(ctx: Context, args: SearchArguments): Promise<SearchConnection> {
  const length = args.query.length > 2 * MAX_QUERY ? args.query.length : [...args.query].length;
  if (length > MAX_QUERY || args.query.trim() === '')
    badInput('query', `query is from 1 to ${MAX_QUERY} characters long.`);
  const conditions = conditionsOf(args.filter ?? {});
  const list = listOf(args.query, args.filter ?? {});
  const page = pageOf(list, args, ['number', 'id']);
  if (page.key) checkKey(page.key);
  const terms = await termsOf(ctx, args.query);
  if (terms.wanted.length === 0)
    return {
      ...connectionOf<SearchResult>(list, page, [], () => []),
      counts: async () => new Map(),
      kinds: conditions.kinds,
    };
  const needed = terms.wanted.filter((term) => !term.isOptional).length;
  const strict: Asked = { ...conditions, terms, needed };
  const loose: Asked = { ...conditions, terms: widened(terms), needed: Math.max(1, needed - 1) };
  const { asked, hits } = await findEither(ctx, strict, loose, withUuid(page));
  const highlights = once(() =>
    highlightsOf(
      ctx,
      asked.terms,
      hits.map((hit) => hit.id),
    ),
  );
  const results = hits.map((hit): SearchResult => ({
    ...hit,
    id: fromUuid(hit.kind.toLowerCase(), hit.id),
    node: stubOf(hit.kind, hit.id),
    highlights: async () => (await highlights()).get(hit.id) ?? [],
  }));
  const connection = connectionOf(list, page, results, (result) => [result.score, result.id]);
  return { ...connection, counts: once(() => engineOf(ctx).count(ctx, asked)), kinds: conditions.kinds };
}

/** All the terms where any document has them, else all but one. A page past the end of the first kind of list stays in it. */
async function findEither(
  ctx: Context,
  strict: Asked,
  loose: Asked,
  page: Page,
): Promise<{ asked: Asked; hits: Hit[] }> {
  const engine = engineOf(ctx);
  const hits = await engine.find(ctx, strict, page);
  if (hits.length > 0) return { asked: strict, hits };
  const any = page.key ? await engine.find(ctx, strict, { limit: 1, backward: false, key: null }) : hits;
  if (any.length > 0) return { asked: strict, hits };
  return { asked: loose, hits: await engine.find(ctx, loose, page) };
}

function conditionsOf({
  kinds,
  authorId,
  communityId,
  tag,
  since,
  until,
}: SearchFilter): Omit<Asked, 'terms' | 'needed'> {
  return {
    kinds: kinds && kinds.length > 0 ? [...new Set(kinds)] : [],
    authorId: authorId == null ? null : toUuid(checkId('user', authorId, 'authorId')),
    communityId: communityId == null ? null : toUuid(checkId('community', communityId, 'communityId')),
    tag: tag == null ? null : foldTag(tag),
    since: since ?? null,
    until: until ?? null,
  };
}

/** As content writes tags: without case, width and spaces. */
function foldTag(tag: string): string {
  const folded = tag.slice(0, 200).normalize('NFKC').trim().toLowerCase().replace(/\s+/g, '-');
  if (!/^[\p{L}\p{N}][\p{L}\p{N}\p{M}.+#_-]{0,39}$/u.test(folded))
    badInput('tag', 'tag is no tag: up to 40 letters, digits, - _ . + #.');
  return folded;
}

/** Names the list for its cursors: the same query under the same filter. */
const listOf = (query: string, filter: SearchFilter): string =>
  `search:${createHash('sha256')
    .update(JSON.stringify([query, filter]))
    .digest('base64url')
    .slice(0, 22)}`;

function checkKey([score, id]: NonNullable<Page['key']>): void {
  if (typeof score === 'number' && KINDS.some((kind) => kind.toLowerCase() === kindOf(id))) return;
  throw new CodedError('INVALID_CURSOR', 'That is no cursor of ours: pass one from `edges.cursor` or `pageInfo`.');
}

const withUuid = (page: Page): Page => ({ ...page, key: page.key && [page.key[0] ?? 0, toUuid(String(page.key[1]))] });

/** Asked for by several fields, done once. */
function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let started: Promise<Value> | null = null;
  return () => (started ??= work());
}
