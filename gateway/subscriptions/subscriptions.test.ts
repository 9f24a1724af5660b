import { Redis } from 'ioredis';
import { liveKey, publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { startTestGateway, type TestGateway, type Transports } from '../testing/gateway.ts';
import { connect, standing, wait, type Subscriber, type TestClient } from '../testing/subscriber.ts';

let redisServer: TestRedis;
let redis: Redis;
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await redisServer.stop();
});

const CHANGED = 'subscription { bookChanged(id: 1) { id title writer { name readBy } } }';
let eventNumber = 0;
const publish = (id = `event_${++eventNumber}`, book = '1') =>
  publishLive(redis, `book:${book}`, { id, payload: { id: book } });
const codes = (errors: unknown) =>
  (errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code);

describe.each<Transports>(['in-process', 'http'])('over %s transports', (transports) => {
  let gateway: TestGateway;
  let clients: TestClient[] = [];
  const clientOf = (as?: string): TestClient => {
    const client = connect(gateway, as);
    clients.push(client);
    return client;
  };
  /** A subscriber that stands at the end of its topic. */
  const subscribed = (query = CHANGED, as?: string, options = {}): Promise<Subscriber> =>
    standing(() => clientOf(as).subscribe(query, options));
  beforeAll(async () => {
    gateway = await startTestGateway({ transports, overrides: { redisUrl: redisServer.url } });
  });
  afterEach(() => {
    for (const client of clients) client.dispose();
    clients = [];
    gateway.ended.clear();
    gateway.graph.banned.clear();
  });
  afterAll(() => gateway.stop());

  test('an event comes with fields of its owner and of another subgraph, for this viewer, with its cursor', async () => {
    const subscriber = await subscribed(CHANGED, 'user_a');
    await publish();
    const { data, errors, extensions } = await subscriber.nth(1);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ bookChanged: { id: '1', title: 'Emma', writer: { name: 'Jane', readBy: 'user_a' } } });
    expect(extensions).toEqual({ cursor: expect.stringMatching(/^\d+-\d+$/) as string });
  });

  test('what is fetched for an event that says its type has seen it: the hops name it', async () => {
    const subscriber = await subscribed(CHANGED, 'user_a');
    await publishLive(redis, 'book:1', { id: 'event_typed', type: 'book.changed', payload: { id: '1' } });
    await subscriber.nth(1);
    const { library, people } = gateway.graph.hops;
    const event = { id: 'event_typed', type: 'book.changed' };
    expect([library.at(-1)?.after, people.at(-1)?.after]).toEqual([[event], [event]]);
  });

  test('variables, aliases and fragments work as in a query', async () => {
    const query = `subscription ($id: ID!, $withWriter: Boolean = false) { changed: bookChanged(id: $id) { ...parts } }
      fragment parts on Book { name: title writer @include(if: $withWriter) { name } }`;
    const variables = { id: '2' };
    const subscriber = await subscribed(query, 'user_a', { variables });
    await publish(undefined, '2');
    expect((await subscriber.nth(1)).data).toEqual({ changed: { name: 'Persuasion' } });
  });

  test('a viewer who may not follow is refused', async () => {
    gateway.graph.banned.add('user_b');
    expect(codes(await clientOf('user_b').subscribe(CHANGED).refused)).toEqual(['FORBIDDEN']);
  });

  test('each event is authorised: who may no longer see gets nothing, the others do', async () => {
    const [one, other] = [await subscribed(CHANGED, 'user_a'), await subscribed(CHANGED, 'user_b')];
    await publish();
    await Promise.all([one.nth(1), other.nth(1)]);
    gateway.graph.banned.add('user_b');
    await publish();
    await one.nth(2);
    gateway.graph.banned.delete('user_b');
    await publish();
    await Promise.all([one.nth(3), other.nth(2)]);
    expect([one.received.length, other.received.length]).toEqual([3, 2]);
    expect(other.received.every(({ errors }) => errors === undefined)).toBe(true);
  });

  test('credentials that end close the socket with 4403 at the next event', async () => {
    const client = clientOf('user_a');
    const subscriber = await standing(() => client.subscribe(CHANGED));
    gateway.ended.add('user_a');
    await publish();
    expect(await client.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('credentials') as string });
    expect(subscriber.received).toEqual([]);
  });

  test('the cursor of an event resumes behind it, exactly once and in order', async () => {
    const before = await subscribed();
    await publish();
    const cursor = (await before.nth(1)).extensions?.cursor;
    before.unsubscribe();
    await publish('missed_1');
    await publish('missed_2');
    await publish('missed_2');
    const after = await subscribed(CHANGED, undefined, { resumeFrom: cursor });
    await publish('live_1');
    await after.nth(3);
    await wait(100);
    const cursors = after.received.map(({ extensions }) => extensions?.cursor ?? '');
    expect(cursors).toEqual([...new Set(cursors)].sort());
    expect(after.received.map(({ extensions }) => extensions?.gap)).toEqual([undefined, undefined, undefined]);
  });

  test('a cursor too old is told on the first event', async () => {
    await publish();
    await publish();
    await redis.xtrim(liveKey('book:1'), 'MAXLEN', 1);
    const subscriber = await subscribed(CHANGED, undefined, { resumeFrom: '1000-0' });
    await publish();
    await subscriber.nth(2);
    expect(subscriber.received.map(({ extensions }) => extensions?.gap)).toEqual([true, undefined]);
  });

  test('FLUSHALL in the middle loses no later event and tells the gap', async () => {
    const subscriber = await subscribed();
    await publish();
    await subscriber.nth(1);
    await redis.flushall();
    await publish();
    await publish();
    await subscriber.nth(3);
    expect(subscriber.received.map(({ extensions }) => extensions?.gap)).toEqual([undefined, true, undefined]);
  });

  test('what is no cursor is refused', async () => {
    for (const resumeFrom of ['yesterday', '1-1; FLUSHALL', 5, {}]) {
      expect(codes(await clientOf().subscribe(CHANGED, { resumeFrom }).refused)).toEqual(['INVALID_CURSOR']);
    }
  });

  test.each([
    ['subscription { bookChanged(id: 1) { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription { bookChanged(id: 1) {', 'GRAPHQL_PARSE_FAILED'],
    [`subscription { bookChanged(id: 1) { ${'sequel {'.repeat(12)} id ${'}'.repeat(12)} } }`, 'DEPTH_LIMIT_EXCEEDED'],
    ['subscription ($a: Boolean!) { bookChanged(id: 1) @skip(if: $a) { id } }', 'BAD_REQUEST'],
    ['subscription ($id: ID!) { bookChanged(id: $id) { id } }', 'BAD_USER_INPUT'],
    [
      'subscription A { bookChanged(id: 1) { id } } subscription B { bookChanged(id: 1) { id } }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('%s is refused with %s', async (query, code) => {
    expect(codes(await clientOf().subscribe(query).refused)).toEqual([code]);
  });

  test('queries and mutations may take the socket too, masked like the others', async () => {
    const client = clientOf('user_a');
    expect((await client.subscribe('{ me book(id: 1) { writer { name } } }').nth(1)).data).toEqual({
      me: 'user_a',
      book: { writer: { name: 'Jane' } },
    });
    const broken = await client.subscribe('{ broken }').nth(1);
    expect(broken.errors).toMatchObject([
      { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(JSON.stringify(broken)).not.toContain('hunter2');
  });
});
