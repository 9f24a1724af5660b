import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { readJsonBody } from './body.ts';
import { cachingOf, jsonOf } from './cache/answers.ts';
import { cachedReply } from './cache/http-caching.ts';
import { contextOf } from './authenticated.ts';
import { refusal } from './errors.ts';
import { mediaTypeOf, statusOf, type MediaType } from './graphql-over-http.ts';
import type { GatewayHooks } from './hooks.ts';
import { addHeaders, send, sendError, type Exchange, type Handler } from './http.ts';
import { incrementalFormatOf } from './incremental/accept.ts';
import { executeInParts, serveInParts } from './incremental/serve.ts';
import { isRefusal, type Answer, type Ready } from './answer.ts';
import { notHere, type Pipeline } from './pipeline.ts';
import { retryAfterOf } from './retry-after.ts';
import { acceptedStreamOf } from './subscriptions/stream.ts';
import type { Streams } from './subscriptions/streams.ts';
import { requestOfBody, requestOfSearch } from './request.ts';

export interface EndpointOptions {
  readonly pipeline: Pipeline;
  readonly hooks: GatewayHooks;
  readonly bodyLimitBytes: number;
  readonly streams: Streams;
  /** Whether no other site has made a browser send this GET. */
  readonly isDeliberate: (request: IncomingMessage) => boolean;
}

/** GraphQL over HTTP: POST with JSON, GET for queries. */
export function graphqlEndpoint(options: EndpointOptions): Handler {
  const { pipeline, streams } = options;
  return async (exchange) => {
    const { accept } = exchange.request.headers;
    const stream = acceptedStreamOf(accept);
    const format = incrementalFormatOf(accept);
    const mediaType = mediaTypeOf(accept) ?? (stream || format ? 'application/json' : null);
    if (!mediaType) return sendError(exchange, 406, 'NOT_ACCEPTABLE', ACCEPTABLE);
    const read = await readRequest(exchange, options);
    if ('refused' in read) {
      const { status, code, message } = read.refused;
      if (status === 405) addHeaders(exchange, { allow: 'GET, HEAD, POST, OPTIONS' });
      return answer(exchange, mediaType, status, { errors: [{ message, extensions: { code } }] });
    }
    const context = await contextOf(exchange, options);
    if (context instanceof GraphQLError) return refuse(options, exchange, mediaType, [context]);
    const ready = await pipeline.prepare(read.request, context);
    if (context.limitHeaders) addHeaders(exchange, context.limitHeaders);
    const refuseWith = (errors: readonly GraphQLError[]): void => {
      if (stream?.isForAll) streams.refuse(exchange, errors.map(pipeline.format));
      else refuse(options, exchange, mediaType, errors);
    };
    if (isRefusal(ready)) return refuseWith(ready.errors);
    const isStreamed = stream !== null && (stream.isForAll || ready.operation.node.operation === 'subscription');
    const misplaced = misplacedOf(exchange, ready, isStreamed);
    if (misplaced) return refuseWith([misplaced]);
    if (!isStreamed) {
      const inParts = format && (await executeInParts(pipeline, exchange, format, { ready, context }));
      const body = inParts?.first ?? (await pipeline.execute(ready, context));
      if (context.answerHeaders) addHeaders(exchange, context.answerHeaders);
      if (format && inParts?.begun.hasNext) return serveInParts(exchange, format, inParts);
      return answer(exchange, mediaType, 200, body, ready.operation.node.operation === 'mutation');
    }
    const errors = await streams.serve(exchange, stream.format, { request: read.request, ready, context });
    if (errors) refuseWith(errors);
  };
}

const ACCEPTABLE =
  'Answers are application/json or application/graphql-response+json, streams text/event-stream or multipart/mixed;subscriptionSpec=1.0, parts multipart/mixed;incrementalSpec=v0.2.';

const FORGEABLE =
  'Any site could have made a browser send this GET: add the header Apollo-Require-Preflight, or ask from an allowed origin.';

async function readRequest({ request, method, search }: Exchange, { bodyLimitBytes, isDeliberate }: EndpointOptions) {
  if (method === 'GET' || method === 'HEAD') {
    if (isDeliberate(request)) return requestOfSearch(request, search);
    return { refused: { status: 403, code: 'FORBIDDEN', message: FORGEABLE } };
  }
  if (method !== 'POST') {
    return { refused: { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'This path answers GET and POST.' } };
  }
  const body = await readJsonBody(request, bodyLimitBytes);
  return 'refused' in body ? body : requestOfBody(body.value);
}

function misplacedOf(exchange: Exchange, { operation }: Ready, isStreamed: boolean): GraphQLError | null {
  if (operation.node.operation === 'subscription') return isStreamed ? null : notHere();
  if (exchange.method === 'POST' || operation.node.operation === 'query') return null;
  addHeaders(exchange, { allow: 'POST' });
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

function answer(exchange: Exchange, mediaType: MediaType, status: number, body: Answer, isMutation = false): void {
  if (exchange.response.destroyed) return;
  const retryAfter = retryAfterOf(body, isMutation);
  if (retryAfter !== null) addHeaders(exchange, { 'retry-after': String(retryAfter) });
  const type = { 'content-type': `${mediaType}; charset=utf-8` };
  const caching = cachingOf(body);
  if (!caching || exchange.method === 'POST') {
    return send(exchange, status, { ...type, 'cache-control': 'no-store' }, jsonOf(body), caching?.kept.encoded);
  }
  const { headers, isUnchanged } = cachedReply(caching, exchange.request.headers['if-none-match']);
  if (isUnchanged) return send(exchange, 304, headers, '');
  send(exchange, status, { ...type, ...headers }, caching.body, caching.kept.encoded);
}
