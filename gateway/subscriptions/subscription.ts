import type { GraphQLFormattedError } from 'graphql';
import { LiveOverflow } from 'kit/live';
import { codeOf } from '../errors.ts';
import { liveEvents, subscriptions, subscriptionsStarted } from '../metrics.ts';
import { CLOSE } from './closing.ts';
import { gapNotice, type Outcome } from './delivery.ts';
import { outcomeOf, type EventTools } from './event.ts';
import { createSeen } from './seen.ts';
import { SourceEnded, type Follow, type SourceEvent } from './source.ts';
import type { Subscription } from './subscribed.ts';

export interface Message {
  /** The JSON of a result. */
  readonly text: string;
  readonly cursor: string | null;
}

/** Messages of a subscription, taken one at a time. Ends with SubscriptionEnded where errors are the last word. */
export interface Messages extends AsyncIterator<Message, undefined> {
  readonly return: () => Promise<IteratorResult<Message, undefined>>;
}

export class SubscriptionEnded extends Error {
  readonly errors: readonly GraphQLFormattedError[];

  constructor(errors: readonly GraphQLFormattedError[]) {
    super(errors.map(({ message }) => message).join('; '));
    this.errors = errors;
  }
}

export interface RunningSubscription {
  readonly subscription: Subscription;
  readonly messages: Messages;
  /** Goes on with the subscription's present source, which is another one than before. */
  readonly follow: () => void;
  readonly isEnded: () => boolean;
  /** Ends it with errors. */
  readonly fail: (errors: readonly GraphQLFormattedError[]) => void;
}

type Taken = IteratorResult<Message, undefined>;
const done = { value: undefined, done: true } as const;

/** Not an async generator: `return` must end a waiting `next` at once, or the source leaks after its client has left. */
export function runSubscription(
  tools: EventTools,
  subscription: Subscription,
  resumeFrom: string | null,
  onEnd: () => void,
): RunningSubscription {
  const onOverflow = (): void => subscription.connection.close(CLOSE.slowReader);
  const followFrom = (from: string | null): Follow => subscription.source.follow({ from, onOverflow });
  const isNew = createSeen();
  let follow = followFrom(resumeFrom);
  let isEnded = false;
  let failure: Error | null = null;
  let hasGap = false;
  let waiting: PromiseWithResolvers<Taken> | undefined;
  subscriptions.inc();
  subscriptionsStarted.inc();

  const end = async (): Promise<typeof done> => {
    if (!isEnded) {
      isEnded = true;
      subscriptions.dec();
      onEnd();
    }
    if (failure) waiting?.reject(failure);
    else waiting?.resolve(done);
    await follow.return();
    return done;
  };
  const nextMessage = async (): Promise<Taken> => {
    while (!isEnded) {
      const followed = follow;
      const { value: event } = await followed.next();
      if (!event && followed !== follow) continue;
      if (!event) break;
      const told = hasGap && !event.hasGap ? { ...event, hasGap } : event;
      hasGap = false;
      const message = await messageOf(tools, subscription, told, isNew);
      if (message) return { value: message, done: false };
      // A gap before what this viewer is not shown is told with what they are shown next.
      hasGap ||= told.hasGap;
    }
    return end();
  };
  const messages: Messages = {
    next: () => {
      if (failure) return Promise.reject(failure);
      const asked = (waiting = Promise.withResolvers<Taken>());
      nextMessage().then(asked.resolve, (error: unknown) => {
        if (!isEnded) failure = failureOf(error, tools.log);
        void end();
      });
      return asked.promise;
    },
    return: end,
  };
  return {
    subscription,
    messages,
    isEnded: () => isEnded,
    follow: () => {
      const before = follow;
      hasGap = true;
      follow = followFrom(null);
      void before.return();
    },
    fail: (errors) => {
      failure = new SubscriptionEnded(errors);
      void end();
    },
  };
}

/** Null where there is nothing to say: the connection is already closing with the reason. */
function failureOf(error: unknown, log: EventTools['log']): Error | null {
  if (error instanceof SourceEnded) return new SubscriptionEnded(error.errors);
  if (error instanceof LiveOverflow || codeOf(error) === 'UNAUTHENTICATED') return null;
  log.error({ err: error }, 'a subscription has failed');
  return error instanceof Error ? error : new Error(String(error));
}

/** Null where an event is not for this viewer, or has come before. */
async function messageOf(
  tools: EventTools,
  subscription: Subscription,
  event: SourceEvent,
  isNew: (id: string) => boolean,
): Promise<Message | null> {
  if (event.isNotice) return { text: gapNotice(event), cursor: event.cursor };
  if (!isNew(event.id)) {
    liveEvents.inc({ outcome: 'repeated' });
    return null;
  }
  const outcome = await outcomeNow(tools, subscription, event);
  liveEvents.inc({ outcome: outcome === 'hidden' ? 'hidden' : outcome.hasErrors ? 'errors' : 'delivered' });
  return outcome === 'hidden' ? null : { text: outcome.text(event.hasGap), cursor: event.cursor };
}

/** Each of those that wait for the same outcome has the same credentials; who has been given new ones meanwhile asks with them. */
async function outcomeNow(tools: EventTools, subscription: Subscription, event: SourceEvent): Promise<Outcome> {
  const { connection } = subscription;
  const { authorization } = connection;
  try {
    return await outcomeOf(tools, subscription, event);
  } catch (error) {
    if (codeOf(error) !== 'UNAUTHENTICATED') throw error;
    if (connection.authorization !== authorization) return outcomeNow(tools, subscription, event);
    connection.close(CLOSE.forbidden);
    throw error;
  }
}
