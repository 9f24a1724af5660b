import { GraphQLError } from 'graphql';
import { hasNoBody, readJsonBody, readWholeBody, type RefusedBody } from './body.ts';
import { codeOf, refusal } from './errors.ts';
import type { Route, RouteHandler, RouteMethod, RouteRequest, RouteResponse } from './hooks.ts';
import { send, sendError, type Exchange, type Handler } from './http.ts';
import { createPathMatcher, isTemplate } from './paths.ts';

const METHODS: readonly RouteMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface ProductRoutes {
  readonly exact: Readonly<Record<string, Handler>>;
  readonly match: (path: string) => Handler | undefined;
}

/** A product's own paths. */
export function productRoutes(
  routes: Readonly<Record<string, RouteHandler | Route>>,
  bodyLimitBytes: number,
): ProductRoutes {
  const all = Object.entries(routes).map(([path, route]) => {
    const methods = typeof route === 'function' ? { GET: route } : route;
    return [path, answerer(methods, methods.bodyLimitBytes ?? bodyLimitBytes)] as const;
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

function answerer(route: Route, limitBytes: number): Answerer {
  const allowed = METHODS.filter((method) => route[method]).flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
  return async (exchange, parameters) => {
    const method = (exchange.method === 'HEAD' ? 'GET' : exchange.method) as RouteMethod;
    const handler = METHODS.includes(method) ? route[method] : undefined;
    if (!handler) {
      exchange.response.setHeader('allow', allowed.join(', '));
      return sendError(exchange, 405, 'METHOD_NOT_ALLOWED', `This path answers ${allowed.join(', ')}.`);
    }
    try {
      sendRoute(exchange, await handler(requestOf(exchange, method, parameters, limitBytes)));
    } catch (error) {
      const code = codeOf(error);
      if (!(error instanceof GraphQLError) || code === undefined) throw error;
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

function sendRoute(exchange: Exchange, { status, headers, cookies = [], body }: RouteResponse): void {
  for (const cookie of cookies) exchange.headers.push('set-cookie', cookie);
  send(exchange, status, headers, body);
}
