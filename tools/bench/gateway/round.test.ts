import { faultOf, type Reading } from './round.ts';

const aReading = (asked: number, computed = 5, pids = [7]): Reading => ({
  gateway: pids.map((pid) => ({ pid, parent: 1, name: 'node', cpuMs: 1 })),
  subgraphs: [],
  redis: [],
  counts: { asked, computed },
});

test('a round in which every request made its fetches is a good one', () => {
  expect(faultOf(aReading(10), aReading(40), 30)).toBeNull();
});

test('fewer fetches than requests need mean a cache or sharing, more mean retries', () => {
  expect(faultOf(aReading(10), aReading(39), 30)).toContain('asked 29 times instead of 30');
  expect(faultOf(aReading(10), aReading(41), 30)).toContain('asked 31 times instead of 30');
});

test('what subgraphs had to compute, and a process that came or went, spoil a round', () => {
  expect(faultOf(aReading(10), aReading(40, 6), 30)).toContain('compute');
  expect(faultOf(aReading(10), aReading(40, 5, [7, 8]), 30)).toContain('in the middle');
});
