import type { GraphQLSchema } from 'graphql';
import { joinsOf } from '../graph/joins.ts';
import { copy, isData, merge, type Data } from './data.ts';
import { compilePartial } from './partial-fetch.ts';
import type { EntityFetch, PlanRun } from './step.ts';
import { compileRepresentation, type Notes } from './representation.ts';
import { applyRewrites } from './rewrites.ts';
import { targetsAt } from './targets.ts';

/** One lookup, with the data at hand. */
export interface Asked {
  readonly lookup: Lookup;
  /** Each different representation once. */
  readonly representations: readonly Data[];
  /** For each representation, the objects that it stands for. */
  readonly targets: readonly (readonly Data[])[];
  /** Takes what was answered without errors, before it is written into. */
  readonly remember?: (entities: readonly unknown[]) => void;
  /** Entities that lack what some of the fields require: they are asked for the others. */
  readonly partial?: readonly Asked[];
}

export interface Lookup {
  readonly fetch: EntityFetch;
  readonly collect: (run: PlanRun, targets?: readonly Data[]) => Asked;
  readonly give: (asked: Asked, entities: readonly unknown[]) => void;
}

/** Compiles a lookup of entities at one place of the data. */
export function compileLookup(schema: GraphQLSchema, fetch: EntityFetch): Lookup {
  const { outputRewrites = [] } = fetch.node;
  const { interfaceObjects } = joinsOf(schema);
  const collect = compileCollect(schema, fetch);
  const lookup: Lookup = {
    fetch,
    collect: (run, targets = targetsAt(run.data, fetch.path)) => collect(lookup, targets),
    give: ({ targets }, entities) => {
      targets.forEach((same, index) => {
        const entity = entities[index];
        if (!isData(entity)) return;
        if (outputRewrites.length > 0) applyRewrites(schema, outputRewrites, entity);
        // Each target owns what it is given: a later fetch writes into it.
        for (let n = same.length - 1; n >= 0; n--) {
          const target = same[n];
          if (target) merge(target, n === 0 ? entity : (copy(entity) as Data), interfaceObjects);
        }
      });
    },
  };
  return lookup;
}

type Collect = (lookup: Lookup, found: readonly Data[]) => Asked;

function compileCollect(schema: GraphQLSchema, fetch: EntityFetch): Collect {
  const represent = compileRepresentation(schema, fetch.node);
  const partialFetch = compilePartial(schema, fetch.node);
  const partialLookups = new Map<EntityFetch['node'], Lookup>();
  const partialLookup = (node: EntityFetch['node']): Lookup => {
    let lookup = partialLookups.get(node);
    if (!lookup) partialLookups.set(node, (lookup = compileLookup(schema, { ...fetch, node })));
    return lookup;
  };
  return (lookup, found) => {
    const whole = collecting(lookup);
    let partial: Map<Lookup, Collecting> | undefined;
    const notes: Notes = { isIncomplete: false };
    for (const target of found) {
      const representation = represent(target, notes);
      if (!representation) continue;
      let into: Collecting = whole;
      if (notes.isIncomplete) {
        const node = partialFetch(representation);
        if (!node) continue;
        if (node !== fetch.node) {
          const other = partialLookup(node);
          into = (partial ??= new Map<Lookup, Collecting>()).get(other) ?? collecting(other);
          partial.set(other, into);
        }
      }
      add(into, representation, target);
    }
    return partial ? { ...whole, partial: [...partial.values()] } : whole;
  };
}

interface Collecting extends Asked {
  readonly indexes: Map<string, number>;
  readonly representations: Data[];
  readonly targets: Data[][];
}

const collecting = (lookup: Lookup): Collecting => ({
  lookup,
  indexes: new Map<string, number>(),
  representations: [],
  targets: [],
});

function add({ indexes, representations, targets }: Collecting, representation: Data, target: Data): void {
  const key = keyOf(representation);
  const index = indexes.get(key);
  if (index !== undefined) {
    targets[index]?.push(target);
    return;
  }
  indexes.set(key, representations.length);
  representations.push(representation);
  targets.push([target]);
}

/** A text that is the same for the same representation, and for no other: JSON where there is more than text and numbers. */
function keyOf(representation: Data): string {
  let key = '';
  for (const name in representation) {
    const value = representation[name];
    if (typeof value === 'string') key += `${name}"${value.length}"${value}`;
    else if (typeof value === 'number') key += `${name}:${value},`;
    else return JSON.stringify(representation);
  }
  return key;
}
