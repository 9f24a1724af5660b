import type { LiveFollower } from 'kit/live';

/** `up` works, `degraded` works in part, `down` does not. */
export interface HealthReport {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

export type HealthChecks = Readonly<Record<string, () => Promise<HealthReport>>>;

export interface Readiness {
  readonly status: 'up' | 'degraded' | 'down' | 'stopping';
  readonly redis: HealthReport;
  /** `degraded` while an older one is served than the source has, with since when. */
  readonly supergraph: HealthReport;
  readonly subgraphs: Readonly<Record<string, HealthReport>>;
}

/** Readiness is asked by anybody: the dependencies are asked once in this time. */
const REMEMBERED_MILLISECONDS = 1000;
const CHECK_MILLISECONDS = 3000;

export interface ReadinessOptions {
  readonly redis: () => Promise<HealthReport>;
  /** As they are at the time: a new supergraph may name others. */
  readonly subgraphs: HealthChecks;
  readonly supergraph: () => HealthReport;
}

/**
 * Tells whether this gateway can serve: `degraded` (still ready) while Redis or some subgraph is away or the supergraph is
 * stale, `down` once every subgraph is.
 */
export function createReadiness(options: ReadinessOptions): () => Promise<Readiness> {
  let answer: Promise<Readiness> | undefined;
  let askedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (!answer || now - askedAt > REMEMBERED_MILLISECONDS) {
      askedAt = now;
      answer = ask(options);
    }
    return answer;
  };
}

async function ask({ redis, subgraphs, supergraph }: ReadinessOptions): Promise<Readiness> {
  const names = Object.keys(subgraphs);
  const [redisReport, ...reports] = await Promise.all([redis, ...Object.values(subgraphs)].map(check));
  const supergraphReport = supergraph();
  const everything = [redisReport ?? { status: 'up' }, supergraphReport, ...reports];
  const isDown = reports.length > 0 && reports.every(({ status }) => status === 'down');
  const isDegraded = everything.some(({ status }) => status !== 'up');
  return {
    status: isDown ? 'down' : isDegraded ? 'degraded' : 'up',
    redis: redisReport ?? { status: 'up' },
    supergraph: supergraphReport,
    subgraphs: Object.fromEntries(names.map((name, index) => [name, reports[index] ?? { status: 'down' }])),
  };
}

/** A check that fails or hangs is an answer too. */
async function check(ask: () => Promise<HealthReport>): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'down', detail: 'gave no answer in time' }), CHECK_MILLISECONDS);
  });
  try {
    return await Promise.race([ask(), tooLate]);
  } catch {
    return { status: 'down', detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}

/** How the Redis of live events is, if there is one. */
export function redisHealth(follower: LiveFollower | null): HealthReport {
  if (!follower) return { status: 'up', detail: 'not configured' };
  return follower.isConnected() ? { status: 'up' } : { status: 'down', detail: 'cannot be reached' };
}
