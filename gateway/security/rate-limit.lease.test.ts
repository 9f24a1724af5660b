import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createLogger } from 'kit/logger';
import { workerRedisUrl } from 'kit/testing/engines';
import { createRateLimiter, defaultRateRules, type RateLimiter, type RateRules } from './rate-limit.ts';

const log = createLogger('test', 'silent');
const connections: Redis[] = [];
beforeAll(async () => {
  const redis = new Redis(workerRedisUrl());
  connections.push(redis);
  await redis.flushdb();
});
afterAll(() => connections.forEach((redis) => redis.disconnect()));

interface Gateway {
  readonly limiter: RateLimiter;
  readonly redis: Redis;
  /** Calls of Redis so far. */
  readonly calls: () => number;
}

/** Patient, so that a busy machine is not taken for a Redis that hangs. */
async function startGateway(rules: Partial<RateRules>): Promise<Gateway> {
  const redis = new Redis(workerRedisUrl());
  connections.push(redis);
  await redis.ping();
  let calls = 0;
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (...command) => {
    calls += 1;
    return send(...command);
  };
  const limiter = createRateLimiter({
    redis,
    log,
    rules: { ...defaultRateRules, ...rules },
    patienceMilliseconds: 5000,
  });
  return { limiter, redis, calls: () => calls };
}

let people = 0;
const somebody = () => `user:leasing-${++people}`;
const address = '203.0.113.8';
const WIDE = { requests: 1_000_000_000, cost: 1_000_000_000_000 };

const take = ({ limiter }: Gateway, viewerKey: string, cost = 1) => limiter.take({ viewerKey, address, cost });
const remainingOf = async (gateway: Gateway, viewerKey: string, cost = 1) =>
  Number((await take(gateway, viewerKey, cost)).headers['ratelimit-remaining']);

/** Takes `times` one after another: how many were let through. */
async function passesOf(gateway: Gateway, viewerKey: string, times: number, cost = 1): Promise<number> {
  let passes = 0;
  for (let time = 0; time < times; time++) if ((await take(gateway, viewerKey, cost)).isAllowed) passes += 1;
  return passes;
}

interface Pass {
  readonly from: number;
  readonly to: number;
  readonly viewerKey: string;
  readonly cost: number;
}

/** Takes once, and remembers when where it was let through. */
async function tryTo(gateway: Gateway, viewerKey: string, cost: number, passes: Pass[]): Promise<boolean> {
  const from = performance.now();
  const { isAllowed } = await take(gateway, viewerKey, cost);
  if (isAllowed) passes.push({ from, to: performance.now(), viewerKey, cost });
  return isAllowed;
}

/** The most of what surely lies in one window, over all windows. */
function mostInAWindow(passes: readonly Pass[], windowMilliseconds: number, of: (pass: Pass) => number): number {
  const inWindowFrom = (start: number): number =>
    passes
      .filter(({ from, to }) => from >= start && to < start + windowMilliseconds)
      .reduce((sum, pass) => sum + of(pass), 0);
  return Math.max(...passes.map(({ from }) => inWindowFrom(from)));
}

describe('in no window do more pass than the limit', () => {
  const gatewaysOf = (rules: Partial<RateRules>) => Promise.all([1, 2, 3].map(() => startGateway(rules)));

  /** Bursts and pauses of several gateways at once, so that leases are spent, cut short and left over. */
  async function passesOver(
    milliseconds: number,
    gateways: readonly Gateway[],
    costOf: () => number,
    viewerKey: () => string,
  ) {
    const passes: Pass[] = [];
    const endsAt = performance.now() + milliseconds;
    const visit = async (gateway: Gateway): Promise<void> => {
      while (performance.now() < endsAt) {
        const burst = Math.ceil(Math.random() * 40);
        for (let at = 0; at < burst; at++) {
          await Promise.all([1, 2].map(() => tryTo(gateway, viewerKey(), costOf(), passes)));
          if (Math.random() < 0.5) await sleep(Math.random() * 6);
        }
        await sleep(Math.random() * 60);
      }
    };
    await Promise.all([...gateways, ...gateways].map(visit));
    return passes;
  }

  test('of requests, be a key at its limit or far below, and not many fewer do', async () => {
    const rules = { windowSeconds: 1, signedIn: { requests: 400, cost: 1_000_000 } };
    const gateways = await gatewaysOf(rules);
    const viewers = [somebody(), somebody(), somebody()] as const;
    const viewerKey = () => viewers[Math.random() < 0.7 ? 0 : Math.random() < 0.7 ? 1 : 2];
    const passes = await passesOver(4000, gateways, () => 1, viewerKey);
    for (const viewer of viewers) {
      const own = passes.filter((pass) => pass.viewerKey === viewer);
      expect(mostInAWindow(own, 1000, () => 1)).toBeLessThanOrEqual(400);
    }
    // How many try in a window is the machine's to say.
    expect(passes.length).toBeGreaterThan(700);
    // Who is let through by a lease waits for nobody.
    expect(passes.filter(({ from, to }) => to - from < 0.1).length).toBeGreaterThan(5);
  });

  test('of cost, where costs differ', async () => {
    const rules = { windowSeconds: 1, signedIn: { requests: 1_000_000, cost: 5000 } };
    const gateways = await gatewaysOf(rules);
    const viewerKey = somebody();
    const costOf = () => (Math.random() < 0.05 ? 200 : Math.floor(Math.random() * 20));
    const passes = await passesOver(4000, gateways, costOf, () => viewerKey);
    expect(mostInAWindow(passes, 1000, ({ cost }) => cost)).toBeLessThanOrEqual(5000);
    expect(passes.reduce((sum, { cost }) => sum + cost, 0)).toBeGreaterThan(10_000);
  });

  test('of an address, whose viewers have leases of their own', async () => {
    const rules = {
      windowSeconds: 1,
      signedIn: { requests: 200, cost: 1_000_000 },
      address: { requests: 300, cost: 1_000_000 },
    };
    const gateways = await gatewaysOf(rules);
    const viewers = [somebody(), somebody(), somebody()];
    const passes = await passesOver(
      3000,
      gateways,
      () => 1,
      () => viewers[Math.floor(Math.random() * 3)] as string,
    );
    expect(mostInAWindow(passes, 1000, () => 1)).toBeLessThanOrEqual(300);
    expect(passes.length).toBeGreaterThan(500);
  });

  test('though what was leased is used when the lease is almost over', async () => {
    const rules = { windowSeconds: 3, signedIn: { requests: 100, cost: 1_000_000 } };
    const [lessee, other] = (await gatewaysOf(rules)) as [Gateway, Gateway];
    const tryAll = () =>
      Promise.all(
        Array.from({ length: 16 }, async (_, at) => {
          await sleep(at * 7);
          const [viewerKey, passes] = [somebody(), [] as Pass[]];
          for (let time = 0; time < 2; time++) await tryTo(lessee, viewerKey, 1, passes);
          await sleep(38);
          await tryTo(lessee, viewerKey, 1, passes);
          const lastUse = passes.at(-1) as Pass;
          while (await tryTo(other, viewerKey, 1, passes));
          await sleep(lastUse.to + 2900 - performance.now());
          while (performance.now() < lastUse.to + 3200) {
            await tryTo(other, viewerKey, 1, passes);
            await sleep(2);
          }
          expect(mostInAWindow(passes, 3000, () => 1)).toBeLessThanOrEqual(100);
          return passes.length > 100 && lastUse.to - lastUse.from < 1;
        }),
      );
    // Where this machine is held up, all of them may use it when it is over.
    let isUsedLate = false;
    for (let tries = 0; tries < 4 && !isUsedLate; tries++) isUsedLate = (await tryAll()).includes(true);
    expect(isUsedLate).toBe(true);
  });
});

describe('leases', () => {
  test('a busy key asks Redis seldom, and more seldom the longer it is busy', async () => {
    const gateway = await startGateway({ signedIn: WIDE });
    const viewerKey = somebody();
    expect(await passesOf(gateway, viewerKey, 2000, 7)).toBe(2000);
    expect(gateway.calls()).toBeLessThan(200);
    const before = gateway.calls();
    const all = await Promise.all(Array.from({ length: 150 }, () => take(gateway, viewerKey, 7)));
    expect(all.every(({ isAllowed }) => isAllowed)).toBe(true);
    expect(gateway.calls() - before).toBeLessThan(10);
  });

  test('of a small limit nothing is leased, and what remains is exact', async () => {
    const [one, two] = await Promise.all([startGateway({}), startGateway({})]);
    const rules: Partial<RateRules> = { signedIn: { requests: 20, cost: 4000 } };
    const small = await Promise.all([startGateway(rules), startGateway(rules)]);
    const viewerKey = somebody();
    for (let time = 0; time < 20; time++) {
      expect(await remainingOf(small[time % 2] as Gateway, viewerKey)).toBe(19 - time);
    }
    expect(small.map(({ calls }) => calls())).toEqual([10, 10]);
    expect((await take(one, viewerKey)).isAllowed).toBe(true);
    expect((await take(two, viewerKey)).isAllowed).toBe(true);
  });

  test('a limit is used up whole, by one gateway or by several', async () => {
    const rules: Partial<RateRules> = { signedIn: { requests: 150, cost: 1_000_000 } };
    const gateways = await Promise.all([startGateway(rules), startGateway(rules)]);
    const [alone, shared] = [somebody(), somebody()];
    expect(await passesOf(gateways[0], alone, 200)).toBe(150);
    let passes = 0;
    for (let time = 0; time < 300; time++) passes += await passesOf(gateways[time % 2] as Gateway, shared, 1);
    expect(passes).toBe(150);
    expect(gateways[0].calls()).toBeLessThan(300);
  });

  test('what is not spent is given back', async () => {
    const rules: Partial<RateRules> = { signedIn: { requests: 1000, cost: 1_000_000 } };
    const [lessee, other] = await Promise.all([startGateway(rules), startGateway(rules)]);
    const viewerKey = somebody();
    await passesOf(lessee, viewerKey, 40);
    expect(await remainingOf(other, viewerKey)).toBeGreaterThanOrEqual(1000 - 41 - 20);
    await sleep(1100);
    // The second call after a pause asks for no lease: nothing is outstanding then.
    await sleep(1100);
    await take(lessee, viewerKey);
    expect(await remainingOf(other, viewerKey)).toBeGreaterThanOrEqual(1000 - 43 - 20);
    await sleep(2500);
    await take(lessee, viewerKey);
    expect(await remainingOf(other, viewerKey)).toBe(1000 - 45);
  });

  test('what was lost with a Redis is not given back', async () => {
    const gateway = await startGateway({ signedIn: { requests: 1000, cost: 1_000_000 } });
    const viewerKey = somebody();
    await passesOf(gateway, viewerKey, 40);
    await gateway.redis.del(`rate:viewer:${viewerKey}`);
    await sleep(2500);
    await take(gateway, viewerKey);
    const { t1, t2 } = await gateway.redis.hgetall(`rate:viewer:${viewerKey}`);
    expect(Number(t1)).toBeGreaterThanOrEqual(1);
    expect(Number(t2)).toBeGreaterThanOrEqual(1);
  });

  test('what costs more than is left asks Redis, and is refused where it does not fit', async () => {
    const gateway = await startGateway({ signedIn: { requests: 1_000_000, cost: 10_000 } });
    const viewerKey = somebody();
    expect(await passesOf(gateway, viewerKey, 100, 10)).toBe(100);
    const before = gateway.calls();
    expect((await take(gateway, viewerKey, 5000)).isAllowed).toBe(true);
    expect(gateway.calls()).toBe(before + 1);
    expect(await take(gateway, viewerKey, 4001)).toMatchObject({ isAllowed: false, exceeded: 'cost' });
    expect((await take(gateway, viewerKey, 4000)).isAllowed).toBe(true);
    expect(await take(gateway, viewerKey, 1)).toMatchObject({ isAllowed: false, exceeded: 'cost' });
  });

  test('a key keeps as many fields as slices, however long it is busy', async () => {
    const gateway = await startGateway({ windowSeconds: 1, signedIn: WIDE });
    const viewerKey = somebody();
    const endsAt = performance.now() + 2500;
    while (performance.now() < endsAt) {
      await take(gateway, viewerKey, 0);
      await sleep(Math.random() * 4);
    }
    expect(await gateway.redis.hlen(`rate:viewer:${viewerKey}`)).toBeLessThanOrEqual(4 + 2 * 63);
  });

  test('requests of one turn ask Redis together', async () => {
    const gateway = await startGateway({});
    const all = await Promise.all(Array.from({ length: 200 }, () => take(gateway, somebody())));
    expect(all.every(({ isAllowed }) => isAllowed)).toBe(true);
    expect(gateway.calls()).toBe(4);
  });

  test('none are taken where they are turned off', async () => {
    const gateway = await startGateway({ signedIn: WIDE, leaseMilliseconds: 0 });
    const viewerKey = somebody();
    await passesOf(gateway, viewerKey, 50);
    expect(gateway.calls()).toBe(50);
    expect(await gateway.redis.hget(`rate:viewer:${viewerKey}`, 't1')).toBe('50');
  });
});
