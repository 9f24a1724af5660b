import { HOP_HEADER, signHop, type Hop } from 'kit/hop';
import type { SubgraphResponse, Transport } from 'kit/request';
import { Pool } from 'undici';
import type { HealthReport } from '../health.ts';

export interface HttpTransportOptions {
  /** The subgraph's name: the audience its hops are signed for. */
  readonly name: string;
  readonly url: string;
  /** Null asks unsigned, for subgraphs that are not ours. */
  readonly secret: string | null;
  readonly timeoutSeconds: number;
  readonly responseLimitBytes: number;
  readonly connections: number;
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

/** A subgraph behind HTTP: pooled keep-alive connections, the hop signed over the exact body. Rejects where it gives no GraphQL answer. */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const { origin, pathname, search } = new URL(options.url);
  const timeout = options.timeoutSeconds * 1000;
  const pool = new Pool(origin, {
    connections: options.connections,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: { timeout: Math.min(timeout, 2000) },
    maxResponseSize: options.responseLimitBytes,
  });
  const path = pathname + search;

  const post = async (body: string, headers: Record<string, string>): Promise<SubgraphResponse> => {
    const answer = await pool.request({ method: 'POST', path, headers, body });
    return readAnswer(answer.statusCode, await answer.body.text());
  };
  return {
    send: async (request, hop) => {
      const body = JSON.stringify(request);
      const headers = headersFor(options, hop, body);
      try {
        return await post(body, headers);
      } catch (error) {
        if (!isRepeatable(request.query) || !connectionErrors.has(errorCode(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
        return post(body, headers);
      }
    },
    health: () => askHealth(pool),
    // By now every request has been answered or given up.
    close: () => pool.destroy(),
  };
}

function headersFor({ secret, name }: HttpTransportOptions, hop: Hop, body: string): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json',
    'x-request-id': hop.requestId,
  };
  if (secret) headers[HOP_HEADER] = signHop(secret, name, hop, body);
  return headers;
}

/** GraphQL over HTTP answers some refusals with 4xx and a GraphQL body; a topic comes in extensions alone; anything else is no answer. */
function readAnswer(status: number, text: string): SubgraphResponse {
  if (status === 401 || status >= 500) throw new Error(`the subgraph answered ${status}`);
  const answer: unknown = JSON.parse(text);
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !['data', 'errors', 'extensions'].some((part) => part in answer)
  ) {
    throw new Error(`the subgraph answered ${status} with nothing of GraphQL`);
  }
  return answer;
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
