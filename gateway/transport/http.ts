import { HOP_HEADER, signHop, type Hop } from 'kit/hop';
import type { SubgraphResponse, Transport } from 'kit/request';
import { Pool } from 'undici';
import type { HealthReport } from '../health.ts';
import { BREAKER, createBreaker, type BreakerOptions } from '../resilience.ts';
import { createConnector } from './connector.ts';
import { post, type HttpAnswer } from './exchange.ts';
import { OWN_HEADERS } from './headers.ts';
import { bodyOf } from './request-body.ts';

export interface HttpTransportOptions {
  /** The subgraph's name: the audience its hops are signed for. */
  readonly name: string;
  readonly url: string;
  /** Null asks unsigned, for subgraphs that are not ours. */
  readonly secret: string | null;
  readonly timeoutSeconds: number;
  readonly responseLimitBytes: number;
  readonly connections: number;
  readonly breaker?: BreakerOptions;
}

export interface HttpTransport extends Transport {
  readonly health: () => Promise<HealthReport>;
}

/** Failures that happened before an answer, so that a query may be asked once more. */
const connectionErrors: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const RETRY_MILLISECONDS = 50;
const HEALTH_SECONDS = 2;
/** The subgraph refuses this request by its status (RFC 9110, 15.5), with nothing of GraphQL. */
class RefusedByStatus extends Error {
  readonly code = 'REFUSED_BY_STATUS';
}

/** An answer over the limit, a body too large: what one asker does must not shut the subgraph to everybody. */
const ASKERS_DOING: ReadonlySet<string> = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'REFUSED_BY_STATUS']);
/** It knows us no more, or has not had the whole of it in time: neither is the asker's doing. */
const NOT_ASKERS: ReadonlySet<number> = new Set([401, 408]);

/** A subgraph behind HTTP: pooled keep-alive connections, a breaker, the hop signed over the exact body. Rejects where it gives no GraphQL answer. */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const { origin, protocol, pathname, search } = new URL(options.url);
  const timeout = options.timeoutSeconds * 1000;
  const connectTimeout = Math.min(timeout, 2000);
  const pool = new Pool(origin, {
    connections: options.connections,
    // The whole exchange has its time.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: protocol === 'https:' ? { timeout: connectTimeout } : createConnector(connectTimeout),
    maxResponseSize: options.responseLimitBytes,
  });
  const breaker = createBreaker(options.breaker ?? BREAKER, (error) => !ASKERS_DOING.has(errorCode(error)));
  const path = pathname + search;
  const ask = (body: string, headers: string[]): Promise<SubgraphResponse> =>
    breaker.run(() => post(pool, { path, headers, body, timeoutMilliseconds: timeout }).then(readAnswer));

  return {
    send: (request, hop, further) => {
      const body = bodyOf(request);
      const headers = headersFor(options, hop, body, further);
      return ask(body, headers).catch(async (error: unknown) => {
        if (!connectionErrors.has(errorCode(error)) || !isRepeatable(request.query)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
        return ask(body, headers);
      });
    },
    health: () =>
      breaker.isOpen() ? Promise.resolve({ status: 'down', detail: 'not asked: too many failures' }) : askHealth(pool),
    // By now every request has been answered or given up.
    close: () => pool.destroy(),
  };
}

type Headers = Readonly<Record<string, string>>;

function headersFor({ secret, name }: HttpTransportOptions, hop: Hop, body: string, further?: Headers): string[] {
  const headers = ['content-type', 'application/json', 'accept', 'application/json', 'x-request-id', hop.requestId];
  if (secret) headers.push(HOP_HEADER, signHop(secret, name, hop, body));
  if (further) {
    for (const [key, value] of Object.entries(further))
      if (!OWN_HEADERS.has(key.toLowerCase())) headers.push(key, value);
  }
  return headers;
}

/** GraphQL over HTTP answers some refusals with 4xx and a GraphQL body; a topic comes in extensions alone; anything else is no answer. */
function readAnswer({ status, text }: HttpAnswer): SubgraphResponse {
  if (status >= 500 || NOT_ASKERS.has(status)) throw new Error(`the subgraph answered ${status}`);
  const isRefused = status >= 400;
  const answer: unknown = isRefused ? parsedOrNull(text) : JSON.parse(text);
  const isObject = typeof answer === 'object' && answer !== null;
  if (isObject && ('data' in answer || 'errors' in answer || 'extensions' in answer)) return answer as SubgraphResponse;
  const message = `the subgraph answered ${status} with nothing of GraphQL`;
  throw isRefused ? new RefusedByStatus(message) : new Error(message);
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Only what reads may be asked twice; a planner's or hook's document starts with its operation. */
const isRepeatable = (query: string): boolean =>
  /^\s*(?:query\b|subscription\b|\{)/.test(query) && !/^\s*mutation\b/m.test(query);

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

async function askHealth(pool: Pool): Promise<HealthReport> {
  const signal = AbortSignal.timeout(HEALTH_SECONDS * 1000);
  try {
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/health/ready', signal });
    await body.dump();
    return statusCode < 500 ? { status: 'up' } : { status: 'down', detail: `answered ${statusCode}` };
  } catch {
    return { status: 'down', detail: 'cannot be reached' };
  }
}
