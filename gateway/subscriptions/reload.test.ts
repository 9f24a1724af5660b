import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { hooksWith, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { createTestGraph } from '../testing/graph.ts';
import { connect, gauge, standing, wait, type TestClient } from '../testing/subscriber.ts';
import { inProcess } from '../transport/in-process.ts';

let redisServer: TestRedis;
let redis: Redis;
let gateway: TestGateway;
let client: TestClient;
let eventNumber = 0;
const publish = (id = `event_${++eventNumber}`) => publishLive(redis, 'book:1', { id, payload: { id: '1' } });

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
});
beforeEach(async () => {
  gateway = await startTestGateway({ overrides: { redisUrl: redisServer.url } });
  client = connect(gateway, 'user_a');
});
afterEach(async () => {
  client.dispose();
  await gateway.stop();
});
afterAll(async () => {
  redis.disconnect();
  await redisServer.stop();
});

/** The same graph without a field. */
const without = (field: RegExp): string => {
  const sdl = gateway.graph.supergraphSdl.replace(field, '');
  expect(sdl).not.toBe(gateway.graph.supergraphSdl);
  return sdl;
};
const READ_BY = /^\s*readBy: String![^\n]*$/m;
const ADDRESS = /^\s*address: String![^\n]*$/m;

test('a reload keeps what is valid without losing an event, and ends what is not with a reason', async () => {
  const [title, readBy] = await standing(
    () =>
      [
        client.subscribe('subscription { bookChanged(id: 1) { id title } }'),
        client.subscribe('subscription { bookChanged(id: 1) { writer { readBy } } }'),
      ] as const,
    2,
  );
  await publish();
  await Promise.all([title.nth(1), readBy.nth(1)]);
  const reloading = gateway.reload(without(READ_BY));
  for (let count = 0; count < 20; count++) {
    await publish();
    await wait(5);
  }
  await reloading;
  await publish();
  await title.nth(22);
  expect(await readBy.refused).toMatchObject([
    {
      extensions: {
        code: 'SUBSCRIPTION_SCHEMA_RELOAD',
        reasons: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      },
    },
  ]);
  const cursors = title.received.map(({ extensions }) => extensions?.cursor);
  expect(new Set(cursors).size).toBe(22);
  expect(title.received.every(({ errors, extensions }) => !errors && !extensions?.gap)).toBe(true);
  expect(await gauge('gateway_subscriptions')).toBe(1);
});

test('what runs is not counted against the rate limit when it is taken over', async () => {
  const limited = await startTestGateway({
    environment: { RATE_LIMITS: 'on', RATE_SIGNED_IN_REQUESTS: '3' },
    overrides: { redisUrl: redisServer.url },
  });
  const own = connect(limited, 'user_a');
  const subscriber = await standing(() => own.subscribe('subscription { bookChanged(id: 1) { id } }'));
  for (const field of [ADDRESS, /^$/m, ADDRESS, /^$/m, ADDRESS]) {
    await limited.reload(limited.graph.supergraphSdl.replace(field, ''));
  }
  await publish();
  await subscriber.nth(1);
  own.dispose();
  await limited.stop();
});

test('a reload that a subscription has nothing to do with goes unnoticed, again and again', async () => {
  const subscriber = await standing(() =>
    client.subscribe('subscription { bookChanged(id: 1) { writer { readBy } } }'),
  );
  for (const sdl of [without(ADDRESS), gateway.graph.supergraphSdl, without(ADDRESS)]) {
    await gateway.reload(sdl);
    await publish();
  }
  await subscriber.nth(3);
  expect(subscriber.received.map(({ extensions }) => extensions?.gap)).toEqual([undefined, undefined, undefined]);
});

test('a subscription whose source is asked for during a reload is taken over too', async () => {
  const { subgraphs, supergraphSdl } = createTestGraph();
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const library = inProcess(async (request, hop) => {
    if (request.live === 'subscribe') asked++;
    if (request.live === 'subscribe') await gate.promise;
    return subgraphs.library(request, hop);
  });
  const transports = { library, people: inProcess(subgraphs.people) };
  const slow = await startTestGateway({ overrides: { redisUrl: redisServer.url, supergraphSdl, transports } });
  const own = connect(slow, 'user_a');
  const title = own.subscribe('subscription { bookChanged(id: 1) { id } }');
  const readBy = own.subscribe('subscription { bookChanged(id: 1) { writer { readBy } } }');
  await until('the owner is asked', () => asked === 2);
  expect(await slow.reload(without(READ_BY))).toBe('taken');
  await standing(() => gate.resolve(), 2);
  await publish();
  expect(await readBy.refused).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }]);
  expect((await title.nth(1)).data).toEqual({ bookChanged: { id: '1' } });
  own.dispose();
  await slow.stop();
});

test('what a plugin has put into the variables stays there', async () => {
  const plugins = [{ name: 'first-book', onOperation: () => ({ variables: { id: '1', titled: true } }) }];
  const hooks = { ...hooksWith(new Set()), plugins };
  const guarded = await startTestGateway({ overrides: { redisUrl: redisServer.url, hooks } });
  const own = connect(guarded, 'user_a');
  const query =
    'subscription ($id: ID!, $titled: Boolean!) { bookChanged(id: $id) { id title @include(if: $titled) } }';
  const subscriber = await standing(() => own.subscribe(query, { variables: { id: '2', titled: false } }));
  await guarded.reload(without(ADDRESS));
  await publish();
  expect((await subscriber.nth(1)).data).toEqual({ bookChanged: { id: '1', title: 'Emma' } });
  own.dispose();
  await guarded.stop();
});
