import { GraphQLError, type ExecutionResult } from 'graphql';
import { LiveOverflow, type LiveFollow, type LiveFollower } from 'kit/live';
import type { SubgraphError } from 'kit/request';
import { inScope } from 'kit/scope';
import { codeOf, refusal } from '../errors.ts';
import { createContext } from '../execution/context.ts';
import { liveEvents, subscriptions } from '../metrics.ts';
import { askOwner, resultOfEvent, type EventTools, type Subscription } from './event.ts';
import { createSeen } from './seen.ts';

export interface SourceTools extends EventTools {
  /** Null where no Redis is configured: subscriptions are refused. */
  readonly follower: LiveFollower | null;
}

type Results = AsyncIterableIterator<ExecutionResult, undefined>;

/**
 * Starts a subscription: its owner checks the viewer and names the topic. Answers the errors of a refusal, or an iterator
 * of results. Throws UNAUTHENTICATED.
 */
export async function openSubscription(
  tools: SourceTools,
  subscription: Subscription,
): Promise<readonly GraphQLError[] | Results> {
  const requestId = crypto.randomUUID();
  const { follower } = tools;
  if (!follower) return [refusal('SUBSCRIPTIONS_UNAVAILABLE', 'Live events are not configured here.')];
  return inScope(requestId, async () => {
    const context = createContext(await subscription.authenticate(requestId), requestId, subscription.client);
    const answer = await askOwner(tools, subscription, context, 'subscribe');
    if (answer.errors && answer.errors.length > 0) return answer.errors.map(asGraphQLError);
    const topic = answer.extensions?.topic;
    if (topic === undefined) throw new Error(`${subscription.operation.primary?.serviceName} has named no topic`);
    const from = subscription.resumeFrom ?? undefined;
    return resultsOf(tools, subscription, follower.follow(topic, { from, onOverflow: subscription.onOverflow }));
  });
}

const asGraphQLError = ({ message, path, extensions }: SubgraphError): GraphQLError =>
  new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) });

const outcomeOf = (result: ExecutionResult | string): string => {
  if (typeof result === 'string') return result;
  return result.errors ? 'errors' : 'delivered';
};

/** Not an async generator: `return` must end a waiting `next` at once, or the source leaks after its client has left. */
function resultsOf(tools: SourceTools, subscription: Subscription, follow: LiveFollow): Results {
  const done = { value: undefined, done: true } as const;
  const isNew = createSeen();
  let isEnded = false;
  let waiting: PromiseWithResolvers<IteratorResult<ExecutionResult, undefined>> | undefined;
  subscriptions.inc();

  const end = async (): Promise<typeof done> => {
    if (!isEnded) subscriptions.dec();
    isEnded = true;
    waiting?.resolve(done);
    await follow.return();
    return done;
  };
  const nextResult = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
    while (!isEnded) {
      const { value: event } = await follow.next();
      if (!event) break;
      const result = isNew(event.id) ? await resultOfEvent(tools, subscription, event, () => isEnded) : 'repeated';
      liveEvents.inc({ outcome: outcomeOf(result) });
      if (typeof result !== 'string') return { value: result, done: false };
    }
    return end();
  };
  const iterator: Results = {
    next: () => {
      const asked = (waiting = Promise.withResolvers());
      nextResult().then(asked.resolve, (error: unknown) => {
        void end();
        // The socket is already closing with the reason.
        if (!(error instanceof LiveOverflow) && codeOf(error) !== 'UNAUTHENTICATED') asked.reject(error);
      });
      return asked.promise;
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
