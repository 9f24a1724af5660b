import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'kit/logger';
import type { GatewaySettings } from './config.ts';
import { createErrorFormatter, refusal, type FormatError } from './errors.ts';
import type { RequestContext } from './execution/context.ts';
import type { FetchFromSubgraph } from './execution/fetch.ts';
import { runOperation } from './execution/run.ts';
import type { Graph } from './graph/graph.ts';
import { requests, requestSeconds } from './metrics.ts';
import type { Coerced, Operation } from './operation/operation.ts';
import { createPreparation, Refused } from './operation/prepare.ts';

/** What a client asks, whichever door it came by. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An operation that has passed every check, with its variables. */
export interface Ready {
  readonly operation: Operation;
  readonly variables: Coerced;
}

/** Why nothing has run. */
export interface Refusal {
  readonly errors: readonly GraphQLError[];
}

export interface Pipeline {
  readonly graph: () => Graph;
  /** Checks a request. Never throws for what a client can do wrong. */
  readonly prepare: (request: GraphqlRequest, context: RequestContext) => Promise<Ready | Refusal>;
  /** Runs a query or mutation. Never rejects. */
  readonly execute: (ready: Ready, context: RequestContext) => Promise<Answer>;
  /** Errors as clients see them. */
  readonly format: FormatError;
}

export interface PipelineOptions {
  readonly graph: Graph;
  readonly settings: GatewaySettings;
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly logger: Logger;
}

export const isRefusal = (outcome: Ready | Refusal): outcome is Refusal => 'errors' in outcome;

/** The way of every operation: prepared once by its text, then fetched and shaped. */
export function createPipeline({ graph, settings, fetchFromSubgraph, logger }: PipelineOptions): Pipeline {
  const preparation = createPreparation(graph, settings);
  const format = createErrorFormatter(logger);
  return {
    graph: () => graph,
    format,
    prepare: async ({ query, operationName, variables }) => {
      try {
        const operation = preparation.prepare(query, operationName);
        const coerced = operation.coerce(variables);
        return 'sent' in coerced ? { operation, variables: coerced } : { errors: coerced };
      } catch (error) {
        return { errors: errorsOf(error) };
      }
    },
    execute: async ({ operation, variables }, context) => {
      const type = operation.node.operation;
      const startedAt = performance.now();
      const answer = await runOperation(operation, variables, context, fetchFromSubgraph).catch(
        (error: unknown): Answer => ({ data: null, errors: [format(asGraphQLError(error))] }),
      );
      requests.inc({ operation: type, outcome: answer.errors ? 'errors' : 'success' });
      requestSeconds.observe({ operation: type }, (performance.now() - startedAt) / 1000);
      return answer;
    },
  };
}

function errorsOf(error: unknown): readonly GraphQLError[] {
  return error instanceof Refused ? error.errors : [asGraphQLError(error)];
}

const asGraphQLError = (error: unknown): GraphQLError => {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError('failed', { originalError });
};

/** Subscriptions have doors of their own. */
export const notHere = (): GraphQLError =>
  refusal('BAD_REQUEST', 'Subscriptions are served over WebSocket at this path (protocol graphql-transport-ws).', {
    status: 400,
  });
