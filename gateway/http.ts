import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'kit/logger';
import { inScope } from 'kit/scope';
import type { Client } from 'kit/viewer';
import { hasNoBody } from './body.ts';
import { compress, encodingOf, isCompressible, LEAST_BYTES, type Encoded } from './compression.ts';
import { masked } from './errors.ts';
import { KEEP_ALIVE_SECONDS, writeHead } from './head.ts';
import { createMalformedHandler } from './malformed.ts';
import { requestIdOf } from './security/client.ts';
import { withCommon } from './security/headers.ts';
import type { Cors } from './security/origins.ts';

/** One request and what the gateway knows about it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search: string;
  readonly requestId: string;
  readonly client: Client;
  /** Headers of every answer to it: names and values in turn. */
  readonly headers: string[];
  /** Whether answers may be compressed. */
  readonly isCompressing: boolean;
  /** The gateway stops: the client's next request is for another one. */
  readonly isStopping: () => boolean;
}

export type Handler = (exchange: Exchange) => Promise<void>;

export interface Router {
  /** Path to handler; a handler answers every method of its path. */
  readonly exact: Readonly<Record<string, Handler>>;
  /** Paths with places, once no exact one has matched. */
  readonly match?: (path: string) => Handler | undefined;
  /** Paths that end in a slash stand for everything below them. */
  readonly below: Readonly<Record<string, Handler>>;
}

export interface HttpOptions {
  readonly router: Router;
  readonly readClient: (request: IncomingMessage) => Client;
  readonly cors: Cors;
  /** Of every answer, names and values in turn. */
  readonly securityHeaders: readonly string[];
  readonly isCompressing: boolean;
  readonly isStopping: () => boolean;
  readonly log: Logger;
}

const OPTIONS: ServerOptions = {
  /** A slow sender may not hold a connection longer than this. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  /** Other protocols that a client offers, as Java's does HTTP/2, are an offer: it is answered as it has asked (RFC 9110, 7.8). */
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
};
const LONG_BODY = 16_384;

/** The gateway's HTTP server, not yet listening. */
export function createHttpServer(options: HttpOptions): Server {
  const exact = new Map(Object.entries(options.router.exact));
  const below = Object.entries(options.router.below);
  const { match } = options.router;
  const server = createServer(OPTIONS, (request, response) => {
    const exchange = exchangeOf(request, response, options);
    const { path } = exchange;
    const handler = exact.get(path) ?? match?.(path) ?? below.find(([prefix]) => path.startsWith(prefix))?.[1];
    void inScope(exchange.requestId, () => answer(exchange, handler, options));
  });
  // A load balancer's idle connections must end first.
  server.keepAliveTimeout = KEEP_ALIVE_SECONDS * 1000;
  server.on('clientError', createMalformedHandler(options.securityHeaders));
  return server;
}

function exchangeOf(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Exchange {
  const { readClient, cors, securityHeaders, isCompressing, isStopping } = options;
  const url = targetOf(request.url ?? '/');
  const mark = url.indexOf('?');
  const requestId = requestIdOf(request);
  return {
    request,
    response,
    method: request.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    search: mark === -1 ? '' : url.slice(mark),
    requestId,
    client: readClient(request),
    headers: ['x-request-id', requestId, ...securityHeaders, ...cors.headers(request)],
    isCompressing,
    isStopping,
  };
}

/** A client may name the whole address, as to a proxy (RFC 9112, 3.2.2). */
export function targetOf(url: string): string {
  if (url.startsWith('/') || !URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

async function answer(exchange: Exchange, handler: Handler | undefined, { cors, log }: HttpOptions): Promise<void> {
  const { request, response, requestId } = exchange;
  try {
    if (!handler) sendError(exchange, 404, 'NOT_FOUND', 'There is nothing at this path.');
    else if (exchange.method === 'OPTIONS') answerOptions(exchange, cors);
    else await handler(exchange);
  } catch (error) {
    // A sender that goes away in the middle is no failure of ours.
    if (request.destroyed && !request.complete)
      return log.debug({ requestId, path: exchange.path }, 'the sender has gone');
    log.error({ err: error, requestId, path: exchange.path }, 'a request has failed');
    if (response.headersSent) response.destroy();
    else sendFailure(exchange);
  }
}

/** What stood in the way of the answer may stand in the way of this too. */
function sendFailure(exchange: Exchange): void {
  try {
    sendJson(exchange, 500, { errors: [masked(exchange.requestId)] });
  } catch {
    exchange.response.destroy();
  }
}

/** A browser asks, before it lets a page of another site send more than a form could. */
function answerOptions(exchange: Exchange, cors: Cors): void {
  if (exchange.request.headers['access-control-request-method'] === undefined) return send(exchange, 204, {}, '');
  const permission = cors.preflight(exchange.request);
  if ('refused' in permission) return sendError(exchange, 403, 'FORBIDDEN', permission.refused);
  send({ ...exchange, headers: [...exchange.headers, ...permission] }, 204, {}, '');
}

/**
 * Answers with a body already written, compressed where that is worth it and the client takes it.
 * @param encoded What this body has become before; what it becomes now is added.
 */
export function send(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  encoded?: Encoded,
): void {
  const all = withCommon(exchange.headers, headers);
  if (!exchange.isCompressing || body.length < LEAST_BYTES || !isCompressible(headers)) {
    return sendContent(exchange, status, all, body);
  }
  // Whoever keeps it must not hand it to those that take another encoding.
  const { vary = '', 'cache-control': kept } = headers;
  if (kept !== 'no-store' && !vary.includes('accept-encoding')) all.push('vary', 'accept-encoding');
  const encoding = encodingOf(exchange.request.headers['accept-encoding']);
  if (!encoding) return sendContent(exchange, status, all, body);
  const sendEncoded = (compressed: Buffer | null): void => {
    if (compressed) encoded?.set(encoding, compressed);
    if (exchange.response.destroyed) return;
    if (compressed) all.push('content-encoding', encoding);
    sendContent(exchange, status, all, compressed ?? body);
  };
  const known = encoded?.get(encoding);
  if (known) sendEncoded(known);
  else compress(typeof body === 'string' ? Buffer.from(body) : body, encoding, sendEncoded);
}

function sendContent(exchange: Exchange, status: number, all: string[], body: string | Buffer): void {
  const { request, response } = exchange;
  const isLast = isLastOf(exchange);
  if (isLast) all.push('connection', 'close');
  // A short body leaves in one piece with the headers, as text; a long one is encoded once.
  const content = typeof body === 'string' && body.length > LONG_BODY ? Buffer.from(body) : body;
  // A 204 has no length, a 304 that of what it stands for (RFC 9110, 8.6).
  const isEmpty = status === 204 || status === 304;
  if (!isEmpty) all.push('content-length', String(Buffer.byteLength(content)));
  const hasBody = !isEmpty && request.method !== 'HEAD';
  if (isLast || !hasBody) response.writeHead(status, all);
  else writeHead(response, status, all);
  response.end(hasBody ? content : undefined);
}

/** Whether a connection is closed behind an answer: the rest of a body nobody reads would keep it waiting. */
const isLastOf = ({ request, isStopping }: Pick<Exchange, 'request' | 'isStopping'>): boolean =>
  (!request.complete && !hasNoBody(request)) || isStopping();

/** The header that says so. */
export const lastly = (exchange: Exchange): Readonly<Record<string, string>> =>
  isLastOf(exchange) ? { connection: 'close' } : {};

/** Whoever takes nothing for so long has gone. */
const STALLED_MILLISECONDS = 30_000;

/** Answers with a body in parts, no faster than the client takes them. Rejects where a part cannot be had. */
export async function sendParts(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  parts: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { request, response } = exchange;
  response.writeHead(status, withCommon(exchange.headers, { ...headers, ...lastly(exchange) }));
  if (request.method === 'HEAD') return void response.end();
  response.setTimeout(STALLED_MILLISECONDS, () => response.destroy());
  try {
    await pipeline(Readable.from(parts, { objectMode: false, highWaterMark: 1 }), response);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Adds headers to whatever is answered; one that may stand once stays as it was said first. */
export function addHeaders({ headers }: Exchange, added: Readonly<Record<string, string>>): void {
  for (const name in added) {
    if (name !== 'retry-after' || !headers.includes(name)) headers.push(name, added[name] ?? '');
  }
}

export function sendJson(exchange: Exchange, status: number, value: unknown): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  send(exchange, status, headers, JSON.stringify(value));
}

/** A refusal before any GraphQL, in GraphQL's own form. */
export function sendError(exchange: Exchange, status: number, code: string, message: string): void {
  sendJson(exchange, status, { errors: [{ message, extensions: { code } }] });
}
