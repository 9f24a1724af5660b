import type { GraphQLSchema } from 'graphql';
import type { SubgraphError, SubgraphRequest, SubgraphResponse } from 'kit/request';
import { copy, isData, merge, type Data } from './data.ts';
import { mergeDocuments, type EntityDocument } from './entity-document.ts';
import { split, type EntityMemory } from './entity-memory.ts';
import type { EntityFetch, PlanRun, Step } from './plan.ts';
import { compileRepresentation, type Represent } from './representation.ts';
import { applyRewrites } from './rewrites.ts';
import { clientPathsOf, commonPath, targetsAt } from './targets.ts';
import { compileVariables } from './variables.ts';

/** Lookups of one subgraph's entities at one moment of a plan. */
export function compileEntityFetches(schema: GraphQLSchema, fetches: readonly EntityFetch[]): Step {
  const lookups = fetches.map((fetch) => compileLookup(schema, fetch));
  const requestOf = compileRequests(fetches);
  const service = fetches[0]?.node.serviceName ?? '';
  const variablesOf = compileVariables(fetches.flatMap(({ node }) => node.variableUsages ?? []));
  const ask: Ask = (run, asked) => {
    if (asked.every(({ representations }) => representations.length === 0)) return undefined;
    const request = requestOf(asked, run.variables);
    return run.fetch(service, request).then((answer) => receive(run, asked, answer, request.aliases));
  };
  return (run) => {
    const asked = lookups.map((lookup) => lookup.collect(run));
    return run.memory ? askForUnknown(run, run.memory, asked, variablesOf(run.variables), ask) : ask(run, asked);
  };
}

type Ask = (run: PlanRun, asked: readonly Asked[]) => Promise<void> | undefined;

/** Asks only for what is not remembered; where nothing may be remembered that is everything, and at once. */
function askForUnknown(
  run: PlanRun,
  memory: EntityMemory,
  asked: readonly Asked[],
  variables: Readonly<Record<string, unknown>>,
  ask: Ask,
): Promise<void> | undefined {
  const recalling = asked.map(({ lookup, representations }) =>
    representations.length === 0 ? null : memory.recall(lookup.fetch.node, representations, variables),
  );
  if (recalling.every((one) => one === null)) return ask(run, asked);
  return Promise.all(recalling.map((one) => one ?? Promise.resolve(null))).then((recalled) => {
    const missing = asked.map((one, index) => {
      const known = recalled[index];
      if (!known) return one;
      const parts = split(one, known);
      one.lookup.give(parts.known.asked, parts.known.entities);
      return { ...parts.missing, remember: parts.remember };
    });
    return ask(run, missing);
  });
}

/** One lookup, with the data at hand. */
interface Asked {
  readonly lookup: Lookup;
  /** Each different representation once. */
  readonly representations: readonly Data[];
  /** For each representation, the objects that it stands for. */
  readonly targets: readonly (readonly Data[])[];
  /** Takes what was answered without errors, before it is written into. */
  readonly remember?: (entities: readonly unknown[]) => void;
}

interface Lookup {
  readonly fetch: EntityFetch;
  readonly collect: (run: PlanRun) => Asked;
  readonly give: (asked: Asked, entities: readonly unknown[]) => void;
}

function compileLookup(schema: GraphQLSchema, fetch: EntityFetch): Lookup {
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
    collect: (run) => collect(lookup, rewritten, targetsAt(run.data, fetch.path)),
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

type EntityRequest = SubgraphRequest & { readonly aliases: readonly string[] };
type MakeRequest = (asked: readonly Asked[], variables: Readonly<Record<string, unknown>>) => EntityRequest;

/** How lookups become a request: by themselves, or several under aliases in one document that is made when first needed. */
function compileRequests(fetches: readonly EntityFetch[]): MakeRequest {
  const variablesOf = fetches.map(({ node }) => compileVariables(node.variableUsages ?? []));
  let merged: EntityDocument | undefined;
  return (asked, variables) => {
    const filled = asked.filter(({ representations }) => representations.length > 0);
    const [only] = filled;
    if (filled.length === 1 && only) return single(only, variablesOf[asked.indexOf(only)]?.(variables) ?? {});
    merged ??= mergeDocuments(fetches.map(({ node }) => node.operation));
    const own: Record<string, unknown> = {};
    for (const of of variablesOf) Object.assign(own, of(variables));
    merged.representations.forEach((name, index) => {
      own[name] = asked[index]?.representations ?? [];
    });
    const { query, operationName, aliases } = merged;
    return { query, operationName, variables: own, aliases };
  };
}

function single({ lookup, representations }: Asked, variables: Record<string, unknown>): EntityRequest {
  const { operation: query, operationName = null } = lookup.fetch.node;
  return { query, operationName, variables: { ...variables, representations }, aliases: ['_entities'] };
}

function receive(run: PlanRun, asked: readonly Asked[], answer: SubgraphResponse, aliases: readonly string[]): void {
  const { data, errors } = answer;
  const filled = aliases.length === 1 ? asked.filter(({ representations }) => representations.length > 0) : asked;
  if (errors) for (const error of errors) noteError(run, filled, aliases, error);
  if (!data) return;
  filled.forEach((one, index) => {
    const entities = data[aliases[index] ?? ''];
    if (Array.isArray(entities) && entities.length === one.representations.length) {
      if (!errors) one.remember?.(entities);
      one.lookup.give(one, entities);
    } else if (!errors && one.representations.length > 0) run.errors.push(malformed(one));
  });
}

const malformed = ({ lookup: { fetch } }: Asked): SubgraphError => ({
  message: `The part of the graph called "${fetch.node.serviceName}" gave an answer that is none.`,
  path: commonPath(fetch.path),
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: fetch.node.serviceName },
});

/** An error of a subgraph speaks of a representation by its index; clients know the objects that it stands for. */
function noteError(run: PlanRun, asked: readonly Asked[], aliases: readonly string[], error: SubgraphError): void {
  const [alias, index, ...rest] = error.path ?? [];
  const named = asked[aliases.indexOf(String(alias))];
  const targets = typeof index === 'number' ? named?.targets[index] : undefined;
  if (named && targets) {
    const places = clientPathsOf(run.data, named.lookup.fetch.path, new Set(targets));
    for (const at of places) run.errors.push({ ...error, path: [...at, ...rest] });
    return;
  }
  for (const { lookup, representations } of named ? [named] : asked) {
    if (representations.length > 0) run.errors.push({ ...error, path: commonPath(lookup.fetch.path) });
  }
}
