import type { Server } from 'node:http';
import { createLiveFollower } from 'kit/live';
import type { Logger } from 'kit/logger';
import type { Transport } from 'kit/request';
import type { GatewaySettings } from './config.ts';
import { createFetch } from './execution/fetch.ts';
import type { RequestContext } from './execution/context.ts';
import { createRecentEvents } from './execution/recent-events.ts';
import { shareFetches } from './execution/shared-fetch.ts';
import { graphIdOf, loadGraph, loadGraphBetweenRequests, type Graph } from './graph/graph.ts';
import { createPlanner, type Planner } from './graph/planner.ts';
import { createReload, type Reload } from './graph/reload.ts';
import type { SupergraphSource } from './graph/source.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
import { redisHealth, type HealthChecks } from './health.ts';
import { createForwarding } from './forwarding.ts';
import type { CreateHooks, GatewayHooks } from './hooks.ts';
import { createDrain } from './drain.ts';
import { createHttpServer } from './http.ts';
import { listenAt } from './listen.ts';
import { openMemory } from './memory.ts';
import { createPipeline } from './pipeline.ts';
import { combinePlugins } from './plugins.ts';
import { corsHooksOf, hooksOf, withSensitiveFields } from './product-hooks.ts';
import { createRouter, GRAPHQL_PATH } from './routes.ts';
import { compileRest } from './rest/compile.ts';
import { restRoutes } from './rest/routes.ts';
import { createClientReader } from './security/client.ts';
import { createSecurityHeaders } from './security/headers.ts';
import { createCors, createDeliberateCheck, createOriginCheck } from './security/origins.ts';
import { createLive } from './subscriptions/live.ts';
import { CLOSE_MILLISECONDS } from './subscriptions/socket.ts';
import type { UpstreamOf } from './subscriptions/upstream-address.ts';
import { furtherHeaders, tracedFetch, tracedHandler, tracedPipeline } from './telemetry/traced.ts';
import { createTransports, type Connect, type Transports } from './transport/transports.ts';

export interface GatewayOptions {
  readonly supergraphSdl: string;
  /** Ways to subgraphs of the supergraph, by their names there; closed with the gateway. */
  readonly transports: Readonly<Record<string, Transport>>;
  /** Opens a way to a subgraph that has none among these, now or after a reload. */
  readonly connect?: Connect | undefined;
  /** Where to look for newer supergraphs. */
  readonly source?: SupergraphSource | undefined;
  readonly settings: GatewaySettings;
  readonly logger: Logger;
  /** Subgraphs that serve their own subscriptions; events of the others come through Redis. */
  readonly upstreamOf?: UpstreamOf | undefined;
  /** A product's own part; without it everybody is who their token says (JWKS_URL), or anonymous. */
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
  /** Serves another supergraph from the next operation on; one that cannot be served is refused. */
  readonly reload: Reload['offer'];
  /** Finishes what runs (STOP_GRACE_SECONDS at most), closes sockets with a reason, then everything it holds. */
  readonly stop: () => Promise<void>;
}

/** What a gateway is made of, before it listens. */
interface Assembled {
  readonly httpServer: Server;
  /** Has what clients are known to ask planned, meanwhile. */
  readonly makeReady: () => void;
  readonly reload: Reload['offer'];
  readonly stop: () => Promise<void>;
}

/** Starts a gateway. Throws where the supergraph is none, a subgraph has no transport, a setting is wrong, or the port is taken. */
export async function createGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { supergraphSdl, settings } = options;
  const planner = createPlanner(settings.PLAN_TIMEOUT_MILLISECONDS);
  // Its thread loads the supergraph while this one does.
  const plannerLoaded = planner.load({ id: graphIdOf(supergraphSdl), sdl: supergraphSdl });
  plannerLoaded.catch(() => undefined);
  const host = options.host ?? settings.HOST;
  let assembled: Assembled | undefined;
  let port: number;
  try {
    assembled = assemble(options, planner);
    await plannerLoaded;
    port = await listenAt(assembled.httpServer, options.port ?? settings.PORT, host);
  } catch (error) {
    planner.close();
    await assembled?.stop();
    throw error;
  }
  const { makeReady, reload, stop } = assembled;
  makeReady();
  let stopping: Promise<void> | undefined;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${GRAPHQL_PATH}`;
  return { url, port, reload, stop: () => (stopping ??= stop()) };
}

function assemble(options: GatewayOptions, planner: Planner): Assembled {
  const { supergraphSdl, logger } = options;
  const transports = transportsOf(options);
  const hooks = hooksOf(options, transports.byName);
  const isDeferring = options.settings.DEFER === 'on';
  const graph = servable(loadGraph(supergraphSdl, isDeferring), hooks);
  transports.adopt(graph.subgraphs);
  const settings = withSensitiveFields(options.settings, hooks);
  const redisUrl = options.redisUrl === undefined ? settings.REDIS_URL : options.redisUrl;
  const forwarding = createForwarding(settings.FORWARD_HEADERS);
  // First of what holds connections: it may throw.
  const memory = openMemory({ settings, hooks, redisUrl, planner, forwarding, log: logger });
  const follower = redisUrl === null ? null : createLiveFollower(redisUrl, logger);
  const plugins = combinePlugins(hooks.plugins);
  const recent = createRecentEvents(memory.channel);
  const fetchAlone = createFetch(transports.byName, recent, logger, furtherHeaders(plugins, forwarding));
  // A plugin's headers may make two alike questions different.
  const isSharing = settings.FETCH_SHARING === 'on' && !plugins.fetch;
  const isWriter = (context: RequestContext): boolean => recent.after(context).length > 0;
  const fetchFromSubgraph = tracedFetch(isSharing ? shareFetches(fetchAlone, isWriter, forwarding) : fetchAlone);
  const pipeline = tracedPipeline(
    createPipeline({
      ...memory,
      graph,
      planner,
      settings,
      fetchFromSubgraph,
      plugins,
      logger,
      access: hooks,
    }),
  );
  const readClient = createClientReader(settings.TRUSTED_PROXIES, settings.PLACE_HEADER);
  const live = createLive({
    settings,
    hooks,
    pipeline,
    fetchFromSubgraph,
    follower,
    forwarding,
    readClient,
    isAllowedOrigin: createOriginCheck(settings.ALLOWED_ORIGINS),
    upstreamOf: options.upstreamOf ?? (() => null),
    log: logger,
  });
  const reload = createReload({
    pipeline,
    load: async (sdl) => servable(await loadGraphBetweenRequests(sdl, isDeferring), hooks),
    transports,
    source: options.source ?? null,
    listeners: [live.reload],
    log: logger,
  });
  let isStopping = false;
  const cors = corsHooksOf(hooks, forwarding);
  // Headers that are only forwarded prove nothing: what is in front of a gateway may add them to every request.
  const isDeliberate = createDeliberateCheck(settings.ALLOWED_ORIGINS, hooks.cors?.headers);
  const bodyLimitBytes = settings.BODY_LIMIT_BYTES;
  const { rest: api } = hooks;
  const rest = api ? restRoutes({ api, pipeline, hooks, bodyLimitBytes, isDeliberate, log: logger }) : null;
  const router = createRouter({
    settings,
    hooks,
    graphql: tracedHandler(
      GRAPHQL_PATH,
      graphqlEndpoint({
        pipeline,
        hooks,
        streams: live.streams,
        bodyLimitBytes,
        isDeliberate,
      }),
    ),
    rest,
    limiterOf: memory.routeLimiterOf,
    redis: () => Promise.resolve(redisHealth(follower)),
    subgraphs: transports.health,
    supergraph: reload.health,
    isStopping: () => isStopping,
  });
  const httpServer = createHttpServer({
    router,
    readClient,
    cors: createCors(settings.ALLOWED_ORIGINS, cors),
    securityHeaders: createSecurityHeaders(settings.HSTS_SECONDS),
    isCompressing: settings.COMPRESSION === 'on',
    isStopping: () => isStopping,
    log: logger,
  });
  const drain = createDrain(httpServer);
  live.serveSockets(httpServer);
  const stop = async (): Promise<void> => {
    drain.shut();
    isStopping = true;
    const reloaded = reload.stop();
    await live.stop();
    // Sockets were closed first and have taken their part of the grace.
    await drain.end({
      graceMilliseconds: Math.max(500, settings.STOP_GRACE_SECONDS * 1000 - CLOSE_MILLISECONDS),
      idleMilliseconds: settings.STOP_IDLE_MILLISECONDS,
    });
    await hooks.stop?.().catch((error: unknown) => logger.error({ err: error }, 'the product could not stop in order'));
    follower?.close();
    await memory.close();
    planner.close();
    await Promise.all([reloaded, transports.close()]);
  };
  const makeReady = () => void pipeline.makeReady(memory.documents.listed(), () => !isStopping);
  return { httpServer, makeReady, reload: reload.offer, stop };
}

function transportsOf({ transports, health = {}, connect, settings, logger }: GatewayOptions): Transports {
  const graceSeconds = 2 * settings.SUBGRAPH_TIMEOUT_SECONDS;
  return createTransports({ given: transports, givenHealth: health, connect, graceSeconds, log: logger });
}

/** A supergraph that a product's REST paths do not fit cannot be served: neither at the start nor later. */
function servable(graph: Graph, { rest }: GatewayHooks): Graph {
  if (rest) compileRest(rest, graph.schema);
  return graph;
}
