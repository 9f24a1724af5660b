import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOP_HEADER, verifyHop } from './hop.ts';
import type { SubgraphRequest } from './request.ts';
import type { RunningSubgraph } from './running.ts';

export interface SubgraphServer {
  readonly url: string;
  /** Refuses new work, finishes what runs (10 s at most), closes. */
  readonly stop: () => Promise<void>;
}

export interface SubgraphServerOptions {
  readonly host: string;
  readonly port: number;
  /** Shared with the gateway; without a signature by it, only /health is answered. */
  readonly hopSecret: string;
}

/** A representation list of 1,000 ids is about 50 kB; a post of 200 kB comes in a mutation. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const STOP_GRACE_MS = 10_000;

/** Serves one subgraph over HTTP to the gateway. */
export async function serveSubgraph(
  subgraph: RunningSubgraph,
  options: SubgraphServerOptions,
): Promise<SubgraphServer> {
  const server = createServer((request, response) => {
    answer(subgraph, options.hopSecret, request, response).catch((error: unknown) => {
      // What is left of the request is read past, so that its sender comes to reading the answer.
      request.resume();
      const status = error instanceof Unreadable ? error.status : 500;
      if (response.headersSent) response.destroy();
      else send(response, status, { error: 'the request could not be read' });
    });
  });
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}/graphql`, stop: () => close(server) };
}

async function answer(
  subgraph: RunningSubgraph,
  secret: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url === '/health/live') return send(response, 200, { status: 'ok' });
  if (request.url === '/health/ready' || request.url === '/health') {
    const health = await subgraph.health();
    return send(response, health.status === 'down' ? 503 : 200, health);
  }
  const body = await readBody(request);
  const hop = verifyHop(secret, subgraph.name, request.headers[HOP_HEADER]?.toString(), body);
  if (!hop) return send(response, 401, { error: 'only a signed gateway is answered' });
  if (request.method !== 'POST' || request.url !== '/graphql') return send(response, 404, { error: 'POST /graphql' });
  send(response, 200, await subgraph.execute(requestOf(body), hop));
}

class Unreadable extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413) {
    super(`the request cannot be read: ${status}`);
    this.status = status;
  }
}

function requestOf(body: Buffer): SubgraphRequest {
  try {
    const request = JSON.parse(body.toString()) as SubgraphRequest | null;
    if (typeof request?.query === 'string') return request;
  } catch {
    // Answered like any other body that is no operation.
  }
  throw new Unreadable(400);
}

/** Events, because an iterator over the stream costs more than all else here. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What is too much is read past, so that the connection still carries the refusal.
      if (size > BODY_LIMIT_BYTES) reject(new Unreadable(413));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Unreadable(400)));
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function close(server: Server): Promise<void> {
  const force = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  // A connection that was busy when the stop began is idle once its answer is sent, and would be kept alive.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(force);
  clearInterval(sweep);
}
