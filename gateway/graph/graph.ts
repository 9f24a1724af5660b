import { createHash } from 'node:crypto';
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
  const subgraphs = subgraphsOf(sdl);
  const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
  const leaks = findLeaks(supergraph.schema);
  if (leaks.length > 0) throw new Error(leaks.map(({ message }) => message).join('\n'));
  const schema = supergraph.apiSchema().toGraphQLJSSchema({ includeDefer });
  assertValidSchema(schema);
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
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
