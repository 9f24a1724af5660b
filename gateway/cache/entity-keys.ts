import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { appliedTo, argumentOf, text } from '../graph/composed.ts';
import type { Graph } from '../graph/graph.ts';

/** By type: the fields that entities are known by in tags. Types without a key of plain fields are known by their name alone. */
export type EntityKeys = ReadonlyMap<string, readonly string[]>;

const known = new WeakMap<GraphQLSchema, EntityKeys>();

/** For each entity its shortest key that clients may see, the most used of equals. */
export function entityKeysOf({ schema, supergraphSchema }: Pick<Graph, 'schema' | 'supergraphSchema'>): EntityKeys {
  let keys = known.get(supergraphSchema);
  if (!keys) known.set(supergraphSchema, (keys = readKeys(schema, supergraphSchema)));
  return keys;
}

function readKeys(schema: GraphQLSchema, supergraphSchema: GraphQLSchema): EntityKeys {
  const keys = new Map<string, readonly string[]>();
  for (const type of Object.values(supergraphSchema.getTypeMap())) {
    const visible = schema.getType(type.name);
    if (!isObjectType(visible) && !isInterfaceType(visible)) continue;
    const uses = new Map<string, number>();
    for (const join of appliedTo(type as Parameters<typeof appliedTo>[0], 'join__type')) {
      const key = text(argumentOf(join, 'key'))
        ?.trim()
        .split(/[\s,]+/);
      if (!key?.every((field) => visible.getFields()[field])) continue;
      const name = key.join(' ');
      uses.set(name, (uses.get(name) ?? 0) + 1);
    }
    const fieldsIn = (name: string): number => name.split(' ').length;
    const [best] = [...uses].sort(([a, usedA], [b, usedB]) => fieldsIn(a) - fieldsIn(b) || usedB - usedA);
    if (best) keys.set(type.name, best[0].split(' '));
  }
  return keys;
}

/** The tag of one entity; null where a part of its key is missing. */
export function entityTag(type: string, values: readonly unknown[]): string | null {
  const isComplete = values.every((value) => typeof value === 'string' || typeof value === 'number');
  return isComplete ? `${type}:${values.join('|')}` : null;
}
