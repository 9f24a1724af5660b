import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { createCache, type Cache } from './cache.ts';
import { newId } from './ids.ts';
import { createLimiter } from './limits.ts';
import { startTestRedis, type TestRedis } from './live.testing.ts';
import { createLogger } from './logger.ts';
import { connectRedis } from './redis.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker } from './testing/widget.ts';
import { anonymous, userViewer } from './viewer.ts';

const stores = testStores();
let server: TestRedis;
let redis: Redis;
let cache: Cache;

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectRedis(server.url, createLogger('test', 'silent'));
  cache = createCache(redis, 'test');
  await redis.ping();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('the cache', () => {
  let loads = 0;
  const through = (key: string, tags: readonly string[] = [], ttlSeconds = 60) =>
    cache.through(key, { ttlSeconds, tags }, () => Promise.resolve({ load: ++loads, list: [1, null, 'é'] }));

  test('loads once and then answers what it has', async () => {
    const first = await through('once');
    expect(await through('once')).toEqual(first);
    expect((await through('other')).load).toBe(first.load + 1);
  });

  test('forgets what was tagged, at once, and nothing else', async () => {
    const [both, one] = [await through('both', ['a', 'b']), await through('one', ['b'])];
    await cache.invalidate(['a']);
    expect(await through('both', ['a', 'b'])).not.toEqual(both);
    expect(await through('one', ['b'])).toEqual(one);
  });

  test('does not keep what was made stale while it was loaded', async () => {
    const key = 'while loading';
    const stale = await cache.through(key, { ttlSeconds: 60, tags: ['c'] }, async () => {
      await cache.invalidate(['c']);
      return 'stale';
    });
    expect(stale).toBe('stale');
    expect(await cache.through(key, { ttlSeconds: 60, tags: ['c'] }, () => Promise.resolve('fresh'))).toBe('fresh');
    expect(await cache.through(key, { ttlSeconds: 60, tags: ['c'] }, () => Promise.resolve('fresher'))).toBe('fresh');
  });

  test('keeps for the time that was said', async () => {
    await through('timed', [], 30);
    expect(await redis.ttl('cache:test:timed')).toBeGreaterThan(25);
    expect(await redis.ttl('cache:test:timed')).toBeLessThanOrEqual(30);
  });

  test('keeps apart subgraphs', async () => {
    const mine = await through('shared');
    expect(
      await createCache(redis, 'other').through('shared', { ttlSeconds: 60, tags: [] }, () =>
        Promise.resolve('theirs'),
      ),
    ).toBe('theirs');
    expect(await through('shared')).toEqual(mine);
  });

  test('keeps no failure', async () => {
    const failing = cache.through('failing', { ttlSeconds: 60, tags: [] }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect((await through('failing')).load).toBe(loads);
  });

  test('takes what it cannot read for a miss', async () => {
    await redis.set('cache:test:garbage', 'no json');
    expect((await through('garbage')).load).toBe(loads);
  });
});

describe('the limiter', () => {
  const limit = { name: 'tries', points: 3, durationSeconds: 60 };
  const outcomes = async (limiter: ReturnType<typeof createLimiter>, key: string, times: number) => {
    const all = await Promise.allSettled(Array.from({ length: times }, () => limiter.take(limit, key)));
    return all.filter((one) => one.status === 'fulfilled').length;
  };

  test('lets through as many as it says, over all processes together, each key by itself', async () => {
    const [one, other] = [createLimiter(redis), createLimiter(redis)];
    const passed = await Promise.all([outcomes(one, 'ada', 10), outcomes(other, 'ada', 10)]);
    expect(passed[0] + passed[1]).toBe(3);
    expect(await outcomes(one, 'grace', 10)).toBe(3);
  });

  test('says how long to wait, and counts by points', async () => {
    const limiter = createLimiter(redis);
    await limiter.take(limit, 'points', 3);
    await expect(limiter.take(limit, 'points')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 60 },
    });
  });
});

describe('while Redis is away', () => {
  test('nothing fails and nothing is lost: caches miss, limits hold, writes go on, events follow when it is back', async () => {
    const environment = { REDIS_URL: server.url };
    const [making, taking] = [await stores.start(maker, environment), await stores.start(taker, environment)];
    const table: Client = await stores.client(maker);
    expect(await making.health()).toEqual({ status: 'ok', dependencies: { postgresql: 'ok', redis: 'ok' } });
    await server.kill();
    await until('it is noticed', async () => (await making.health()).status === 'degraded');

    expect(await cache.through('away', { ttlSeconds: 60, tags: ['a'] }, () => Promise.resolve('loaded'))).toBe(
      'loaded',
    );
    expect(await cache.through('away', { ttlSeconds: 60, tags: [] }, () => Promise.resolve('again'))).toBe('again');
    await cache.invalidate(['a']);

    const limiter = createLimiter(redis);
    const limit = { name: 'away', points: 3, durationSeconds: 60 };
    const taken = await Promise.allSettled(Array.from({ length: 10 }, () => limiter.take(limit, 'ada')));
    expect(taken.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
    expect(taken.at(-1)).toMatchObject({ reason: { code: 'RATE_LIMITED' } });

    const ctx = making.contextFor(userViewer(newId('user')));
    const { id = '' } = (await saveWidget(ctx, { name: 'meanwhile' })) ?? {};
    const { rows } = await table.query('select sent_at from outbox where aggregate_id = $1', [id]);
    expect(rows).toEqual([{ sent_at: null }]);

    await server.start();
    const read = () =>
      taking.execute(
        { query: 'query ($id: ID!) { shelved(id: $id) { name } }', variables: { id } },
        testHop(anonymous, ctx.emitted),
      );
    const answer = await until('the event arrives', async () => ((await read()).data ? read() : null));
    expect(answer).toEqual({ data: { shelved: { name: 'meanwhile' } } });
    await until('it is well again', async () => (await making.health()).status === 'ok');
    expect(await cache.through('back', { ttlSeconds: 60, tags: [] }, () => Promise.resolve('one'))).toBe('one');
    expect(await cache.through('back', { ttlSeconds: 60, tags: [] }, () => Promise.resolve('two'))).toBe('one');
  });
});
