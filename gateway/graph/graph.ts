import { createHash } from 'node:crypto';
import { Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { assertValidSchema, type GraphQLSchema } from 'graphql';
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
  /** `schema` as the planner knows it. */
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
}

export interface PlannerLimits {
  /** Plans the planner may compare for one operation: its time is bounded by them. */
  readonly maxEvaluatedPlans: number;
}

/** Apollo's own default is 10,000, which takes seconds; a thousand finds the best plan of every operation seen so far. */
const EVALUATED_PLANS = 1000;

/** Loads a supergraph. Throws where the SDL is none, or where its API could not be served. */
export function loadGraph(sdl: string, limits: PlannerLimits = { maxEvaluatedPlans: EVALUATED_PLANS }): Graph {
  const subgraphs = subgraphsOf(sdl);
  const supergraph = Supergraph.build(sdl);
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  assertValidSchema(schema);
  const { maxEvaluatedPlans } = limits;
  return {
    id: createHash('sha256').update(sdl).digest('base64url').slice(0, 16),
    sdl,
    subgraphs,
    schema,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    apiSchema,
    planner: new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true }, debug: { maxEvaluatedPlans } }),
  };
}
