import { GraphQLError } from 'graphql';
import { readJsonBody } from './body.ts';
import { codeOf, refusal } from './errors.ts';
import { createContext, type RequestContext } from './execution/context.ts';
import { mediaTypeOf, statusOf, type MediaType } from './graphql-over-http.ts';
import type { GatewayHooks } from './hooks.ts';
import { send, sendError, type Exchange, type Handler } from './http.ts';
import { isRefusal, notHere, type Answer, type Pipeline, type Ready } from './pipeline.ts';
import { requestOfBody, requestOfSearch } from './request.ts';

export interface EndpointOptions {
  readonly pipeline: Pipeline;
  readonly hooks: GatewayHooks;
  readonly bodyLimitBytes: number;
}

/** GraphQL over HTTP: POST with JSON, GET for queries. */
export function graphqlEndpoint(options: EndpointOptions): Handler {
  const { pipeline, hooks, bodyLimitBytes } = options;
  return async (exchange) => {
    const mediaType = mediaTypeOf(exchange.request.headers.accept);
    if (!mediaType)
      return sendError(
        exchange,
        406,
        'NOT_ACCEPTABLE',
        'Answers are application/json or application/graphql-response+json.',
      );
    const read = await readRequest(exchange, bodyLimitBytes);
    if ('refused' in read) {
      const { status, code, message } = read.refused;
      if (status === 405) exchange.response.setHeader('allow', 'GET, POST');
      return sendError(exchange, status, code, message);
    }
    const context = await contextOf(exchange, hooks);
    if (context instanceof GraphQLError) return refuse(options, exchange, mediaType, [context]);
    const ready = await pipeline.prepare(read.request, context);
    if (isRefusal(ready)) return refuse(options, exchange, mediaType, ready.errors);
    const misplaced = misplacedOf(exchange, ready);
    if (misplaced) return refuse(options, exchange, mediaType, [misplaced]);
    answer(exchange, mediaType, 200, await pipeline.execute(ready, context));
  };
}

async function readRequest({ request, method, search }: Exchange, limitBytes: number) {
  if (method === 'GET' || method === 'HEAD') return requestOfSearch(request, search);
  if (method !== 'POST') {
    return { refused: { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'This path answers GET and POST.' } };
  }
  const body = await readJsonBody(request, limitBytes);
  return 'refused' in body ? body : requestOfBody(body.value);
}

/** The context of a request, or why it has none: credentials that do not hold end it with 401. */
async function contextOf(
  { request, requestId, client }: Exchange,
  hooks: GatewayHooks,
): Promise<RequestContext | GraphQLError> {
  const authorization = request.headers.authorization ?? null;
  try {
    return createContext(await hooks.authenticate({ authorization, requestId, client }), requestId, client);
  } catch (error) {
    const code = codeOf(error);
    if (!(error instanceof GraphQLError) || code === undefined) throw error;
    const status = code === 'UNAUTHENTICATED' ? 401 : code === 'RATE_LIMITED' ? 429 : 503;
    return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status } } });
  }
}

function misplacedOf({ method, response }: Exchange, { operation }: Ready): GraphQLError | null {
  if (operation.node.operation === 'subscription') return notHere();
  if (method === 'POST' || operation.node.operation === 'query') return null;
  response.setHeader('allow', 'POST');
  return refusal('METHOD_NOT_ALLOWED', 'Mutations are sent by POST.', { status: 405 });
}

function refuse(
  { pipeline }: EndpointOptions,
  exchange: Exchange,
  mediaType: MediaType,
  errors: readonly GraphQLError[],
): void {
  answer(exchange, mediaType, statusOf(errors, mediaType), { errors: errors.map(pipeline.format) });
}

function answer(exchange: Exchange, mediaType: MediaType, status: number, body: Answer): void {
  if (exchange.response.destroyed) return;
  const headers = { 'content-type': `${mediaType}; charset=utf-8`, 'cache-control': 'no-store' };
  send(exchange, status, headers, JSON.stringify(body));
}
