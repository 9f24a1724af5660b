import { type Figures, figuresOf, type Measured, median, mediansOf, percentile, ratioOf } from './statistics.ts';

const measured: Measured = {
  requests: 4,
  errors: 1,
  seconds: 2,
  latenciesMs: [30, 10, 20, 40],
  cpuMs: 10,
  gatewayCpuMs: 6,
  postgresqlCpuMs: 2,
  redisCpuMs: null,
};

const aRound = (cpuMsPerRequest: number, redisCpuMs: number | null = 0): Figures => ({
  cpuMsPerRequest,
  gatewayCpuMs: cpuMsPerRequest / 2,
  postgresqlCpuMs: 1,
  redisCpuMs,
  p50Ms: 10 * cpuMsPerRequest,
  p95Ms: 20,
  requestsPerSecond: 100,
});

test('the median is the middle, and the mean of two middles', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 10])).toBe(3.5);
  expect(() => median([])).toThrow('no numbers');
});

test('a percentile is one of the numbers, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(percentile(hundred, 95)).toBe(95);
  expect(percentile(hundred, 50)).toBe(50);
  expect(percentile([7], 95)).toBe(7);
  expect(percentile([1, 2], 0)).toBe(1);
  expect(() => percentile([], 50)).toThrow('no numbers');
});

test('sorting is by size, not by text', () => {
  expect(median([10, 9, 100])).toBe(10);
  expect(percentile([10, 9, 100], 100)).toBe(100);
});

test('a round is told per request', () => {
  expect(figuresOf(measured)).toEqual({
    requests: 4,
    errors: 1,
    cpuMsPerRequest: 2.5,
    gatewayCpuMs: 1.5,
    postgresqlCpuMs: 0.5,
    redisCpuMs: null,
    p50Ms: 20,
    p95Ms: 40,
    requestsPerSecond: 2,
  });
  expect(() => figuresOf({ ...measured, requests: 0, latenciesMs: [] })).toThrow('without a request');
});

test('one disturbed round does not move the medians', () => {
  expect(mediansOf([aRound(2), aRound(90), aRound(3)])).toEqual(aRound(3));
  expect(mediansOf([aRound(2, null)]).redisCpuMs).toBeNull();
});

test('a ratio compares rounds that ran beside each other', () => {
  const quietThenBusy = [aRound(1), aRound(10), aRound(2)];
  const base = [aRound(4), aRound(40), aRound(4)];
  expect(ratioOf(quietThenBusy, base)).toBe(0.25);
  expect(() => ratioOf([], base)).toThrow('no numbers');
});
