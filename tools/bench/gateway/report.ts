import { median, mediansOf, ratioOf, rounded } from '../statistics.ts';
import type { BenchQuery } from './queries.ts';
import type { GatewayFigures } from './round.ts';
import type { GatewayName } from './setups.ts';

export type Rounds = Record<GatewayName, GatewayFigures[]>;

/** What one query cost on both, and how that stands to its bar. */
export function reportOf({ about, bar, query, variables }: BenchQuery, { ours, stock }: Rounds) {
  const ratio = ratioOf(ours, stock);
  return {
    about,
    ratio,
    bar,
    isMet: ratio <= bar,
    ours: sideOf(ours),
    stock: sideOf(stock),
    query,
    variables,
  };
}

/** Medians over the rounds, per request in milliseconds, and the rounds they come from. */
function sideOf(rounds: readonly GatewayFigures[]) {
  const { gatewayCpuMs: cpuMs, redisCpuMs, p50Ms, p95Ms, requestsPerSecond } = mediansOf(rounds);
  return {
    cpuMs,
    p50Ms,
    p95Ms,
    requestsPerSecond,
    subgraphsCpuMs: rounded(median(rounds.map((round) => round.subgraphsCpuMs))),
    redisCpuMs,
    rounds: rounds.map((round) => ({
      cpuMs: round.gatewayCpuMs,
      p50Ms: round.p50Ms,
      p95Ms: round.p95Ms,
      requests: round.requests,
    })),
  };
}
