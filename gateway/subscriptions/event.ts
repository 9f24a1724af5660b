import type { FetchNode } from '@apollo/query-planner';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { LiveEvent } from 'kit/live';
import type { Logger } from 'kit/logger';
import type { SubgraphResponse } from 'kit/request';
import { inScope } from 'kit/scope';
import type { Client, Viewer } from 'kit/viewer';
import { codeOf, refusal } from '../errors.ts';
import { createContext, type RequestContext } from '../execution/context.ts';
import { compileVariables } from '../execution/variables.ts';
import { SUBGRAPH_UNAVAILABLE, type FetchFromSubgraph } from '../execution/fetch.ts';
import { runOperation } from '../execution/run.ts';
import type { Ready } from '../pipeline.ts';

/** One client's subscription, checked and planned. */
export interface Subscription extends Ready {
  readonly client: Client;
  /** Cursor of the last event the client has; null follows from now on. */
  readonly resumeFrom: string | null;
  /** Who asks, at this moment. Throws UNAUTHENTICATED once the connection's credentials have ended. */
  readonly authenticate: (requestId: string) => Promise<Viewer>;
  /** The credentials have ended, or the reader is too slow: the socket goes, with a reason. */
  readonly onUnauthenticated: () => void;
  readonly onOverflow: () => void;
}

export interface EventTools {
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly log: Logger;
}

/** The owner says so where this viewer may not see, or no longer sees, what the event is about. */
const HIDDEN: ReadonlySet<string> = new Set(['NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED']);
/** Worth another try: the event waits, and its subscription's queue is bounded. */
const PASSING: ReadonlySet<string> = new Set([SUBGRAPH_UNAVAILABLE, 'RETRY_LATER']);
/** About half a minute, the time a subgraph may take to start again. */
const RETRY_MILLISECONDS = [100, 200, 400, 800, 1500, ...Array.from({ length: 13 }, () => 2000)];

/** Asks the subgraph that owns a subscription's root field. */
export function askOwner(
  { fetchFromSubgraph }: EventTools,
  { operation, variables: { sent } }: Subscription,
  context: RequestContext,
  live: 'subscribe' | { readonly event: Readonly<Record<string, unknown>> },
): Promise<SubgraphResponse> {
  const primary = operation.primary as FetchNode;
  const variables = compileVariables(primary.variableUsages ?? [])(sent);
  const request = { query: primary.operation, operationName: primary.operationName ?? null, variables, live };
  return fetchFromSubgraph(primary.serviceName, request, context);
}

/**
 * What one event is for this viewer at this moment: a result, or that it is not for them. What is only away for a while is
 * asked again. Throws UNAUTHENTICATED.
 */
export function resultOfEvent(
  tools: EventTools,
  subscription: Subscription,
  event: LiveEvent,
  isEnded: () => boolean,
): Promise<ExecutionResult | 'hidden'> {
  const requestId = crypto.randomUUID();
  return inScope(requestId, async () => {
    for (let attempt = 0; !isEnded(); attempt++) {
      const delay = RETRY_MILLISECONDS[attempt];
      const result = await tryEvent(tools, subscription, event, requestId);
      if (result.isFinal || delay === undefined) return result.value;
      await new Promise((resolve) => setTimeout(resolve, delay).unref());
    }
    return 'hidden';
  });
}

interface Attempt {
  readonly isFinal: boolean;
  readonly value: ExecutionResult | 'hidden';
}

async function tryEvent(
  tools: EventTools,
  subscription: Subscription,
  event: LiveEvent,
  requestId: string,
): Promise<Attempt> {
  const extensions = { cursor: event.cursor, ...(event.hasGap ? { gap: true } : {}) };
  const viewer = await viewerOf(tools, subscription, requestId);
  if (!viewer) return { isFinal: false, value: { data: null, errors: [notNow()], extensions } };
  const context = createContext(viewer, requestId, subscription.client);
  const answer = await askOwner(tools, subscription, context, { event: event.payload });
  const codes = answer.errors?.map((error) => String(error.extensions?.['code'])) ?? [];
  const isEmpty = Object.values(answer.data ?? {}).every((value) => value === null);
  if (isEmpty && codes.includes('UNAUTHENTICATED')) subscription.onUnauthenticated();
  if (isEmpty && codes.every((code) => HIDDEN.has(code))) return { isFinal: true, value: 'hidden' };
  const isFinal = !isEmpty || !codes.some((code) => PASSING.has(code));
  const { operation, variables } = subscription;
  const known = { data: answer.data ?? {}, errors: answer.errors ?? [] };
  const result = await runOperation(operation, variables, context, tools.fetchFromSubgraph, known);
  return { isFinal, value: { ...(result as ExecutionResult), extensions } };
}

const notNow = (): GraphQLError =>
  refusal('RETRY_LATER', 'It cannot be checked just now whether you may see this event.');

/** The viewer at this moment; null where that cannot be found out. */
async function viewerOf(
  { log }: EventTools,
  { authenticate, onUnauthenticated }: Subscription,
  requestId: string,
): Promise<Viewer | null> {
  try {
    return await authenticate(requestId);
  } catch (error) {
    if (codeOf(error) === 'UNAUTHENTICATED') {
      onUnauthenticated();
      throw error;
    }
    log.error({ err: error, requestId }, "a subscriber's credentials could not be checked");
    return null;
  }
}
