import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Logger } from 'kit/logger';
import type { SubgraphResponse } from 'kit/request';
import { inOwnScope } from 'kit/scope';
import type { Viewer } from 'kit/viewer';
import { codeOf, refusal } from '../errors.ts';
import { createContext, type RequestContext } from '../execution/context.ts';
import { SUBGRAPH_UNAVAILABLE, type FetchFromSubgraph } from '../execution/fetch.ts';
import { runOperation } from '../execution/run.ts';
import { liveHydrations } from '../metrics.ts';
import { isRefusal, type Answer, type Ready, type Refusal } from '../answer.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Turns } from '../resilience.ts';
import { tracedEvent } from '../telemetry/traced.ts';
import { headersOf, type Connection, type Connections } from './connections.ts';
import { createDelivery, type Attempt, type Outcome } from './delivery.ts';
import { outcomeIn } from './groups.ts';
import type { SourceEvent } from './source.ts';
import type { Subscription } from './subscribed.ts';

export interface EventTools {
  readonly fetchFromSubgraph: FetchFromSubgraph;
  readonly connections: Connections;
  readonly pipeline: Pipeline;
  /** For each try to work out what an event is for a viewer, by the subgraph whose event it is: one that hangs holds up its own. */
  readonly turnsOf: (subgraph: string) => Turns;
  readonly log: Logger;
}

/** The owner says so where this viewer may not see, or no longer sees, what the event is about. */
const HIDDEN: ReadonlySet<string> = new Set(['NOT_FOUND', 'FORBIDDEN']);
/** Worth another try: the event waits, and its subscription's queue is bounded. */
const PASSING: ReadonlySet<string> = new Set([SUBGRAPH_UNAVAILABLE, 'RETRY_LATER']);
/** A subgraph that lags behind the event is given one more chance: its part of this event never comes again. */
const MOST_TRIES_BEHIND = 2;
/** About half a minute, the time a subgraph may take to start again. */
const RETRY_MILLISECONDS = [100, 200, 400, 800, 1500, ...Array.from({ length: 13 }, () => 2000)];

/**
 * What one event is for a subscription's viewer at this moment: worked out once for all subscriptions of the same viewer that
 * ask the same. Throws UNAUTHENTICATED.
 */
export function outcomeOf(tools: EventTools, subscription: Subscription, event: SourceEvent): Promise<Outcome> {
  const { group, connection } = subscription;
  return outcomeIn(group, keyOf(event), () => {
    const requestId = crypto.randomUUID();
    // With the credentials of all who get it: those of this one may be refreshed meanwhile.
    const asking = { subscription, holder: { ...connection } };
    const hydrate = () => tryUntilFinal(tools, asking, event, requestId);
    return inOwnScope(requestId, () => tracedEvent(subscription.ready.operation, requestId, hydrate));
  });
}

/** A repeated delivery has the same id, and cursors may begin anew: together they are one event, delivered once. */
const keyOf = ({ cursor, id }: SourceEvent): string => `${cursor} ${id}`;

interface Asking {
  /** As it is by now, after a reload. */
  readonly subscription: Subscription;
  /** As it was when it was asked. */
  readonly holder: Connection;
}

/** What is only away for a while is asked again. */
async function tryUntilFinal(
  tools: EventTools,
  asking: Asking,
  event: SourceEvent,
  requestId: string,
): Promise<Outcome> {
  const { subscription } = asking;
  // By the time it is their turn, all who wanted it may have left.
  const tryNow = async (): Promise<Attempt> =>
    subscription.group.members > 0 ? tryOnce(tools, asking, event, requestId) : HIDDEN_ATTEMPT;
  const inTurn = tools.turnsOf(subscription.ready.operation.primary?.serviceName ?? '');
  for (let attempt = 0; ; attempt++) {
    const delay = RETRY_MILLISECONDS[attempt];
    const { isFinal, isBehind, outcome } = await inTurn(tryNow);
    if (isFinal || delay === undefined || (isBehind && attempt + 1 >= MOST_TRIES_BEHIND)) return outcome;
    await new Promise((resolve) => setTimeout(resolve, delay).unref());
  }
}

const HIDDEN_ATTEMPT: Attempt = { isFinal: true, outcome: 'hidden' };

async function tryOnce(
  tools: EventTools,
  { subscription, holder }: Asking,
  event: SourceEvent,
  requestId: string,
): Promise<Attempt> {
  const viewer = await viewerOf(tools, holder, requestId);
  if (!viewer)
    return {
      isFinal: false,
      outcome: createDelivery({ data: null, errors: [tools.pipeline.format(notNow())] }, event),
    };
  const { id, type } = event;
  const since = type === undefined ? [] : [{ id, type }];
  const context = createContext(viewer, requestId, holder.client, headersOf(holder), since);
  const { shared } = subscription;
  if (shared) return tryShared(tools, subscription, shared, event, context);
  const ready = await readyFor(tools, subscription, context);
  return ready ? tryOwn(tools, { ...subscription, ready }, event, context) : HIDDEN_ATTEMPT;
}

/** What this viewer's rights leave of the operation at this moment; null where it is nothing. */
async function readyFor(
  { pipeline }: EventTools,
  subscription: Subscription,
  context: RequestContext,
): Promise<Ready | null> {
  if (!subscription.ready.operation.graph.authorization) return subscription.ready;
  const ready = await prepareAgain(pipeline, subscription, context);
  return isRefusal(ready) || !ready.operation.primary ? null : ready;
}

/** The operation of a subscription on the pipeline's present graph: its text has been let in before, and plugins have seen it. */
export function prepareAgain(
  pipeline: Pipeline,
  { request, ready: { operation, given } }: Pick<Subscription, 'request' | 'ready'>,
  context: RequestContext,
): Promise<Ready | Refusal> {
  const again = {
    query: operation.text,
    operationName: operation.name,
    variables: given,
    extensions: {},
    isOwn: true,
    isRunning: true,
  } as const;
  return pipeline.prepare({ ...request, ...again }, context);
}

/**
 * An answer that is the same for all who may have it: the first viewer's own is everybody's, and of the others only whether
 * they may is asked.
 */
async function tryShared(
  tools: EventTools,
  subscription: Subscription,
  shared: NonNullable<Subscription['shared']>,
  event: SourceEvent,
  context: RequestContext,
): Promise<Attempt> {
  const key = keyOf(event);
  const known = shared.outcomes.get(key);
  if (known && subscription.source.askWhether) {
    const verdict = verdictOf(await subscription.source.askWhether(subscription.ready, event, context));
    if (verdict === 'hidden') return HIDDEN_ATTEMPT;
    if (verdict === 'passing') return tryOwn(tools, subscription, event, context);
  }
  const first = known ?? outcomeIn(shared, key, () => tryOwn(tools, subscription, event, context));
  // What the first one fails at is said to nobody else.
  const attempt = await (known ? first.catch(() => null) : first);
  if (attempt?.isFinal && attempt.outcome !== 'hidden') return attempt;
  // Nobody's answer is not everybody's: the next one who may have it asks.
  if (shared.outcomes.get(key) === first) shared.outcomes.delete(key);
  if (attempt?.isBehind) return attempt;
  return known || !attempt ? tryShared(tools, subscription, shared, event, context) : attempt;
}

async function tryOwn(
  tools: EventTools,
  { source, ready, shared }: Pick<Subscription, 'source' | 'ready' | 'shared'>,
  event: SourceEvent,
  context: RequestContext,
): Promise<Attempt> {
  const { operation, variables } = ready;
  const answer = await source.ask(ready, event, context);
  const verdict = verdictOf(answer);
  if (verdict === 'hidden') return HIDDEN_ATTEMPT;
  const known = { data: answer.data ?? {}, errors: answer.errors ?? [] };
  liveHydrations.inc({ sharing: shared ? 'shared' : 'viewer' });
  const { onEvent } = tools.pipeline;
  const hydrated: Answer = await runOperation(operation, variables, context, tools.fetchFromSubgraph, known);
  const result = onEvent ? await onEvent(operation, hydrated, context) : hydrated;
  const isBehind = verdict === 'visible' && (hydrated.errors ?? []).some(isLate);
  return { isFinal: verdict === 'visible' && !isBehind, isBehind, outcome: createDelivery(result, event) };
}

const isLate = ({ extensions }: GraphQLFormattedError): boolean => extensions?.['code'] === 'RETRY_LATER';

type Verdict = 'hidden' | 'visible' | 'passing';

/** What the owner has said of an event. No answer and no error says that there is nothing for this viewer. Throws UNAUTHENTICATED. */
function verdictOf({ data, errors = [] }: SubgraphResponse): Verdict {
  const isEmpty = Object.values(data ?? {}).every((value) => value === null);
  if (!isEmpty) return 'visible';
  const codes = errors.map((error) => String(error.extensions?.['code']));
  if (codes.includes('UNAUTHENTICATED')) throw refusal('UNAUTHENTICATED', 'These credentials have ended.');
  if (codes.every((code) => HIDDEN.has(code))) return 'hidden';
  return codes.some((code) => PASSING.has(code)) ? 'passing' : 'visible';
}

const notNow = (): GraphQLError =>
  refusal('RETRY_LATER', 'It cannot be checked just now whether you may see this event.');

/** The viewer at this moment; null where that cannot be found out. */
async function viewerOf(
  { connections, log }: EventTools,
  holder: Connection,
  requestId: string,
): Promise<Viewer | null> {
  try {
    return await connections.viewerOf(holder, requestId);
  } catch (error) {
    if (codeOf(error) === 'UNAUTHENTICATED') throw error;
    log.error({ err: error, requestId }, "a subscriber's credentials could not be checked");
    return null;
  }
}
