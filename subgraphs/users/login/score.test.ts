import { assess, type Earlier, type History } from './score.ts';

const LISBON = { country: 'PT', city: 'Lisbon', latitude: 39, longitude: -9 };
const TOKYO = { country: 'JP', city: 'Tokyo', latitude: 36, longitude: 140 };
const PORTO = { country: 'PT', city: 'Porto', latitude: 41, longitude: -9 };

const now = new Date('2026-03-01T12:00:00Z');
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const usual: Earlier = { at: now, device: 'Firefox on Linux', network: '192.0.2.0/24', place: LISBON };
const quiet: History = { succeeded: [], failures: 0, failedNetworks: 0, failuresFromNetwork: 0 };
const after = (earlier: Partial<Earlier>, hours: number): History => ({
  ...quiet,
  succeeded: [{ ...usual, at: hoursAgo(hours), ...earlier }],
});

test.each<[string, Earlier, History, string[]]>([
  ['the first sign-in', usual, quiet, []],
  ['the usual', usual, after({}, 24), []],
  ['a new device', { ...usual, device: 'Chrome on Android' }, after({}, 24), ['NEW_DEVICE']],
  ['a new network', { ...usual, network: '203.0.113.0/24' }, after({}, 24), ['NEW_NETWORK']],
  ['Tokyo, two hours after Lisbon', { ...usual, place: TOKYO }, after({}, 2), ['IMPOSSIBLE_TRAVEL']],
  ['Tokyo, a day after Lisbon', { ...usual, place: TOKYO }, after({}, 24), []],
  ['the next town, at once', { ...usual, place: PORTO }, after({}, 0), []],
  [
    'a moment before the last one, by another clock',
    { ...usual, place: TOKYO },
    after({}, -0.01),
    ['IMPOSSIBLE_TRAVEL'],
  ],
  [
    'another country within the hour, whereabouts unknown',
    { ...usual, place: { ...TOKYO, latitude: null, longitude: null } },
    after({}, 0.5),
    ['IMPOSSIBLE_TRAVEL'],
  ],
  [
    'another country the day after, whereabouts unknown',
    { ...usual, place: { ...TOKYO, latitude: null, longitude: null } },
    after({}, 24),
    [],
  ],
  ['no place', { ...usual, place: null }, after({}, 0.5), []],
  ['four failures', usual, { ...after({}, 24), failures: 4, failedNetworks: 4 }, []],
  ['five failures', usual, { ...after({}, 24), failures: 5, failedNetworks: 1 }, ['FAILURES_ON_ACCOUNT']],
  [
    'failures from everywhere',
    usual,
    { ...after({}, 24), failures: 10, failedNetworks: 5 },
    ['FAILURES_ON_ACCOUNT', 'FAILURES_FROM_MANY'],
  ],
  [
    'a network that tries many accounts',
    usual,
    { ...after({}, 24), failuresFromNetwork: 10 },
    ['FAILURES_FROM_NETWORK'],
  ],
])('%s', (_, signIn, history, reasons) => expect(assess(signIn, history).reasons).toEqual(reasons));

test('an hour is unusual once there is a habit, round the clock', () => {
  const atHour = (hour: number): Earlier => ({ ...usual, at: new Date(Date.UTC(2026, 1, 1, hour)) });
  const habit = (count: number): History => ({ ...quiet, succeeded: Array.from({ length: count }, () => atHour(23)) });
  expect(assess(atHour(5), habit(9)).reasons).toEqual([]);
  expect(assess(atHour(5), habit(10)).reasons).toEqual(['UNUSUAL_HOUR']);
  expect(assess(atHour(1), habit(10)).reasons).toEqual([]);
  expect(assess(atHour(21), habit(10)).reasons).toEqual([]);
});
