import { queries } from './queries.ts';
import { reportOf } from './report.ts';
import type { GatewayFigures } from './round.ts';

const aRound = (cpuMs: number): GatewayFigures => ({
  requests: 100,
  errors: 0,
  cpuMsPerRequest: cpuMs,
  gatewayCpuMs: cpuMs,
  subgraphsCpuMs: cpuMs / 10,
  postgresqlCpuMs: 0,
  redisCpuMs: 0.01,
  p50Ms: 5,
  p95Ms: 9,
  requestsPerSecond: 1000,
});

test('the ratio is the median of the rounds in pairs, and medians stand beside it', () => {
  const rounds = { ours: [0.2, 0.9, 0.3].map(aRound), stock: [1, 1.5, 1.2].map(aRound) };
  const report = reportOf(queries.a, rounds);
  expect(report).toMatchObject({ ratio: 0.25, bar: 0.25, isMet: true });
  expect(report.ours).toMatchObject({ cpuMs: 0.3, subgraphsCpuMs: 0.03, redisCpuMs: 0.01, p50Ms: 5, p95Ms: 9 });
  expect(report.stock).toMatchObject({ cpuMs: 1.2, requestsPerSecond: 1000 });
  expect(report.stock.rounds.map(({ cpuMs }) => cpuMs)).toEqual([1, 1.5, 1.2]);
});

test('a ratio above the bar is not met', () => {
  const report = reportOf(queries.a, { ours: [aRound(0.26)], stock: [aRound(1)] });
  expect(report).toMatchObject({ ratio: 0.26, isMet: false });
});
