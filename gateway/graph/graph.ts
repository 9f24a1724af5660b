import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { assertValidSchema, type GraphQLSchema } from 'graphql';
import { createAuthorization, type Authorization } from '../authorization/authorization.ts';
import { findLeaks } from '../authorization/leaks.ts';
import { plannable } from './plannable/plannable.ts';
import { requiredNames } from './required-names.ts';
import { subgraphsOf, type SubgraphAddress } from './supergraph.ts';

/** One loaded supergraph. A reload makes another one; what has begun on this one ends on it. */
export interface Graph {
  /** Digest of the SDL: the same supergraph has the same id in every gateway. */
  readonly id: string;
  readonly sdl: string;
  readonly subgraphs: readonly SubgraphAddress[];
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Everything, with the directives that say who owns what. */
  readonly supergraphSchema: GraphQLSchema;
  readonly requiredNames: ReadonlySet<string>;
  /** What subgraphs call the fields that are required with arguments, by the names that they are asked for under. */
  readonly askedUnder: ReadonlyMap<string, string>;
  /** Null where everything is for everybody. */
  readonly authorization: Authorization | null;
}

export const graphIdOf = (sdl: string): string => createHash('sha256').update(sdl).digest('base64url').slice(0, 16);

/**
 * Loads a supergraph; the planner loads it once more in its own thread. Throws where the SDL is none, or where its API could
 * not be served.
 * @param includeDefer Whether clients may use @defer.
 */
export function loadGraph(sdl: string, includeDefer = true): Graph {
  const loading = load(sdl, includeDefer);
  for (;;) {
    const step = loading.next();
    if (step.done) return step.value;
  }
}

/** The same for a gateway that serves meanwhile: requests pass between one part of the work and the next. */
export async function loadGraphBetweenRequests(sdl: string, includeDefer = true): Promise<Graph> {
  const loading = load(sdl, includeDefer);
  for (;;) {
    const step = loading.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** Stops where others may have their turn: for a graph of 231 types the longest part takes 25 to 70 of some 150 ms, the first time 180 of 430. */
function* load(sdl: string, includeDefer: boolean): Generator<undefined, Graph, undefined> {
  const subgraphs = subgraphsOf(sdl);
  yield;
  const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  yield;
  const leaks = findLeaks(supergraph.schema);
  if (leaks.length > 0) throw new Error(leaks.map(({ message }) => message).join('\n'));
  yield;
  const api = supergraph.apiSchema();
  yield;
  const schema = api.toGraphQLJSSchema({ includeDefer });
  assertValidSchema(schema);
  yield;
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  yield;
  const planned = plannable(sdl);
  return {
    id: graphIdOf(sdl),
    sdl,
    subgraphs,
    schema,
    supergraphSchema,
    requiredNames: requiredNames(planned.sdl),
    askedUnder: new Map([...planned.fields].map(([name, { field }]) => [name, field])),
    authorization: createAuthorization(supergraph.schema, schema),
  };
}
