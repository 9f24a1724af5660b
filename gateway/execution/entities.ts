import type { GraphQLSchema } from 'graphql';
import type { SubgraphRequest } from 'kit/request';
import { compileContexts } from './context-arguments.ts';
import { receive } from './entity-answer.ts';
import { mergeDocuments, type EntityDocument } from './entity-document.ts';
import { compileLookup, type Asked } from './entity-lookup.ts';
import { split, type EntityMemory } from './entity-memory.ts';
import type { EntityFetch, PlanRun, Step } from './step.ts';
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
    const asking = run.memory
      ? askForUnknown(run, run.memory, asked, variablesOf(run.variables), ask)
      : ask(run, asked);
    if (asked.every(({ partial }) => partial === undefined)) return asking;
    const partial = asked.flatMap((one) => one.partial ?? NONE);
    return Promise.all([asking, ...partial.map((one) => askAlone(run, one))]).then(done);
  };
}

const NONE: readonly Asked[] = [];
const done = (): void => undefined;

/** A lookup in a request of its own. */
async function askAlone(run: PlanRun, asked: Asked, further: Readonly<Record<string, unknown>> = {}): Promise<void> {
  if (asked.representations.length === 0) return;
  const { serviceName, variableUsages = [] } = asked.lookup.fetch.node;
  const request = single(asked, { ...compileVariables(variableUsages)(run.variables), ...further });
  receive(run, [asked], await run.fetch(serviceName, request), request.aliases);
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

/** A lookup whose arguments are filled from objects above the entities: one request for each set of values. */
export function compileContextFetch(
  schema: GraphQLSchema,
  fetch: EntityFetch,
  rewrites: NonNullable<EntityFetch['node']['contextRewrites']>,
): Step {
  const filled = new Set(rewrites.map(({ renameKeyTo }) => renameKeyTo));
  // A variable that a client sends under such a name does not stand in for an object's value.
  const variableUsages = (fetch.node.variableUsages ?? []).filter((name) => !filled.has(name));
  const lookup = compileLookup(schema, { ...fetch, node: { ...fetch.node, variableUsages } });
  const groupsOf = compileContexts(schema, rewrites, fetch.path);
  return async (run) => {
    const asking = groupsOf(run.data).flatMap(({ values, targets }) => {
      const asked = lookup.collect(run, targets);
      return [asked, ...(asked.partial ?? NONE)].map((one) => askAlone(run, one, values));
    });
    await Promise.all(asking);
  };
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
