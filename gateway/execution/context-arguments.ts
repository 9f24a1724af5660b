import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isData, isOfType, own, type Data } from './data.ts';
import type { PlanPath } from './targets.ts';

/** Values of arguments that objects above an entity fill (`@fromContext`), by the variable that carries them. */
export type ContextValues = Readonly<Record<string, unknown>>;

/** The objects at a path that have the same objects' values above them. */
export interface ContextGroup {
  readonly values: ContextValues;
  readonly targets: readonly Data[];
}

const UP = '..';
const FRAGMENT = '... on ';

/** Compiles how a fetch's context arguments are found: entities are asked for together where the values are the same. */
export function compileContexts(
  schema: GraphQLSchema,
  rewrites: NonNullable<FetchNode['contextRewrites']>,
  path: PlanPath,
): (data: Data) => readonly ContextGroup[] {
  return (data) => {
    const groups = new Map<string, { values: ContextValues; targets: Data[] }>();
    for (const lineage of lineagesAt(data, path)) {
      const values: Record<string, unknown> = {};
      for (const { path: way, renameKeyTo } of rewrites) {
        // Several rewrites may name one argument, each for a type that may set its context.
        const value = valueAlong(schema, lineage, way);
        if (value !== undefined) values[renameKeyTo] = value;
      }
      const key = JSON.stringify(values);
      const group = groups.get(key) ?? { values, targets: [] };
      groups.set(key, group);
      const target = lineage.at(-1);
      if (target) group.targets.push(target);
    }
    return [...groups.values()];
  };
}

/** From an entity up to an object above it, then down to the value; undefined where the way leads nowhere. */
function valueAlong(schema: GraphQLSchema, lineage: readonly Data[], way: readonly string[]): unknown {
  const ups = way.filter((part) => part === UP).length;
  let value: unknown = lineage.at(-1 - ups);
  for (const part of way) {
    if (part === UP) continue;
    if (!isData(value)) return undefined;
    if (!part.startsWith(FRAGMENT)) value = own(value, part);
    else if (!isOfType(schema, value, part.slice(FRAGMENT.length), true)) return undefined;
  }
  return value;
}

/** For every object at a path, the objects from the root down to it. */
function lineagesAt(data: Data, path: PlanPath): (readonly Data[])[] {
  const lineages: (readonly Data[])[] = [];
  const walk = (value: unknown, at: number, above: readonly Data[]): void => {
    if (Array.isArray(value)) {
      for (const one of value) walk(one, path[at] === '@' ? at + 1 : at, above);
    } else if (isData(value)) {
      const lineage = [...above, value];
      if (at === path.length) lineages.push(lineage);
      else walk(own(value, String(path[at])), at + 1, lineage);
    }
  };
  walk(data, 0, []);
  return lineages;
}
