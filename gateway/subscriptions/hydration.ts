import { executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Logger } from 'kit/logger';
import type { SubgraphResponse } from 'kit/request';
import type { RequestContext } from '../execution/context.ts';
import { asProcessed } from '../execution/data-source.ts';
import type { SubscriptionPlan, SubscriptionPlanner } from './plan.ts';

/** Turns the owner's answer to one event into the client's, with the fields of other subgraphs. */
export type Hydrate = (
  plan: SubscriptionPlan,
  answer: SubgraphResponse,
  variables: Readonly<Record<string, unknown>>,
  context: RequestContext,
) => Promise<ExecutionResult>;

type PlanRequest = Parameters<typeof executeQueryPlan>[2];

/**
 * Runs the event plan as an ordinary query plan: its first fetch finds the answer already there. `services` holds a data
 * source for every subgraph.
 */
export function createHydration(
  planner: SubscriptionPlanner,
  services: Readonly<Record<string, GraphQLDataSource>>,
  logger: Logger,
): Hydrate {
  return async ({ primary, eventPlan, operationContext }, answer, variables, context) => {
    const owner = services[primary.serviceName];
    const answering: GraphQLDataSource = {
      process: (options) => {
        const isPrimary = options.request.query === primary.operation;
        if (isPrimary || !owner) return Promise.resolve(asProcessed(answer));
        return owner.process(options);
      },
    };
    const request = { request: { query: primary.operation, variables }, context, metrics: {}, logger };
    const serviceMap = { ...services, [primary.serviceName]: answering };
    const { supergraphSchema, apiSchema } = planner;
    const result = await executeQueryPlan(
      eventPlan,
      serviceMap,
      // Of Apollo's request context, plan execution reads these four.
      request as unknown as PlanRequest,
      operationContext,
      supergraphSchema,
      apiSchema,
    );
    const errors = result.errors?.map(asGraphQLError);
    return { ...(result.data === undefined ? {} : { data: result.data }), ...(errors ? { errors } : {}) };
  };
}

/** Plan execution passes on whatever was thrown; only GraphQLErrors can be sent. */
const asGraphQLError = (error: unknown): GraphQLError => {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError('plan execution failed', { originalError: error instanceof Error ? error : null });
};
