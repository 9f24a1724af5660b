import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createLogger } from 'kit/logger';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import {
  createRateLimiter,
  defaultRateRules,
  rateRefusal,
  type RateDecision,
  type RateLimiter,
  type RateRules,
} from './rate-limit.ts';
import { createLocalWindow, SLICES, type Take } from './rate-limit.window.ts';

const log = createLogger('test', 'silent');
let redis: Redis;
let other: Redis;
beforeAll(async () => {
  redis = new Redis(workerRedisUrl());
  other = new Redis(workerRedisUrl());
  await redis.flushdb();
});
afterAll(() => {
  redis.disconnect();
  other.disconnect();
});

let people = 0;
const somebody = () => `user:${++people}`;
const address = '203.0.113.7';
/** Patient, so that a busy machine is not taken for a Redis that hangs. */
const limiterOf = (
  rules: Partial<RateRules> = {},
  over: Redis | null = redis,
  patienceMilliseconds = 5000,
): RateLimiter =>
  createRateLimiter({ redis: over, log, rules: { ...defaultRateRules, ...rules }, patienceMilliseconds });
const few: Partial<RateRules> = { signedIn: { requests: 3, cost: 100 }, anonymous: { requests: 2, cost: 50 } };

async function passesOf(
  limiter: RateLimiter,
  times: number,
  request: { viewerKey: string | null; address?: string; cost?: number },
) {
  const decisions = await Promise.all(
    Array.from({ length: times }, () => limiter.take({ address, cost: 1, ...request })),
  );
  return decisions.filter(({ isAllowed }) => isAllowed).length;
}

describe.each(['with Redis', 'without Redis'])('%s', (where) => {
  const here = (rules?: Partial<RateRules>) => limiterOf(rules, where === 'with Redis' ? redis : null);

  test('lets through as many as it says, and tells how it stands', async () => {
    const limiter = here(few);
    const viewerKey = somebody();
    const first = await limiter.take({ viewerKey, address, cost: 40 });
    expect(first).toEqual({
      isAllowed: true,
      retryAfterSeconds: 0,
      exceeded: null,
      headers: {
        'ratelimit-policy': '"requests";q=3;w=60, "cost";q=100;w=60;qu="cost"',
        ratelimit: expect.stringMatching(/^"requests";r=2;t=6[01], "cost";r=60;t=6[01]$/) as string,
        'ratelimit-limit': '3',
        'ratelimit-remaining': '2',
        'ratelimit-reset': expect.stringMatching(/^6[01]$/) as string,
      },
    });
    expect(await passesOf(limiter, 5, { viewerKey })).toBe(2);
    const refused = await limiter.take({ viewerKey, address, cost: 1 });
    expect(refused).toMatchObject({ isAllowed: false, exceeded: 'requests', headers: { 'ratelimit-remaining': '0' } });
    expect(refused.retryAfterSeconds).toBeGreaterThan(55);
    expect(refused.headers['retry-after']).toBe(String(refused.retryAfterSeconds));
    expect(refused.headers['ratelimit-reset']).toBe(refused.headers['retry-after']);
  });

  test('holds a budget of cost beside, and says that it is that', async () => {
    const limiter = here(few);
    const viewerKey = somebody();
    await limiter.take({ viewerKey, address, cost: 90 });
    const refused = await limiter.take({ viewerKey, address, cost: 11 });
    expect(refused).toMatchObject({
      isAllowed: false,
      exceeded: 'cost',
      headers: { 'ratelimit-limit': '100', 'ratelimit-remaining': '10' },
    });
    expect(rateRefusal(refused).extensions).toEqual({
      code: 'RATE_LIMITED',
      http: { status: 429 },
      retryAfterSeconds: refused.retryAfterSeconds,
      exceeded: 'cost',
    });
    expect((await limiter.take({ viewerKey, address, cost: 10 })).isAllowed).toBe(true);
    expect((await limiter.take({ viewerKey, address, cost: 0 })).isAllowed).toBe(true);
  });

  test('refuses for good what costs more than a window has, and costs that are no numbers', async () => {
    const limiter = here(few);
    for (const cost of [101, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(await limiter.take({ viewerKey: somebody(), address, cost })).toMatchObject({
        isAllowed: false,
        retryAfterSeconds: 60,
      });
    }
    const viewerKey = somebody();
    expect(await passesOf(limiter, 5, { viewerKey, cost: -50 })).toBe(3);
  });

  test('counts viewers by themselves, and who is not signed in by address', async () => {
    const limiter = here(few);
    expect(await passesOf(limiter, 5, { viewerKey: somebody() })).toBe(3);
    expect(await passesOf(limiter, 5, { viewerKey: somebody() })).toBe(3);
    const subnet = `2001:db8:${people}:${where === 'with Redis' ? 1 : 2}`;
    expect(await passesOf(limiter, 5, { viewerKey: null, address: `${subnet}::1` })).toBe(2);
    expect(await passesOf(limiter, 5, { viewerKey: null, address: `${subnet}:ffff::2` })).toBe(0);
    expect(await passesOf(limiter, 5, { viewerKey: null, address: `${subnet.replace('db8', 'db9')}::1` })).toBe(2);
    expect(await passesOf(limiter, 5, { viewerKey: null, address: '198.51.100.1' })).toBe(2);
    expect(await passesOf(limiter, 5, { viewerKey: null, address: '::ffff:198.51.100.1' })).toBe(0);
  });

  test('counts an address for all together where a rule says so, taking of neither where one is used up', async () => {
    const limiter = here({ ...few, address: { requests: 5, cost: 1000 } });
    const shared = where === 'with Redis' ? '198.51.100.77' : '198.51.100.78';
    const [ada, grace] = [somebody(), somebody()];
    expect(await passesOf(limiter, 9, { viewerKey: ada, address: shared })).toBe(3);
    expect(await passesOf(limiter, 9, { viewerKey: grace, address: shared })).toBe(2);
    const refused = await limiter.take({ viewerKey: grace, address: shared, cost: 1 });
    expect(refused).toMatchObject({ exceeded: 'address-requests', headers: { 'ratelimit-limit': '5' } });
    expect(refused.headers['ratelimit']).toMatch(/"requests";r=1;.*"address-requests";r=0;/);
  });

  test('what was refused is not counted: whoever waits as long as told gets through', async () => {
    const limiter = here({ windowSeconds: 1, signedIn: { requests: 2, cost: 100 } });
    const viewerKey = somebody();
    expect(await passesOf(limiter, 2, { viewerKey })).toBe(2);
    const startedAt = performance.now();
    await until('it fits again', async () => (await limiter.take({ viewerKey, address, cost: 1 })).isAllowed);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

describe('shared by gateways', () => {
  test('the limit is one, however many ask at once', async () => {
    const limiters = [limiterOf(few), limiterOf(few, other), limiterOf(few, other)];
    const viewerKey = somebody();
    const passes = await Promise.all(limiters.map((limiter) => passesOf(limiter, 50, { viewerKey })));
    expect(passes.reduce((sum, one) => sum + one)).toBe(3);
  });

  test('in no window do more pass than the limit, and not many fewer over time', async () => {
    const rules = { windowSeconds: 1, signedIn: { requests: 10, cost: 1_000_000 } };
    const limiters = [limiterOf(rules), limiterOf(rules, other)];
    const viewerKey = somebody();
    type Try = { from: number; to: number };
    const [passes, refusals]: [Try[], Try[]] = [[], []];
    const endsAt = performance.now() + 3500;
    await Promise.all(
      [...limiters, ...limiters].map(async (limiter) => {
        while (performance.now() < endsAt) {
          const from = performance.now();
          const { isAllowed } = await limiter.take({ viewerKey, address, cost: 1 });
          (isAllowed ? passes : refusals).push({ from, to: performance.now() });
          await sleep(Math.random() * 8);
        }
      }),
    );
    for (const { from } of passes) {
      const surelyWithin = passes.filter((one) => one.from >= from && one.to < from + 1000);
      expect(surelyWithin.length).toBeLessThanOrEqual(10);
    }
    // Who is refused finds a window, one slice longer, in which that many may have passed.
    for (const { from, to } of refusals) {
      const maybeWithin = passes.filter((one) => one.from <= to && one.to >= from - 1000 - 1000 / SLICES);
      expect(maybeWithin.length).toBeGreaterThanOrEqual(10);
    }
    expect(passes.length).toBeGreaterThanOrEqual(20);
    expect(refusals.length).toBeGreaterThan(0);
  });

  test('nothing is kept longer than it counts', async () => {
    const viewerKey = somebody();
    await limiterOf({ leaseMilliseconds: 0 }).take({ viewerKey, address, cost: 1 });
    expect(await redis.pttl(`rate:viewer:${viewerKey}`)).toBeGreaterThan(50_000);
    expect(await redis.pttl(`rate:viewer:${viewerKey}`)).toBeLessThanOrEqual(61_000);
    await limiterOf().take({ viewerKey, address, cost: 1 });
    expect(await redis.pttl(`rate:viewer:${viewerKey}`)).toBeLessThanOrEqual(62_000);
    const fields = await redis.hkeys(`rate:viewer:${viewerKey}`);
    expect(fields.filter((field) => !field.includes(':')).sort()).toEqual(['o1', 'o2', 't1', 't2']);
  });

  test('what is refused leaves nothing behind', async () => {
    const viewerKey = somebody();
    const { isAllowed } = await limiterOf().take({ viewerKey, address, cost: 1_000_000 });
    expect(isAllowed).toBe(false);
    expect(await redis.exists(`rate:viewer:${viewerKey}`)).toBe(0);
  });

  test('what a gateway has let through by itself it refuses by itself', async () => {
    const limiter = limiterOf(few);
    const viewerKey = somebody();
    await passesOf(limiter, 3, { viewerKey });
    await redis.del(`rate:viewer:${viewerKey}`);
    expect(await passesOf(limiter, 3, { viewerKey })).toBe(0);
    expect(await passesOf(limiterOf(few), 3, { viewerKey })).toBe(3);
  });
});

/** A way to Redis that can be held up and cut. */
async function startWay() {
  const target = new URL(workerRedisUrl());
  const sockets = new Set<Socket>();
  let isHeld = false;
  const server = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => [socket, onward].forEach((each) => each.destroy()));
    }
    socket.on('data', (bytes) => onward.write(bytes));
    onward.on('data', (bytes) => isHeld || socket.write(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = new URL(target);
  url.port = String(port);
  return {
    url: url.toString(),
    hold: (held: boolean) => void (isHeld = held),
    cut: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

describe('where Redis fails', () => {
  const timed = async (limiter: RateLimiter, viewerKey: string): Promise<RateDecision & { milliseconds: number }> => {
    const startedAt = performance.now();
    const decision = await limiter.take({ viewerKey, address, cost: 1 });
    return { ...decision, milliseconds: performance.now() - startedAt };
  };
  /** How long a newcomer's take lasts that Redis counts; for ever where it does not. */
  const sharedIn = async (limiter: RateLimiter): Promise<number> => {
    const newcomer = somebody();
    const { milliseconds } = await timed(limiter, newcomer);
    return (await redis.exists(`rate:viewer:${newcomer}`)) === 1 ? milliseconds : Infinity;
  };

  test('one that hangs holds a request up for a moment, later ones not at all, and is used again when it answers', async () => {
    const way = await startWay();
    const through = new Redis(way.url, { maxRetriesPerRequest: 1, disconnectTimeout: 50 });
    through.on('error', () => undefined);
    await through.ping();
    const limiter = limiterOf(few, through, 50);
    const viewerKey = somebody();
    expect((await timed(limiter, viewerKey)).headers['ratelimit-remaining']).toBe('2');
    await until('it answers in time', async () => (await sharedIn(limiter)) < 40);
    way.hold(true);
    const first = await timed(limiter, viewerKey);
    expect(first).toMatchObject({ isAllowed: true, headers: { 'ratelimit-remaining': '1' } });
    expect(first.milliseconds).toBeGreaterThan(40);
    const strangers: number[] = [];
    for (let n = 0; n < 5; n++) strangers.push((await timed(limiter, somebody())).milliseconds);
    expect(Math.min(...strangers)).toBeLessThan(40);
    expect(await passesOf(limiter, 5, { viewerKey })).toBe(1);
    way.hold(false);
    through.disconnect(true);
    await until('it is shared again', async () => (await sharedIn(limiter)) < Infinity);
    through.disconnect();
    way.cut();
  });

  test('one that hangs holds up all who wait for it once, and takes nothing from a limit that is leased', async () => {
    const way = await startWay();
    const through = new Redis(way.url, { maxRetriesPerRequest: 1, disconnectTimeout: 50 });
    through.on('error', () => undefined);
    await through.ping();
    const limiter = limiterOf({ signedIn: { requests: 1000, cost: 1_000_000 } }, through, 50);
    const viewerKey = somebody();
    for (let time = 0; time < 60; time++) await limiter.take({ viewerKey, address, cost: 1 });
    way.hold(true);
    const all = await Promise.all(
      Array.from({ length: 300 }, (_, at) => timed(limiter, at % 2 ? viewerKey : somebody())),
    );
    expect(all.every(({ isAllowed }) => isAllowed)).toBe(true);
    // One after another they would wait for 7.5 s.
    expect(Math.max(...all.map(({ milliseconds }) => milliseconds))).toBeLessThan(5000);
    expect(await passesOf(limiter, 1000, { viewerKey })).toBe(1000 - 60 - 150);
    through.disconnect();
    way.cut();
  });

  test('one that is gone changes nothing for a gateway alone', async () => {
    const way = await startWay();
    const through = new Redis(way.url, { maxRetriesPerRequest: 1, disconnectTimeout: 50 });
    through.on('error', () => undefined);
    await through.ping();
    const limiter = limiterOf(few, through);
    const viewerKey = somebody();
    expect(await passesOf(limiter, 1, { viewerKey })).toBe(1);
    way.cut();
    expect(await passesOf(limiter, 20, { viewerKey })).toBe(2);
    expect(await passesOf(limiter, 20, { viewerKey: somebody() })).toBe(3);
    through.disconnect();
  });

  test('one that answers with an error is as one that is gone', async () => {
    const viewerKey = somebody();
    await redis.set(`rate:viewer:${viewerKey}`, 'no hash');
    expect(await passesOf(limiterOf(few), 20, { viewerKey })).toBe(3);
  });
});

describe('the window in memory', () => {
  const WINDOW = 60_000;
  const takes = (key: string, amount = 1, limit = 10): Take[] => [{ key, amounts: [amount], limits: [limit] }];
  const isTaken = (window: ReturnType<typeof createLocalWindow>, now: number, amount = 1, key = 'one') =>
    window.take(takes(key, amount), now)[0]?.[0]?.isExceeded === false;

  test('in no window of random uses is more than the limit, and a use is forgotten one slice late at worst', () => {
    const window = createLocalWindow(WINDOW, 10);
    const passes: { at: number; amount: number }[] = [];
    for (let at = 0; at < 40 * WINDOW; at += Math.random() * 4000) {
      const amount = 1 + Math.floor(Math.random() * 4);
      const isFree = (span: number) =>
        passes.filter((one) => one.at > at - span).reduce((sum, one) => sum + one.amount, amount) <= 10;
      const hasPassed = isTaken(window, at, amount);
      // Between the two it may go either way.
      expect(hasPassed ? isFree(WINDOW) : isFree(WINDOW + WINDOW / SLICES)).toBe(hasPassed);
      if (hasPassed) passes.push({ at, amount });
    }
    expect(passes.length).toBeGreaterThan(100);
  });

  test('a refusal says exactly when it will fit', () => {
    const window = createLocalWindow(WINDOW, 10);
    for (let at = 0; at < 10; at++) isTaken(window, at * 2000);
    const [[standing] = []] = window.take(takes('one', 3), 30_000);
    expect(standing).toMatchObject({ isExceeded: true, remaining: 0 });
    const fitsAt = 30_000 + (standing?.resetMilliseconds ?? 0);
    expect(isTaken(window, fitsAt - 1, 3)).toBe(false);
    expect(isTaken(window, fitsAt, 3)).toBe(true);
  });

  test('remembers no more keys than it may, the latest', () => {
    const window = createLocalWindow(WINDOW, 100);
    for (let key = 0; key < 1000; key++) isTaken(window, 0, 10, `key ${key}`);
    expect(isTaken(window, 1, 1, 'key 999')).toBe(false);
    expect(isTaken(window, 1, 1, 'key 0')).toBe(true);
  });
});
