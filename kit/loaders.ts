import DataLoader from 'dataloader';
import type { Context } from './context.ts';
import type { Id } from './ids.ts';

/** Reads one thing by key; all asked for in one tick are read together, once per request. */
export interface Loader<Key, Value> {
  (ctx: Context, key: Key): Promise<Value>;
  many: (ctx: Context, keys: readonly Key[]) => Promise<Value[]>;
  /** Forgets what this request has read, after it has written. */
  clear: (ctx: Context, key: Key) => void;
  /** Forgets all of it, where keys do not say what a change has touched. */
  clearAll: (ctx: Context) => void;
}

/** `read` answers in the order of its keys; what does not exist, or may not be seen, is null. */
export function defineLoader<Key, Value>(
  read: (ctx: Context, keys: readonly Key[]) => Promise<readonly Value[]>,
  { isRemembered = true }: { readonly isRemembered?: boolean } = {},
): Loader<Key, Value> {
  const perContext = new WeakMap<object, DataLoader<Key, Value>>();
  const loaderOf = (ctx: Context): DataLoader<Key, Value> => {
    let loader = perContext.get(ctx.loaderScope);
    if (!loader) {
      loader = new DataLoader<Key, Value>((keys) => read(ctx, keys), { maxBatchSize: 1000, cache: isRemembered });
      perContext.set(ctx.loaderScope, loader);
    }
    return loader;
  };
  return Object.assign((ctx: Context, key: Key) => loaderOf(ctx).load(key), {
    many: (ctx: Context, keys: readonly Key[]) => Promise.all(keys.map((key) => loaderOf(ctx).load(key))),
    clear: (ctx: Context, key: Key) => void loaderOf(ctx).clear(key),
    clearAll: (ctx: Context) => void loaderOf(ctx).clearAll(),
  });
}

/** Rows in the order of the keys they were asked by; null where none came. */
export function inOrder<Key, Row>(
  keys: readonly Key[],
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): (Row | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

/** Rows grouped by the key they were asked by; an empty list where none came. */
export function grouped<Key, Row>(keys: readonly Key[], rows: readonly Row[], keyOf: (row: Row) => Key): Row[][] {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return keys.map((key) => groups.get(key) ?? []);
}

/**
 * Reads pages of many lists. Lists that are asked the same (which page, in which order) in one tick are read together; `read`
 * answers the rows of all of them, each list's in its order. Nothing is remembered: a list may change within a request.
 */
export function definePages<Asked, Row>(
  read: (ctx: Context, listIds: readonly Id[], asked: Asked) => Promise<readonly Row[]>,
  listOf: (row: Row) => Id,
): (ctx: Context, listId: Id, asked: Asked) => Promise<readonly Row[]> {
  // Keys are a list's id, a space, and what it is asked as JSON.
  const pages = defineLoader<string, readonly Row[]>(
    async (ctx, keys) => {
      const lists = [...new Set(keys)].map((key) => ({ key, id: key.slice(0, key.indexOf(' ')) }));
      const batches = [...Map.groupBy(lists, ({ key }) => key.slice(key.indexOf(' ')))];
      const found = await Promise.all(
        batches.map(async ([asked, batch]) => {
          const ids = batch.map(({ id }) => id);
          const rows = grouped(ids, await read(ctx, ids, JSON.parse(asked) as Asked), listOf);
          return batch.map(({ key }, index) => [key, rows[index] ?? []] as const);
        }),
      );
      const byKey = new Map(found.flat());
      return keys.map((key) => byKey.get(key) ?? []);
    },
    { isRemembered: false },
  );
  return (ctx, listId, asked) => pages(ctx, `${listId} ${JSON.stringify(asked)}`);
}
