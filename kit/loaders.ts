import DataLoader from 'dataloader';
import type { Context } from './context.ts';

/** Reads one thing by key; all asked for in one tick are read together, once per request. */
export interface Loader<Key, Value> {
  (ctx: Context, key: Key): Promise<Value>;
  many: (ctx: Context, keys: readonly Key[]) => Promise<Value[]>;
  /** Forgets what this request has read, after it has written. */
  clear: (ctx: Context, key: Key) => void;
}

/** `read` answers in the order of its keys; what does not exist, or may not be seen, is null. */
export function defineLoader<Key, Value>(
  read: (ctx: Context, keys: readonly Key[]) => Promise<readonly Value[]>,
): Loader<Key, Value> {
  const perContext = new WeakMap<object, DataLoader<Key, Value>>();
  const loaderOf = (ctx: Context): DataLoader<Key, Value> => {
    let loader = perContext.get(ctx.loaderScope);
    if (!loader) {
      loader = new DataLoader<Key, Value>((keys) => read(ctx, keys), { maxBatchSize: 1000 });
      perContext.set(ctx.loaderScope, loader);
    }
    return loader;
  };
  return Object.assign((ctx: Context, key: Key) => loaderOf(ctx).load(key), {
    many: (ctx: Context, keys: readonly Key[]) => Promise.all(keys.map((key) => loaderOf(ctx).load(key))),
    clear: (ctx: Context, key: Key) => void loaderOf(ctx).clear(key),
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
