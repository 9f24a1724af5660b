import { type RawBuilder, sql } from './database.ts';
import { CodedError } from './errors.ts';
import { kindOf } from './ids.ts';

export const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/** Relay's arguments, as any connection field receives them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
}

/** A keyset page to read: `limit` rows after `key` in the list's order, or before it and then turned round. */
export interface Page {
  readonly limit: number;
  readonly key: readonly (string | number)[] | null;
  readonly backward: boolean;
}

/** What one part of a list's key is: a TypeID, an ISO moment, a number, an integer PostgreSQL's `int` holds. */
export type CursorKey = keyof typeof isCursorKey;

const isCursorKey = {
  id: (part: unknown) => kindOf(part) !== null,
  moment: (part: unknown) => typeof part === 'string' && part.length <= 30 && !Number.isNaN(Date.parse(part)),
  number: (part: unknown) => Number.isFinite(part),
  integer: (part: unknown) => Number.isInteger(part) && Math.abs(Number(part)) < 2 ** 31,
} as const;

/**
 * Reads Relay arguments. `list` names the list and its order, `keys` what its key is made of;
 * a cursor of another list, or one that was tampered with, is refused.
 * Throws PAGE_SIZE_OUT_OF_RANGE outside 1..100 and INVALID_CURSOR.
 */
export function pageOf(list: string, args: PageArguments, keys: readonly CursorKey[]): Page {
  const { first, last } = args;
  if (first != null && last != null) {
    throw new CodedError('BAD_USER_INPUT', 'Ask for `first` or for `last`, not for both.', ['first']);
  }
  const backward = last != null;
  const limit = (backward ? last : first) ?? DEFAULT_PAGE;
  if (!(limit >= 1 && limit <= MAX_PAGE)) {
    const name = backward ? 'last' : 'first';
    throw new CodedError('PAGE_SIZE_OUT_OF_RANGE', `\`${name}\` is from 1 to ${MAX_PAGE}, not ${limit}.`, [name]);
  }
  const cursor = backward ? args.before : args.after;
  if ((backward ? args.after : args.before) != null) {
    throw new CodedError('BAD_USER_INPUT', '`first` goes with `after`, `last` with `before`.', ['before']);
  }
  return { limit, backward, key: cursor == null ? null : readCursor(list, cursor, keys) };
}

export function cursorOf(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

function readCursor(list: string, cursor: string, keys: readonly CursorKey[]): readonly (string | number)[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = null;
  }
  const [of, ...key] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (typeof of === 'string' && of !== list) {
    throw new CodedError('INVALID_CURSOR', 'That cursor belongs to another list, filter or order.');
  }
  if (of !== list || !isKey(key, keys)) {
    throw new CodedError('INVALID_CURSOR', 'That is no cursor of ours: pass one from `edges.cursor` or `pageInfo`.');
  }
  return key as (string | number)[];
}

function isKey(parts: readonly unknown[], keys: readonly CursorKey[]): boolean {
  return parts.length === keys.length && keys.every((key, at) => isCursorKey[key](parts[at]));
}

/** How many rows queries of pages ask for: few texts, so that each is planned once, by how many it is about. */
const ROWS_ASKED = [11, 21, 51, MAX_PAGE + 1];

/** The number of rows to ask for, at least one more than the page has: `connectionOf` leaves out what is too many. */
export const rowsOfPage = ({ limit }: Page): RawBuilder<number> =>
  sql.lit(ROWS_ASKED.find((rows) => rows > limit) ?? MAX_PAGE + 1);

/** Makes a connection of the rows a page's query gave; the query asks for `rowsOfPage`, so that the next page is known. */
export function connectionOf<Row>(
  list: string,
  page: Page,
  rows: readonly Row[],
  keyOf: (row: Row) => readonly (string | number)[],
): Connection<Row> {
  const hasMore = rows.length > page.limit;
  const kept = rows.slice(0, page.limit);
  if (page.backward) kept.reverse();
  const edges = kept.map((node) => ({ node, cursor: cursorOf(list, keyOf(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? page.key !== null : hasMore,
      hasPreviousPage: page.backward ? hasMore : page.key !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
