import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLiveFollower, type LiveFollower } from 'kit/live';
import type { Logger } from 'kit/logger';
import type { Transport } from 'kit/request';
import type { GatewaySettings } from './config.ts';
import { createFetch } from './execution/fetch.ts';
import { createRecentEvents } from './execution/recent-events.ts';
import { loadGraph } from './graph/graph.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
import type { HealthChecks, HealthReport } from './health.ts';
import { createSend, noHooks, type CreateHooks, type GatewayHooks } from './hooks.ts';
import { createDrain } from './drain.ts';
import { createHttpServer } from './http.ts';
import { createPipeline } from './pipeline.ts';
import { createRouter, GRAPHQL_PATH } from './routes.ts';
import { createClientReader } from './security/client.ts';
import { createCors, createOriginCheck } from './security/origins.ts';
import { CLOSE, createGraphqlWs } from './subscriptions/graphql-ws.ts';
import { CLOSE_MILLISECONDS, serveSockets } from './subscriptions/socket.ts';

export interface GatewayOptions {
  readonly supergraphSdl: string;
  /** A way to each subgraph of the supergraph, by its name there; closed with the gateway. */
  readonly transports: Readonly<Record<string, Transport>>;
  readonly settings: GatewaySettings;
  readonly logger: Logger;
  /** A product's own part; without it everybody is anonymous. */
  readonly hooks?: CreateHooks | GatewayHooks | undefined;
  /** How each subgraph is, for readiness. */
  readonly health?: HealthChecks | undefined;
  /** Handed to hooks; the gateway itself reads `settings`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Instead of the settings' HOST, PORT (0 takes a free one) and REDIS_URL (null for none). */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly redisUrl?: string | null | undefined;
}

export interface RunningGateway {
  /** `http://host:port/graphql` */
  readonly url: string;
  readonly port: number;
  /** Finishes what runs (STOP_GRACE_SECONDS at most), closes sockets with a reason, then everything it holds. */
  readonly stop: () => Promise<void>;
}

/** What a gateway is made of, before it listens. */
interface Assembled {
  readonly httpServer: Server;
  readonly stop: () => Promise<void>;
}

/** Starts a gateway. Throws where the supergraph is none, a subgraph has no transport, or the port is taken. */
export async function createGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { settings } = options;
  const { httpServer, stop } = assemble(options);
  const host = options.host ?? settings.HOST;
  try {
    httpServer.listen(options.port ?? settings.PORT, host);
    await once(httpServer, 'listening');
  } catch (error) {
    await stop();
    throw error;
  }
  const { port } = httpServer.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${GRAPHQL_PATH}`;
  return { url, port, stop: () => (stopping ??= stop()) };
}

function assemble(options: GatewayOptions): Assembled {
  const { supergraphSdl, transports, settings, logger } = options;
  const graph = loadGraph(supergraphSdl);
  const missing = graph.subgraphs.filter(({ name }) => !transports[name]);
  if (missing.length > 0) throw new Error(`no transport to ${missing.map(({ name }) => name).join(', ')}`);
  const hooks = hooksOf(options);
  const redisUrl = options.redisUrl === undefined ? settings.REDIS_URL : options.redisUrl;
  const follower = redisUrl === null ? null : createLiveFollower(redisUrl, logger);
  const fetchFromSubgraph = createFetch(transports, createRecentEvents(), logger);
  const pipeline = createPipeline({ graph, settings, fetchFromSubgraph, logger });
  const readClient = createClientReader(settings.TRUSTED_PROXIES);
  let isStopping = false;
  const router = createRouter({
    settings,
    hooks,
    graphql: graphqlEndpoint({ pipeline, hooks, bodyLimitBytes: settings.BODY_LIMIT_BYTES }),
    redis: () => Promise.resolve(redisHealth(follower)),
    subgraphs: options.health ?? {},
    isStopping: () => isStopping,
  });
  const httpServer = createHttpServer({ router, readClient, cors: createCors(settings.ALLOWED_ORIGINS), log: logger });
  const drain = createDrain(httpServer);
  const sockets = serveSockets(httpServer, {
    path: GRAPHQL_PATH,
    maxSockets: settings.MAX_SOCKETS,
    isAllowedOrigin: createOriginCheck(settings.ALLOWED_ORIGINS),
    log: logger,
    protocol: createGraphqlWs({
      pipeline,
      hooks,
      readClient,
      follower,
      fetchFromSubgraph,
      log: logger,
      maxSubscriptions: settings.MAX_SUBSCRIPTIONS_PER_SOCKET,
    }),
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await sockets.stop(CLOSE.goingAway.code, CLOSE.goingAway.reason);
    // Sockets were closed first and have taken their part of the grace.
    await drain(Math.max(500, settings.STOP_GRACE_SECONDS * 1000 - CLOSE_MILLISECONDS));
    follower?.close();
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
  };
  return { httpServer, stop };
}

function hooksOf({ hooks = noHooks, transports, logger, environment = {} }: GatewayOptions): GatewayHooks {
  return typeof hooks === 'function' ? hooks({ send: createSend(transports), logger, environment }) : hooks;
}

function redisHealth(follower: LiveFollower | null): HealthReport {
  if (!follower) return { status: 'up', detail: 'not configured' };
  return follower.isConnected() ? { status: 'up' } : { status: 'down', detail: 'cannot be reached' };
}
