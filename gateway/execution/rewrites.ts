import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isData, isOfType, own, put, type Data } from './data.ts';

type Rewrite = NonNullable<FetchNode['inputRewrites']>[number];

const FRAGMENT = '... on ';

/** Applies what the planner wants changed in data before it is sent, or after it has come: names of types and of keys. */
export function applyRewrites(schema: GraphQLSchema, rewrites: readonly Rewrite[], data: Data): void {
  for (const rewrite of rewrites) {
    const last = rewrite.path.at(-1);
    if (last === undefined) continue;
    applyAt(schema, rewrite.path.slice(0, -1), data, (object) => rewriteField(rewrite, object, last));
  }
}

function rewriteField(rewrite: Rewrite, object: Data, name: string): void {
  if (rewrite.kind === 'ValueSetter') return put(object, name, rewrite.setValueTo);
  const value = own(object, name);
  if (value === undefined) return;
  put(object, rewrite.renameKeyTo, value);
  delete object[name];
}

function applyAt(schema: GraphQLSchema, path: readonly string[], value: unknown, change: (object: Data) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) applyAt(schema, path, one, change);
    return;
  }
  if (!isData(value)) return;
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  if (!first.startsWith(FRAGMENT)) return applyAt(schema, rest, own(value, first), change);
  if (isOfType(schema, value, first.slice(FRAGMENT.length), true)) applyAt(schema, rest, value, change);
}
