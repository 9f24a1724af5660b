import { Redis } from 'ioredis';
import { createLiveFollower, liveKey, LiveOverflow, publishLive, type LiveEvent, type LiveFollow } from './live.ts';
import { createLiveTopics } from './live-topics.ts';
import { startTestRedis, type TestRedis } from './live.testing.ts';
import { createLogger } from './logger.ts';
import { until } from './testing/until.ts';

const log = createLogger('live-test', 'silent');
let server: TestRedis;
let redis: Redis;
let follower: ReturnType<typeof createLiveFollower>;
let topicNumber = 0;
let topic = '';

beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  follower = createLiveFollower(server.url, log);
});
beforeEach(() => {
  topic = `post:${++topicNumber}`;
});
afterAll(async () => {
  follower.close();
  redis.disconnect();
  await server.stop();
});

const publish = (number: number) => publishLive(redis, topic, { id: `event_${number}`, payload: { number } });
const publishAll = async (numbers: readonly number[]) => {
  for (const number of numbers) await publish(number);
};
const range = (length: number, start = 1) => Array.from({ length }, (_, index) => index + start);
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function nextOf(follow: LiveFollow): Promise<LiveEvent> {
  const result = await follow.next();
  if (result.done) throw new Error('the follow has ended');
  return result.value;
}
const numbersOf = async (follow: LiveFollow, count: number) => {
  const numbers: unknown[] = [];
  while (numbers.length < count) numbers.push((await nextOf(follow)).payload['number']);
  return numbers;
};
const channels = async () => (await redis.pubsub('CHANNELS', liveKey(topic))) as string[];
/** A follow that stands at the end of its topic. */
async function following(options?: { from?: string; onOverflow?: () => void }): Promise<LiveFollow> {
  const follow = follower.follow(topic, options);
  await until('it is subscribed', async () => (await channels()).length === 1);
  await wait(100);
  return follow;
}

test('an event says under which type subgraphs consume it, where they do', async () => {
  const follow = await following();
  await publishLive(redis, topic, { id: 'event_1', type: 'post.saved', payload: {} });
  await publish(2);
  expect([(await nextOf(follow)).type, (await nextOf(follow)).type]).toEqual(['post.saved', undefined]);
  await follow.return();
});

test('a follower gets what is published after it came, in order, with cursors', async () => {
  await publish(0);
  const follow = await following();
  await publishAll([1, 2, 3]);
  const first = await nextOf(follow);
  expect(first).toMatchObject({ id: 'event_1', payload: { number: 1 }, hasGap: false });
  expect(first.cursor).toMatch(/^\d+-\d+$/);
  expect(await numbersOf(follow, 2)).toEqual([2, 3]);
  await follow.return();
});

test('a follower resumes behind its cursor, several pages long, and goes on live', async () => {
  const before = await following();
  await publish(1);
  const { cursor } = await nextOf(before);
  await before.return();
  await publishAll(range(350, 2));
  const after = await following({ from: cursor });
  expect(await numbersOf(after, 350)).toEqual(range(350, 2));
  await publish(1000);
  expect((await nextOf(after)).payload).toEqual({ number: 1000 });
  await after.return();
});

test('a resuming follower misses and doubles nothing while others are live and events keep coming', async () => {
  const live = await following();
  await publish(1);
  const { cursor } = await nextOf(live);
  const publishing = publishAll(range(200, 2));
  const resumed = follower.follow(topic, { from: cursor });
  const [seenLive, seenResumed] = await Promise.all([numbersOf(live, 200), numbersOf(resumed, 200), publishing]);
  expect(seenLive).toEqual(range(200, 2));
  expect(seenResumed).toEqual(range(200, 2));
  await live.return();
  await resumed.return();
});

test('a cursor whose entry is gone is told as a gap', async () => {
  const follow = await following();
  await publish(1);
  const { cursor } = await nextOf(follow);
  await follow.return();
  await publishAll([2, 3]);
  await redis.xtrim(liveKey(topic), 'MAXLEN', 1);
  const resumed = await following({ from: cursor });
  expect(await nextOf(resumed)).toMatchObject({ payload: { number: 3 }, hasGap: true });
  await publish(4);
  expect(await nextOf(resumed)).toMatchObject({ payload: { number: 4 }, hasGap: false });
  await resumed.return();
});

test('a cursor of the future neither hides new events nor goes unnoticed', async () => {
  const follow = await following({ from: `${Date.now() + 1e9}-0` });
  expect(await nextOf(follow)).toMatchObject({ isNotice: true, hasGap: true });
  await publish(1);
  expect(await nextOf(follow)).toMatchObject({ payload: { number: 1 }, hasGap: false });
  await follow.return();
});

test('a topic that was idle until its stream was forgotten has no gap, neither for those who stay nor for those who come back', async () => {
  const stays = await following();
  await publish(1);
  const { cursor } = await nextOf(stays);
  await redis.del(liveKey(topic));
  const back = await following({ from: cursor });
  await wait(1200);
  await publish(2);
  expect(await nextOf(stays)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  expect(await nextOf(back)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  const later = await following({ from: cursor });
  expect(await nextOf(later)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  for (const follow of [stays, back, later]) await follow.return();
});

test('a cursor whose stream was forgotten after more had happened is told at once', async () => {
  const follow = await following();
  await publish(1);
  const { cursor } = await nextOf(follow);
  await follow.return();
  await publish(2);
  await redis.del(liveKey(topic));
  const back = await following({ from: cursor });
  expect(await nextOf(back)).toMatchObject({ isNotice: true, hasGap: true });
  await back.return();
});

test('the cursor of a notice that nothing was there is resumed with a gap once its first events are gone', async () => {
  const follow = await following({ from: '1000-0' });
  const { isNotice, cursor } = await nextOf(follow);
  await follow.return();
  await publishAll([1, 2, 3]);
  const all = await following({ from: cursor });
  expect([isNotice, await nextOf(all)]).toMatchObject([true, { payload: { number: 1 }, hasGap: false }]);
  await all.return();
  await redis.xtrim(liveKey(topic), 'MAXLEN', 1);
  const back = await following({ from: cursor });
  expect(await nextOf(back)).toMatchObject({ payload: { number: 3 }, hasGap: true });
  await back.return();
});

test('a follower of a topic whose stream is forgotten sees no gap before the next event', async () => {
  await publish(1);
  await redis.del(liveKey(topic));
  const follow = await following();
  await publish(2);
  expect(await nextOf(follow)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  await follow.return();
});

test('the entry behind the cursor being the first that is kept is no gap', async () => {
  const follow = await following();
  await publish(1);
  const { cursor } = await nextOf(follow);
  await follow.return();
  await publishAll([2, 3]);
  await redis.xtrim(liveKey(topic), 'MAXLEN', 2);
  const back = await following({ from: cursor });
  expect(await nextOf(back)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  await back.return();
});

test('FLUSHALL in the middle: later events arrive, and the gap is told', async () => {
  const follow = await following();
  await publish(1);
  await nextOf(follow);
  await redis.flushall();
  await publish(2);
  expect(await nextOf(follow)).toMatchObject({ payload: { number: 2 }, hasGap: true });
  await follow.return();
});

test.each([
  ['the same id', 0],
  ['an earlier id (a clock that was set back)', -5000],
])('an emptied stream whose first entry has %s is followed on', async (_name, milliseconds) => {
  const follow = await following();
  await publish(1);
  const { cursor } = await nextOf(follow);
  const [time, sequence] = cursor.split('-');
  await redis.del(liveKey(topic));
  const again = `${Number(time) + milliseconds}-${sequence}`;
  await redis.xadd(liveKey(topic), again, 'id', 'event_2', 'payload', '{"number":2}');
  await redis.publish(liveKey(topic), '');
  expect(await nextOf(follow)).toMatchObject({ payload: { number: 2 }, hasGap: true });
  await follow.return();
});

describe('a Redis that has lost its last entries in a crash', () => {
  const keys = () => [liveKey(topic), `${liveKey(topic)}:last`];
  /** A follower that has seen events 3 and 4 of four; only the first three are left. */
  const cutBehind = async (): Promise<{ follow: LiveFollow; cursor: string }> => {
    await publishAll([1, 2]);
    const follow = await following();
    await publish(3);
    const kept = await Promise.all(keys().map((key) => redis.dumpBuffer(key)));
    await publish(4);
    await nextOf(follow);
    const { cursor } = await nextOf(follow);
    for (const [index, key] of keys().entries()) await redis.restore(key, 0, kept[index] ?? '', 'REPLACE');
    return { follow, cursor };
  };

  test('what was before is not told again, and what comes is told with the gap', async () => {
    const { follow } = await cutBehind();
    await redis.publish(liveKey(topic), '');
    await wait(200);
    await publishAll([5, 6]);
    expect([await nextOf(follow), await nextOf(follow)]).toMatchObject([
      { payload: { number: 5 }, hasGap: true },
      { payload: { number: 6 }, hasGap: false },
    ]);
    await follow.return();
  });

  test('nor is it where the next entry has the id of one that is lost', async () => {
    const { follow, cursor } = await cutBehind();
    const [[before, fields] = ['', []]] = await redis.xrevrange(liveKey(topic), '+', '-', 'COUNT', 1);
    const entry = ['id', 'event_5', 'payload', '{"number":5}', 'after', before, ...fields.slice(6)];
    await redis.xadd(liveKey(topic), cursor, ...entry);
    await redis.publish(liveKey(topic), '');
    expect(await nextOf(follow)).toMatchObject({ payload: { number: 5 }, hasGap: true });
    await follow.return();
  });

  test('who resumes behind a lost one is told of the gap, and of nothing twice', async () => {
    const { follow, cursor } = await cutBehind();
    await follow.return();
    const back = await following({ from: cursor });
    expect(await nextOf(back)).toMatchObject({ isNotice: true, hasGap: true });
    await publish(5);
    expect(await nextOf(back)).toMatchObject({ payload: { number: 5 }, hasGap: false });
    await back.return();
  });
});

test('who comes back to a forgotten topic in the moment of its next events gets them', async () => {
  let hold = Promise.resolve();
  const topics = createLiveTopics({
    range: (key, from, count) => redis.xrange(key, from, '+', 'COUNT', count),
    last: async (key) => {
      const [entry] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
      await hold;
      return entry;
    },
    lastEver: async (key) => {
      const [id = '', origin] = (await redis.get(`${key}:last`))?.split(' ') ?? [];
      return { id, origin };
    },
    onFirst: () => undefined,
    onLast: () => undefined,
    log,
  });
  const key = liveKey(topic);
  await publish(1);
  const stays = topics.follow(key, {});
  await wait(100);
  await redis.del(key);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold = promise;
  const back = topics.follow(key, { from: topics.cursors()[0]?.[1] });
  await wait(100);
  await publishAll([2, 3]);
  topics.wake(key);
  expect(await numbersOf(stays, 2)).toEqual([2, 3]);
  resolve();
  expect(await nextOf(back)).toMatchObject({ payload: { number: 2 }, hasGap: false });
  expect(await nextOf(back)).toMatchObject({ payload: { number: 3 }, hasGap: false });
  topics.close();
});

test('an event whose wake-up was lost arrives by the poll', async () => {
  const follow = await following();
  await redis.xadd(liveKey(topic), '*', 'id', 'event_1', 'payload', '{"number":1}');
  expect(await numbersOf(follow, 1)).toEqual([1]);
  await follow.return();
});

test('an entry that is no event is passed over', async () => {
  const follow = await following();
  await redis.xadd(liveKey(topic), '*', 'id', 'event_1', 'payload', 'not json');
  await publish(2);
  expect(await numbersOf(follow, 1)).toEqual([2]);
  await follow.return();
});

test('Redis killed and started again: the follower goes on', async () => {
  const follow = await following();
  await publish(1);
  await nextOf(follow);
  await server.kill();
  const waiting = nextOf(follow);
  await until('the connection is lost', () => !follower.isConnected());
  await server.start();
  await publish(2);
  expect((await waiting).payload).toEqual({ number: 2 });
  await follow.return();
});

test('a follow begun while Redis is away starts when it is back', async () => {
  await server.kill();
  const follow = follower.follow(topic);
  await wait(200);
  await server.start();
  const first = nextOf(follow);
  const heard = await until('it has started', async () => {
    await publish(1);
    return Promise.race([first, wait(100)]);
  });
  expect(heard).toMatchObject({ payload: { number: 1 } });
  await follow.return();
});

test('a reader that does not read loses its follow, and is told at once', async () => {
  let overflows = 0;
  const follow = await following({ onOverflow: () => overflows++ });
  await publishAll(range(300));
  await until('it is told', () => overflows);
  expect(overflows).toBe(1);
  await expect(follow.next()).rejects.toBeInstanceOf(LiveOverflow);
  await follow.return();
});

test('return ends a waiting next at once', async () => {
  const follow = await following();
  const waiting = follow.next();
  await follow.return();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await follow.next()).toEqual({ value: undefined, done: true });
});

test('the last follower of a topic takes the subscription with it', async () => {
  const [one, two] = [await following(), await following()];
  expect(await channels()).toEqual([liveKey(topic)]);
  await one.return();
  expect(await channels()).toEqual([liveKey(topic)]);
  await two.return();
  await until('nobody is subscribed', async () => (await channels()).length === 0);
});

test('close ends every follow', async () => {
  const another = createLiveFollower(server.url, log);
  const waiting = another.follow(topic).next();
  another.close();
  expect((await waiting).done).toBe(true);
});
