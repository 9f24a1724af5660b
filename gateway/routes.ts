import { timingSafeEqual } from 'node:crypto';
import { metrics } from 'kit/metrics';
import type { GatewaySettings } from './config.ts';
import { EXPLORER_FILES, explorerFiles, explorerPage, wantsExplorer } from './explorer.ts';
import { createReadiness, type HealthChecks, type HealthReport } from './health.ts';
import type { GatewayHooks } from './hooks.ts';
import { addHeaders, send, sendError, sendJson, type Exchange, type Handler, type Router } from './http.ts';
import { productRoutes, type ProductRouteOptions } from './product-routes.ts';
import type { RestRoutes } from './rest/routes.ts';
import { readMetrics } from './worker.ts';

export const GRAPHQL_PATH = '/graphql';

export interface RouteOptions {
  readonly settings: GatewaySettings;
  readonly hooks: GatewayHooks;
  readonly graphql: Handler;
  /** Null where the product has no table of them. */
  readonly rest: RestRoutes | null;
  /** Null where there are no limits over time. */
  readonly limiterOf: ProductRouteOptions['limiterOf'];
  readonly redis: () => Promise<HealthReport>;
  readonly subgraphs: HealthChecks;
  readonly supergraph: () => HealthReport;
  readonly isStopping: () => boolean;
}

/** Every path the gateway answers; a product's routes come last and cannot take one of these. */
export function createRouter({
  settings,
  hooks,
  graphql,
  rest,
  limiterOf,
  redis,
  subgraphs,
  supergraph,
  isStopping,
}: RouteOptions): Router {
  const product = productRoutes(hooks.routes ?? {}, { bodyLimitBytes: settings.BODY_LIMIT_BYTES, limiterOf });
  const readiness = createReadiness({ redis, subgraphs, supergraph });
  const exact: Record<string, Handler> = {
    ...product.exact,
    [GRAPHQL_PATH]: graphql,
    '/health/live': getOnly(live),
    '/health/ready': getOnly(async (exchange) => {
      if (isStopping()) return sendJson(exchange, 503, { status: 'stopping' });
      const answer = await readiness();
      sendJson(exchange, answer.status === 'down' ? 503 : 200, answer);
    }),
    '/metrics': getOnly(metricsPage(settings)),
  };
  const match = (path: string): Handler | undefined => product.match(path) ?? rest?.match(path);
  const below = rest?.below ?? {};
  if (!settings.isIntrospectable) return { exact, match, below };
  const explorer = getOnly(explorerPage(GRAPHQL_PATH));
  exact[GRAPHQL_PATH] = (exchange) => (wantsExplorer(exchange) ? explorer(exchange) : graphql(exchange));
  return {
    exact: { ...exact, '/explorer': explorer },
    match,
    below: { ...below, [EXPLORER_FILES]: getOnly(explorerFiles) },
  };
}

/** Says only that the process answers: a restart mends nothing that another one has broken. */
const live: Handler = (exchange) => {
  sendJson(exchange, 200, { status: 'up' });
  return Promise.resolve();
};

function getOnly(handler: Handler): Handler {
  return async (exchange) => {
    if (exchange.method === 'GET' || exchange.method === 'HEAD') return handler(exchange);
    addHeaders(exchange, { allow: 'GET, HEAD' });
    sendError(exchange, 405, 'METHOD_NOT_ALLOWED', 'This path answers GET.');
  };
}

function metricsPage({ isProduction, METRICS_TOKEN }: GatewaySettings): Handler {
  return async (exchange) => {
    if ((isProduction || METRICS_TOKEN !== null) && !isBearer(exchange, METRICS_TOKEN)) {
      return sendError(exchange, 404, 'NOT_FOUND', 'There is nothing at this path.');
    }
    send(exchange, 200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }, await readMetrics());
  };
}

function isBearer({ request }: Exchange, token: string | null): boolean {
  if (token === null) return false;
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
