/** What the clients of one round saw, and what it cost the machine. */
export interface Measured {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
  /** CPU time spent in the round: the whole set-up's, its gateway process's, and the stores'. */
  readonly cpuMs: number;
  readonly gatewayCpuMs: number;
  readonly postgresqlCpuMs: number;
  /** Null where Redis has no process of its own. */
  readonly redisCpuMs: number | null;
}

/** The same per request, in milliseconds unless the name says otherwise. */
export interface Figures {
  readonly cpuMsPerRequest: number;
  readonly gatewayCpuMs: number;
  readonly postgresqlCpuMs: number;
  readonly redisCpuMs: number | null;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly requestsPerSecond: number;
}

export interface RoundFigures extends Figures {
  readonly requests: number;
  readonly errors: number;
}

/** The middle of the numbers, or the mean of the two in the middle. Throws where there is none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (lower === undefined || upper === undefined) throw new Error('no numbers, no median');
  return (lower + upper) / 2;
}

/** The smallest number that at least `percent` % of the numbers do not exceed (nearest rank). Throws where there is none. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (found === undefined) throw new Error('no numbers, no percentile');
  return found;
}

/** Three decimals: microseconds are the finest that the clock of processes could tell over a round. */
export const rounded = (number: number): number => Math.round(number * 1000) / 1000;

/** Throws where a round answered nothing. */
export function figuresOf(measured: Measured): RoundFigures {
  const { requests, errors, seconds, latenciesMs, redisCpuMs } = measured;
  if (requests === 0) throw new Error('a round without a request says nothing');
  const perRequest = (ms: number): number => rounded(ms / requests);
  return {
    requests,
    errors,
    cpuMsPerRequest: perRequest(measured.cpuMs),
    gatewayCpuMs: perRequest(measured.gatewayCpuMs),
    postgresqlCpuMs: perRequest(measured.postgresqlCpuMs),
    redisCpuMs: redisCpuMs === null ? null : perRequest(redisCpuMs),
    p50Ms: rounded(percentile(latenciesMs, 50)),
    p95Ms: rounded(percentile(latenciesMs, 95)),
    requestsPerSecond: rounded(requests / seconds),
  };
}

/** Each figure's median over the rounds. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const of = (figure: (round: Figures) => number): number => rounded(median(rounds.map(figure)));
  const redis = rounds.flatMap((round) => round.redisCpuMs ?? []);
  return {
    cpuMsPerRequest: of((round) => round.cpuMsPerRequest),
    gatewayCpuMs: of((round) => round.gatewayCpuMs),
    postgresqlCpuMs: of((round) => round.postgresqlCpuMs),
    redisCpuMs: redis.length === 0 ? null : rounded(median(redis)),
    p50Ms: of((round) => round.p50Ms),
    p95Ms: of((round) => round.p95Ms),
    requestsPerSecond: of((round) => round.requestsPerSecond),
  };
}

/**
 * How one set-up's CPU per request stands to another's: 0.5 is half of it. Rounds are compared in pairs, which ran right
 * after each other, so that what else the machine did weighs on both; the median of the pairs is the answer.
 */
export function ratioOf(rounds: readonly Figures[], base: readonly Figures[]): number {
  const pairs = rounds.flatMap(({ cpuMsPerRequest }, index) => {
    const other = base[index];
    return other ? [cpuMsPerRequest / other.cpuMsPerRequest] : [];
  });
  return rounded(median(pairs));
}
