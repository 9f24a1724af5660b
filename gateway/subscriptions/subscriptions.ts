import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { LiveFollower } from 'kit/live';
import type { SubgraphError } from 'kit/request';
import { inScope } from 'kit/scope';
import { refusal } from '../errors.ts';
import { createContext, type RequestContext } from '../execution/context.ts';
import { isRefusal, type GraphqlRequest, type Ready } from '../answer.ts';
import { headersOf, type Connection } from './connections.ts';
import { createGroups, type Groups } from './groups.ts';
import type { Attempt, Outcome } from './delivery.ts';
import { prepareAgain, type EventTools } from './event.ts';
import { hopSource } from './hop-source.ts';
import type { IsPublic } from './public-operations.ts';
import { SourceEnded, type Source } from './source.ts';
import type { Subscription } from './subscribed.ts';
import { runSubscription, type Messages, type RunningSubscription } from './subscription.ts';
import { topicSource } from './topic-source.ts';
import { topicOf, type Topics } from './topics.ts';
import type { Upstreams } from './upstream.ts';

export interface SubscriptionTools extends EventTools {
  /** Null where no Redis is configured. */
  readonly follower: LiveFollower | null;
  readonly upstreams: Upstreams;
  readonly topics: Topics;
  readonly isPublic: IsPublic;
}

/** What a client asks to follow, checked. */
export interface Begin {
  readonly request: GraphqlRequest;
  readonly ready: Ready;
  readonly connection: Connection;
  /** What the client says is the cursor of the last event it has. */
  readonly resumeFrom: unknown;
}

export interface Subscriptions {
  /** Starts a subscription, or says why not. Throws UNAUTHENTICATED. */
  readonly begin: (begin: Begin, context: RequestContext) => Promise<Messages | readonly GraphQLError[]>;
  /** Takes what runs over to the pipeline's present graph; what is not valid there any more ends with SUBSCRIPTION_SCHEMA_RELOAD. */
  readonly reload: () => Promise<void>;
  /** To be called once a connection has other credentials: its subscriptions share nothing any more with those that have the old ones. */
  readonly regroup: (connection: Connection) => void;
  readonly running: () => number;
}

/** All running subscriptions, whichever door they have come by. */
export function createSubscriptions(tools: SubscriptionTools): Subscriptions {
  const running = new Set<RunningSubscription>();
  // What plugins make of an answer, they make of it for one viewer.
  const isPublic: IsPublic = tools.pipeline.onEvent ? () => false : tools.isPublic;
  const grouping: Grouping = { viewers: createGroups(), shared: createGroups(), isPublic };
  return {
    begin: async ({ request, ready, connection, resumeFrom = null }, context) => {
      if (resumeFrom !== null && typeof resumeFrom !== 'string') return [noCursor()];
      // All of it is refused, and the answer says by what.
      if (!ready.operation.primary)
        return ((await tools.pipeline.execute(ready, context)).errors ?? []).map(asGraphQLError);
      if (!tools.connections.takeSubscription(connection)) return [tooMany()];
      try {
        const source = await sourceOf(tools, ready, connection, context);
        if (resumeFrom !== null && !source.isCursor(resumeFrom)) {
          tools.connections.giveSubscription(connection);
          return [noCursor()];
        }
        const subscription = join(grouping, { request, connection, ready, source });
        const started = runSubscription(tools, subscription, resumeFrom, () => {
          running.delete(started);
          leave(grouping, subscription);
          tools.connections.giveSubscription(connection);
        });
        running.add(started);
        // A reload has passed it by while its source was asked for.
        while (!started.isEnded() && subscription.ready.operation.graph !== tools.pipeline.graph())
          await takeOver(tools, grouping, started);
        return started.messages;
      } catch (error) {
        tools.connections.giveSubscription(connection);
        if (error instanceof SourceEnded) return error.errors.map(asGraphQLError);
        throw error;
      }
    },
    reload: async () => {
      for (const each of running) await takeOver(tools, grouping, each);
    },
    regroup: (connection) => {
      for (const { subscription } of running) {
        if (subscription.connection === connection) rejoin(grouping, subscription, {});
      }
    },
    running: () => running.size,
  };
}

const noCursor = (): GraphQLError =>
  refusal('INVALID_CURSOR', 'extensions.resumeFrom must be the extensions.cursor of an earlier event.', {
    status: 400,
  });
const tooMany = (): GraphQLError =>
  refusal('SUBSCRIPTION_LIMIT_EXCEEDED', 'You follow as much as one viewer may; end another subscription first.', {
    status: 429,
  });
const asGraphQLError = ({ message, path, extensions }: SubgraphError): GraphQLError =>
  new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) });

/** A topic that is named beside the owner, a subscription at the owner, or a topic that the owner names. */
async function sourceOf(
  { topics, follower, upstreams, fetchFromSubgraph }: SubscriptionTools,
  ready: Ready,
  connection: Connection,
  context: RequestContext,
): Promise<Source> {
  const topic = topicOf(ready, topics, context.viewer);
  const upstream = topic === null ? upstreams.sourceOf(ready, connection, context.requestId) : null;
  if (upstream) return upstream;
  if (!follower) throw refusal('SUBSCRIPTIONS_UNAVAILABLE', 'Live events are not configured here.', { status: 503 });
  if (topic !== null) return topicSource(fetchFromSubgraph, follower, topic);
  return inScope(context.requestId, () => hopSource(fetchFromSubgraph, follower, ready, context));
}

interface Grouping {
  readonly viewers: Groups<Outcome>;
  readonly shared: Groups<Attempt>;
  readonly isPublic: IsPublic;
}

type Ungrouped = Pick<Subscription, 'request' | 'connection' | 'ready' | 'source'>;

function join({ viewers, shared, isPublic }: Grouping, subscription: Ungrouped): Subscription {
  const { ready, source, connection } = subscription;
  const { operation, variables } = ready;
  const isShared = isPublic(operation);
  const asked = [operation.graph.id, operation.text, operation.name, operation.rightsKey, variables.sent, source.key];
  const { viewer, authorization, forwarded, client } = connection;
  // Nobody is not somebody: what a subgraph answers to nobody may depend on where the question comes from.
  const who = [viewer, authorization, forwarded, viewer.userId === null && !isShared ? client : null];
  return {
    ...subscription,
    group: viewers.join(JSON.stringify([...asked, who])),
    shared: isShared ? shared.join(JSON.stringify(asked)) : null,
  };
}

function leave({ viewers, shared }: Grouping, subscription: Pick<Subscription, 'group' | 'shared'>): void {
  viewers.leave(subscription.group);
  if (subscription.shared) shared.leave(subscription.shared);
}

/** Puts a running subscription where it belongs now, with what has changed of it. */
function rejoin(
  grouping: Grouping,
  subscription: Subscription,
  changed: Partial<Pick<Subscription, 'ready' | 'source'>>,
): void {
  const { request, connection, ready, source, group, shared } = { ...subscription, ...changed };
  Object.assign(subscription, join(grouping, { request, connection, ready, source }));
  leave(grouping, { group, shared });
}

/** Gives a running subscription its operation on the pipeline's present graph. It loses no event: its source goes on. */
async function takeOver(tools: SubscriptionTools, grouping: Grouping, running: RunningSubscription): Promise<void> {
  const { subscription } = running;
  const { connection } = subscription;
  const context = createContext(connection.viewer, crypto.randomUUID(), connection.client, headersOf(connection));
  try {
    const ready = await prepareAgain(tools.pipeline, subscription, context);
    if (isRefusal(ready)) return running.fail([reloaded(ready.errors.map(tools.pipeline.format))]);
    if (!ready.operation.primary) return running.fail([reloaded([])]);
    const source = await sourceAgain(tools, subscription, ready, context);
    if (running.isEnded()) return;
    const isSame = source.key === subscription.source.key;
    rejoin(grouping, subscription, { ready, source });
    if (!isSame) running.follow();
  } catch (error) {
    tools.log.warn({ err: error }, 'a subscription could not be taken over by a new supergraph');
    running.fail([reloaded([])]);
  }
}

/** A source that still fits goes on; a topic its owner has named is not asked for again. */
async function sourceAgain(
  tools: SubscriptionTools,
  { source, connection }: Subscription,
  ready: Ready,
  context: RequestContext,
): Promise<Source> {
  const isNamed = topicOf(ready, tools.topics, context.viewer) !== null;
  const isServed = tools.upstreams.sourceOf(ready, connection, context.requestId) !== null;
  if (source.key.startsWith('hop ') && !isNamed && !isServed) return source;
  return sourceOf(tools, ready, connection, context);
}

const reloaded = (errors: readonly GraphQLFormattedError[]): GraphQLFormattedError => ({
  message: 'The graph has changed, and this subscription is not valid on it any more.',
  extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD', ...(errors.length > 0 ? { reasons: errors } : {}) },
});
