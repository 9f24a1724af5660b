import { GraphQLError } from 'graphql';
import { hasNoBody, readJsonBody, readWholeBody, type RefusedBody } from './body.ts';
import { codeOf, refusal } from './errors.ts';
import type { Route, RouteHandler, RouteMethod, RouteRequest, RouteResponse } from './hooks.ts';
import { checkHeaders } from './head.ts';
import { addHeaders, send, sendError, sendParts, type Exchange, type Handler } from './http.ts';
import { limitsHit } from './metrics.ts';
import { createPathMatcher, isTemplate } from './paths.ts';
import { PROBLEM_TYPE, problemOf } from './rest/problem.ts';
import { rateRefusal } from './security/rate-limit.ts';
import type { RouteLimit, RouteLimiter } from './security/rate-limit.routes.ts';
import { tracedHandler } from './telemetry/traced.ts';

const TOO_MANY = 429;
const METHODS: readonly RouteMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface ProductRouteOptions {
  readonly bodyLimitBytes: number;
  /** Null where there are no limits over time. */
  readonly limiterOf: ((limit: RouteLimit) => RouteLimiter) | null;
}

export interface ProductRoutes {
  readonly exact: Readonly<Record<string, Handler>>;
  readonly match: (path: string) => Handler | undefined;
}

/** A product's own paths. */
export function productRoutes(
  routes: Readonly<Record<string, RouteHandler | Route>>,
  { bodyLimitBytes, limiterOf }: ProductRouteOptions,
): ProductRoutes {
  const all = Object.entries(routes).map(([path, given]) => {
    const route: Route = typeof given === 'function' ? { GET: given } : given;
    const answer = answerer(route, route.bodyLimitBytes ?? bodyLimitBytes);
    const answerInLimits = limited(answer, (route.limit && limiterOf?.(route.limit)) ?? null);
    return [path, tracedHandler(path, answerInLimits)] as const;
  });
  const templates = createPathMatcher(all.filter(([path]) => isTemplate(path)));
  return {
    exact: Object.fromEntries(
      all.flatMap(([path, answer]) => (isTemplate(path) ? [] : [[path, (exchange) => answer(exchange, {})] as const])),
    ),
    match: (path) => {
      const found = templates(path);
      return found && ((exchange) => found.value(exchange, found.parameters));
    },
  };
}

type Answerer = (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<void>;

/** What is over the limit is refused before anything of it is read. */
function limited(answer: Answerer, limiter: RouteLimiter | null): Answerer {
  if (!limiter) return answer;
  return async (exchange, parameters) => {
    const decision = await limiter(exchange.client.address);
    addHeaders(exchange, decision.headers);
    if (decision.isAllowed) return answer(exchange, parameters);
    const { message, extensions } = rateRefusal(decision);
    limitsHit.inc({ code: String(extensions['code']) });
    const problem = problemOf({ message, extensions }, TOO_MANY, exchange.requestId);
    send(exchange, TOO_MANY, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }, JSON.stringify(problem));
  };
}

function answerer(route: Route, limitBytes: number): Answerer {
  const allowed = METHODS.filter((method) => route[method]).flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
  return async (exchange, parameters) => {
    const method = (exchange.method === 'HEAD' ? 'GET' : exchange.method) as RouteMethod;
    const handler = METHODS.includes(method) ? route[method] : undefined;
    if (!handler) {
      addHeaders(exchange, { allow: allowed.join(', ') });
      return sendError(exchange, 405, 'METHOD_NOT_ALLOWED', `This path answers ${allowed.join(', ')}.`);
    }
    try {
      await sendRoute(exchange, await handler(requestOf(exchange, method, parameters, limitBytes)));
    } catch (error) {
      const code = codeOf(error);
      if (!(error instanceof GraphQLError) || code === undefined || exchange.response.headersSent) throw error;
      sendError(exchange, statusOf(error), code, error.message);
    }
  };
}

/** A refusal's own status; 400 where it names none. */
const statusOf = ({ extensions }: GraphQLError): number =>
  (extensions['http'] as { readonly status?: number } | undefined)?.status ?? 400;

function requestOf(
  { path, search, request, requestId, client }: Exchange,
  method: RouteMethod,
  parameters: Readonly<Record<string, string>>,
  limitBytes: number,
): RouteRequest {
  return {
    ...{ method, path, parameters, search, headers: request.headers, requestId, client },
    json: async () => {
      const body = await readJsonBody(request, limitBytes);
      if ('refused' in body) throw refusedBody(body.refused);
      if (body.value === undefined) throw notJson(hasNoBody(request));
      return body.value;
    },
    bytes: async () => {
      const body = await readWholeBody(request, limitBytes);
      if ('refused' in body) throw refusedBody(body.refused);
      return body.bytes;
    },
  };
}

export const refusedBody = ({ status, code, message }: RefusedBody): GraphQLError => refusal(code, message, { status });

export const notJson = (isMissing: boolean): GraphQLError =>
  isMissing
    ? refusal('BAD_REQUEST', 'The request has no body; JSON is wanted.', { status: 400 })
    : refusal('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON, announced as Content-Type: application/json.', {
        status: 415,
      });

async function sendRoute(exchange: Exchange, { status, headers, cookies = [], body }: RouteResponse): Promise<void> {
  checkHeaders(headers);
  for (const cookie of cookies) checkHeaders({ 'set-cookie': cookie });
  for (const cookie of cookies) exchange.headers.push('set-cookie', cookie);
  if (typeof body === 'string' || Buffer.isBuffer(body)) return send(exchange, status, headers, body);
  await sendParts(exchange, status, headers, body);
}
