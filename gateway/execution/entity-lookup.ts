import type { GraphQLSchema } from 'graphql';
import { copy, isData, merge, type Data } from './data.ts';
import type { EntityFetch, PlanRun } from './plan.ts';
import { compileRepresentation, type Represent } from './representation.ts';
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
}

export interface Lookup {
  readonly fetch: EntityFetch;
  readonly collect: (run: PlanRun, targets?: readonly Data[]) => Asked;
  readonly give: (asked: Asked, entities: readonly unknown[]) => void;
}

/** Compiles a lookup of entities at one place of the data. */
export function compileLookup(schema: GraphQLSchema, fetch: EntityFetch): Lookup {
  const { requires = [], inputRewrites = [], outputRewrites = [] } = fetch.node;
  const represent = compileRepresentation(schema, requires);
  const rewritten: Represent =
    inputRewrites.length === 0
      ? represent
      : (data) => {
          const representation = represent(data);
          if (representation) applyRewrites(schema, inputRewrites, representation);
          return representation;
        };
  const lookup: Lookup = {
    fetch,
    collect: (run, targets = targetsAt(run.data, fetch.path)) => collect(lookup, rewritten, targets),
    give: ({ targets }, entities) => {
      targets.forEach((same, index) => {
        const entity = entities[index];
        if (!isData(entity)) return;
        if (outputRewrites.length > 0) applyRewrites(schema, outputRewrites, entity);
        // Each target owns what it is given: a later fetch writes into it.
        for (let n = same.length - 1; n >= 0; n--) {
          const target = same[n];
          if (target) merge(target, n === 0 ? entity : (copy(entity) as Data));
        }
      });
    },
  };
  return lookup;
}

function collect(lookup: Lookup, represent: Represent, found: readonly Data[]): Asked {
  const indexes = new Map<string, number>();
  const representations: Data[] = [];
  const targets: Data[][] = [];
  for (const target of found) {
    const representation = represent(target);
    if (!representation) continue;
    const key = keyOf(representation);
    const index = indexes.get(key);
    if (index !== undefined) {
      targets[index]?.push(target);
      continue;
    }
    indexes.set(key, representations.length);
    representations.push(representation);
    targets.push([target]);
  }
  return { lookup, representations, targets };
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
