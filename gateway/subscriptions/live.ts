import type { IncomingMessage, Server } from 'node:http';
import type { LiveFollower } from 'kit/live';
import type { Logger } from 'kit/logger';
import type { Client } from 'kit/viewer';
import type { GatewaySettings } from '../config.ts';
import type { FetchFromSubgraph } from '../execution/fetch.ts';
import type { Forwarding } from '../forwarding.ts';
import type { GatewayHooks } from '../hooks.ts';
import type { Pipeline } from '../pipeline.ts';
import { createTurns } from '../resilience.ts';
import { CLOSE } from './closing.ts';
import { createConnections } from './connections.ts';
import { createGraphqlWs } from './graphql-ws.ts';
import { createIsPublic } from './public-operations.ts';
import { serveSockets, type SocketServer } from './socket.ts';
import { createStreams, type Streams } from './streams.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { UpstreamOf } from './upstream-address.ts';
import { createUpstreams } from './upstream.ts';

export interface LiveOptions {
  readonly settings: GatewaySettings;
  readonly hooks: GatewayHooks;
  readonly pipeline: Pipeline;
  readonly fetchFromSubgraph: FetchFromSubgraph;
  /** Null where no Redis is configured. */
  readonly follower: LiveFollower | null;
  readonly forwarding: Forwarding;
  readonly readClient: (request: IncomingMessage) => Client;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly upstreamOf: UpstreamOf;
  readonly log: Logger;
}

export interface Live {
  /** For the GraphQL endpoint: answers that go on and on. */
  readonly streams: Streams;
  readonly serveSockets: (httpServer: Server) => void;
  /** To be called once the pipeline has another graph: running subscriptions go on there, or end with a reason. */
  readonly reload: () => Promise<void>;
  /** Ends every connection with a reason, then everything behind them. */
  readonly stop: () => Promise<void>;
}

const PATH = '/graphql';

/** Everything live: where events come from, who follows them, and the doors by which clients do. */
export function createLive(options: LiveOptions): Live {
  const { settings, hooks, pipeline, fetchFromSubgraph, follower, forwarding, log } = options;
  const limits = {
    maxConnectionsPerViewer: settings.MAX_CONNECTIONS_PER_VIEWER,
    maxSubscriptionsPerViewer: settings.MAX_SUBSCRIPTIONS_PER_VIEWER,
  };
  const connections = createConnections(hooks, limits, log);
  const upstreams = createUpstreams({ upstreamOf: options.upstreamOf, connections, secret: settings.HOP_SECRET, log });
  const subscriptions = createSubscriptions({
    pipeline,
    fetchFromSubgraph,
    follower,
    connections,
    upstreams,
    topics: settings.SUBSCRIPTION_TOPICS,
    isPublic: createIsPublic(hooks),
    turnsOf: createTurns(settings.MAX_HYDRATIONS),
    log,
  });
  const streams = createStreams({
    pipeline,
    subscriptions,
    connections,
    forwarding,
    maxStreams: settings.MAX_SOCKETS,
    isAllowedOrigin: options.isAllowedOrigin,
  });
  const protocol = createGraphqlWs({
    pipeline,
    subscriptions,
    connections,
    maxSubscriptions: settings.MAX_SUBSCRIPTIONS_PER_SOCKET,
    messagesPerMinute: settings.MAX_SOCKET_MESSAGES_PER_MINUTE,
    forwarding,
    log,
  });
  let sockets: SocketServer | null = null;
  return {
    streams,
    serveSockets: (httpServer) => {
      const { readClient, isAllowedOrigin } = options;
      const maxSockets = settings.MAX_SOCKETS;
      const serving = { path: PATH, maxSockets, isAllowedOrigin, readClient, forwarding, protocol, log };
      sockets = serveSockets(httpServer, serving);
    },
    reload: subscriptions.reload,
    stop: async () => {
      streams.stop();
      await sockets?.stop(CLOSE.goingAway.code, CLOSE.goingAway.reason);
      connections.stop();
      upstreams.close();
    },
  };
}
