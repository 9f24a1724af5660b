import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { doesApply, type RuntimeType } from './collect.ts';
import { isData, isOfType, own, put, type Data } from './data.ts';

type Rewrite = NonNullable<FetchNode['inputRewrites']>[number];

const FRAGMENT = '... on ';

/** What the rewrites of an input come to for entities of one type: what they are called, and what else is to change. */
export function rewritesFor(
  schema: GraphQLSchema,
  rewrites: readonly Rewrite[],
  type: RuntimeType,
): { readonly name: string; readonly rewrites: readonly Rewrite[] } {
  let { name } = type;
  const others: Rewrite[] = [];
  for (const rewrite of rewrites) {
    const at = rewrite.path.findIndex((part) => !part.startsWith(FRAGMENT));
    const conditions = rewrite.path.slice(0, at).map((part) => part.slice(FRAGMENT.length));
    if (!conditions.every((condition) => doesApply(schema, condition, type))) continue;
    const path = rewrite.path.slice(at);
    if (rewrite.kind === 'ValueSetter' && path.length === 1 && path[0] === '__typename')
      name = String(rewrite.setValueTo);
    else others.push({ ...rewrite, path });
  }
  return { name, rewrites: others };
}

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
