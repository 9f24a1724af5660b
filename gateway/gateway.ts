import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLiveFollower, type LiveFollower } from 'kit/live';
import type { Logger } from 'kit/logger';
import type { Transport } from 'kit/request';
import type { GatewaySettings } from './config.ts';
import { createDataSource } from './execution/data-source.ts';
import { createFetch } from './execution/fetch.ts';
import { createRecentEvents } from './execution/recent-events.ts';
import { startApollo } from './execution/server.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
import type { HealthChecks, HealthReport } from './health.ts';
import { createSend, noHooks, type CreateHooks, type GatewayHooks } from './hooks.ts';
import { createHttpServer, type Handler } from './http.ts';
import { createRouter, GRAPHQL_PATH } from './routes.ts';
import { createClientReader } from './security/client.ts';
import { createCors, createOriginCheck } from './security/origins.ts';
import { CLOSE, createGraphqlWs } from './subscriptions/graphql-ws.ts';
import { createHydration } from './subscriptions/hydration.ts';
import { createSubscriptionPlanner } from './subscriptions/plan.ts';
import { serveSockets } from './subscriptions/socket.ts';
import { subgraphsOf } from './supergraph.ts';

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
  const { supergraphSdl, transports, settings } = options;
  const missing = subgraphsOf(supergraphSdl).filter(({ name }) => !transports[name]);
  if (missing.length > 0) throw new Error(`no transport to ${missing.map(({ name }) => name).join(', ')}`);
  const { httpServer, stop } = await assemble(options);
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

async function assemble(options: GatewayOptions): Promise<Assembled> {
  const { supergraphSdl, transports, settings, logger } = options;
  const hooks = hooksOf(options);
  const redisUrl = options.redisUrl === undefined ? settings.REDIS_URL : options.redisUrl;
  let follower: LiveFollower | null = null;
  const fetchFromSubgraph = createFetch(transports, createRecentEvents(), logger);
  const readClient = createClientReader(settings.TRUSTED_PROXIES);
  // The endpoint needs Apollo Server, which needs the HTTP server in order to drain it.
  let endpoint: Handler = () => Promise.reject(new Error('not started yet'));
  let isStopping = false;
  const router = createRouter({
    settings,
    hooks,
    graphql: (exchange) => endpoint(exchange),
    redis: () => Promise.resolve(redisHealth(follower)),
    subgraphs: options.health ?? {},
    isStopping: () => isStopping,
  });
  const httpServer = createHttpServer({ router, readClient, cors: createCors(settings.ALLOWED_ORIGINS), log: logger });
  const apollo = await startApollo({ supergraphSdl, fetchFromSubgraph, httpServer, settings, logger });
  endpoint = graphqlEndpoint({ apollo, hooks, bodyLimitBytes: settings.BODY_LIMIT_BYTES });
  if (redisUrl !== null) follower = createLiveFollower(redisUrl, logger);
  const sockets = socketsOf({ ...options, httpServer, apollo, hooks, readClient, follower, fetchFromSubgraph });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await sockets.stop(CLOSE.goingAway.code, CLOSE.goingAway.reason);
    await apollo.stop();
    follower?.close();
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
  };
  return { httpServer, stop };
}

interface SocketParts extends GatewayOptions, Omit<Parameters<typeof createGraphqlWs>[0], PlannedParts> {
  readonly httpServer: Server;
  readonly hooks: GatewayHooks;
}
type PlannedParts = 'planner' | 'hydrate' | 'log' | 'maxSubscriptions';

function socketsOf(parts: SocketParts) {
  const { supergraphSdl, settings, logger: log, transports, fetchFromSubgraph } = parts;
  const planner = createSubscriptionPlanner(supergraphSdl, settings);
  const sources = Object.keys(transports).map((name) => [name, createDataSource(name, fetchFromSubgraph)] as const);
  const hydrate = createHydration(planner, Object.fromEntries(sources), log);
  return serveSockets(parts.httpServer, {
    path: GRAPHQL_PATH,
    maxSockets: settings.MAX_SOCKETS,
    isAllowedOrigin: createOriginCheck(settings.ALLOWED_ORIGINS),
    log,
    protocol: createGraphqlWs({
      ...parts,
      planner,
      hydrate,
      log,
      maxSubscriptions: settings.MAX_SUBSCRIPTIONS_PER_SOCKET,
    }),
  });
}

function hooksOf({ hooks = noHooks, transports, logger, environment = {} }: GatewayOptions): GatewayHooks {
  return typeof hooks === 'function' ? hooks({ send: createSend(transports), logger, environment }) : hooks;
}

function redisHealth(follower: LiveFollower | null): HealthReport {
  if (!follower) return { status: 'up', detail: 'not configured' };
  return follower.isConnected() ? { status: 'up' } : { status: 'down', detail: 'cannot be reached' };
}
