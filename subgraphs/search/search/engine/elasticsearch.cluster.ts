import { Client, errors } from '@elastic/elasticsearch';
import { CodedError } from 'kit/errors';
import type { Logger } from 'kit/logger';
import { resilient } from 'kit/resilience';

/** An Elasticsearch 8 and the name under which our index answers there. */
export interface Cluster {
  readonly alias: string;
  /** Asks within a timeout, behind a circuit breaker. Throws RETRY_LATER where no answer comes. */
  readonly ask: <Answer>(work: (client: Client) => Promise<Answer>) => Promise<Answer>;
  /** Notes that the index is gone and throws RETRY_LATER: the next to come makes it anew. */
  readonly lost: () => never;
  /** Resolves where Elasticsearch answers, soon; for health, past the breaker. */
  readonly ping: () => Promise<unknown>;
  isReady: boolean;
}

const TIMEOUT_SECONDS = 10;
const PING_MS = 2000;
export const GONE = 404;

export function connectCluster(url: string, alias: string, log: Logger): Cluster {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: TIMEOUT_SECONDS * 1000 });
  const policy = resilient({ timeoutSeconds: TIMEOUT_SECONDS, retries: 1 });
  const cluster: Cluster = {
    alias,
    isReady: false,
    ping: () => client.ping({}, { requestTimeout: PING_MS, maxRetries: 0 }),
    lost: () => {
      cluster.isReady = false;
      throw retryLater();
    },
    ask: async (work) => {
      // A refusal is an answer: it neither is tried again nor opens the breaker.
      const answer = await policy
        .execute(async () => ({ value: await work(client).catch(refusalOf) }))
        .catch((error: unknown) => {
          log.warn({ err: error }, 'Elasticsearch does not answer; changes wait in PostgreSQL');
          throw retryLater();
        });
      if (!(answer.value instanceof Refusal)) return answer.value;
      if (answer.value.cause.statusCode === GONE) return cluster.lost();
      throw answer.value.cause;
    },
  };
  return cluster;
}

export const retryLater = (): CodedError =>
  new CodedError('RETRY_LATER', 'Search does not answer now; ask again in a few seconds.');

class Refusal extends Error {
  override readonly cause: errors.ResponseError;

  constructor(cause: errors.ResponseError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** Too many requests (or a full disk) and server errors are absence; every other status is a refusal. */
export const isAbsence = (status: number): boolean => status >= 500 || status === 429;

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof errors.ResponseError) || isAbsence(error.statusCode ?? 500)) throw error;
  return new Refusal(error);
}
