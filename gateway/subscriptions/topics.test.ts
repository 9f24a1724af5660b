import { Redis } from 'ioredis';
import { CodedError } from 'kit/errors';
import { liveKey, publishLive } from 'kit/live';
import { startTestRedis, type TestRedis } from 'kit/live.testing';
import { createLogger } from 'kit/logger';
import { until } from 'kit/testing/until';
import { gatewaySettings } from '../config.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import type { GatewayHooks } from '../hooks.ts';
import type { PluginContext } from '../plugins.ts';
import { hooksWith } from '../testing/gateway.ts';
import { createShop, type Shop } from '../testing/shop.ts';
import {
  connect,
  standing,
  wait,
  type SubscribeOptions,
  type Subscriber,
  type TestClient,
} from '../testing/subscriber.ts';
import { inProcess } from '../transport/in-process.ts';

let redisServer: TestRedis;
let redis: Redis;
let shop: Shop;
let gateway: RunningGateway;
let clients: TestClient[] = [];
const clientOf = (as?: string): TestClient => {
  const client = connect(gateway, as);
  clients.push(client);
  return client;
};
const follow = (query: string, as?: string, options: SubscribeOptions = {}): Promise<Subscriber> =>
  standing(() => clientOf(as).subscribe(query, options));
/** What the products subgraph waits for before it answers, and how many requests wait for it. */
let held: Promise<void> | null = null;
let waiting = 0;
/** Whether its answers are such that nothing can be made of them. */
let isOdd = false;
const products: Shop['products'] = async (request, hop) => {
  waiting++;
  await held;
  waiting--;
  const answer = await shop.products(request, hop);
  // No JSON can say such a number.
  const errors = [{ message: 'Odd.', extensions: { code: 'ODD', count: 5n } }];
  return isOdd ? { ...answer, errors } : answer;
};
/** How many more times the prices subgraph says that it has not seen an event yet. */
let late = 0;
const prices: Shop['prices'] = async (request, hop) => {
  const { data } = await shop.prices(request, hop);
  if (!request.query.includes('_entities') || late-- <= 0) return { data: data ?? null };
  const errors = [{ message: 'Not yet.', path: ['_entities', 0, 'amount'], extensions: { code: 'RETRY_LATER' } }];
  return { data: { _entities: [{ amount: null }] }, errors };
};
/** What viewers' credentials are good for. */
const scopes = new Map<string | null, readonly string[]>();
let eventNumber = 0;
const publish = (topic: string, payload: Record<string, unknown>) =>
  publishLive(redis, topic, { id: `event_${++eventNumber}`, payload });
const codes = (errors: unknown) =>
  (errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code);

const gatewayWith = (hooks: GatewayHooks): Promise<RunningGateway> =>
  createGateway({
    supergraphSdl: shop.supergraphSdl,
    transports: { products: inProcess(products), prices: inProcess(prices) },
    settings: gatewaySettings({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: '0',
      RATE_LIMITS: 'off',
      MAX_HYDRATIONS: '3',
      SUBSCRIPTION_TOPICS: '{"configured": "thing:{id}", "priceChanged": "price:{id}"}',
    }),
    logger: createLogger('gateway-test', 'silent'),
    redisUrl: redisServer.url,
    hooks,
  });
beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  shop = createShop();
  gateway = await gatewayWith({
    publicFields: ['Subscription.configured'],
    caching: { hints: { 'Subscription.configured': { scope: 'PRIVATE' } } },
    authenticate: async (credentials) => {
      const viewer = await hooksWith(new Set()).authenticate(credentials);
      return { ...viewer, scopes: [...(scopes.get(viewer.userId) ?? [])] };
    },
  });
});
afterEach(() => {
  for (const client of clients) client.dispose();
  clients = [];
  shop.banned.clear();
  shop.asked.length = 0;
});
afterAll(async () => {
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

const CHANGED = 'subscription { productChanged(id: 5) { id name seenBy amount } }';

test('an event with a key is answered by the owner of the entity and by other subgraphs, for this viewer', async () => {
  const subscriber = await follow(CHANGED, 'user_a');
  await publish('product:5', { id: '5' });
  const message = await subscriber.nth(1);
  expect(message.data).toEqual({ productChanged: { id: '5', name: 'Product 5', seenBy: 'user_a', amount: 7 } });
  expect(message.extensions?.cursor).toMatch(/^\d+-\d+$/);
});

test.each([
  ['private', 'subscription { productChanged(id: 5) { id seenBy amount } }'],
  ['shared', 'subscription { productChanged(id: 5) { id name amount } }'],
])(
  '%s: a subgraph that has not seen the event is asked once more, and then its field is an error',
  async (_, query) => {
    const names = ['user_a', 'user_b'];
    const subscribers = await standing(() => names.map((as) => clientOf(as).subscribe(query)), names.length);
    late = 1;
    await publish('product:5', { id: '5' });
    for (const message of await Promise.all(subscribers.map((subscriber) => subscriber.nth(1)))) {
      expect([message.errors, message.data?.['productChanged']]).toMatchObject([undefined, { id: '5', amount: 7 }]);
    }
    late = Infinity;
    await publish('product:5', { id: '5' });
    for (const message of await Promise.all(subscribers.map((subscriber) => subscriber.nth(2)))) {
      expect([codes(message.errors), message.data]).toMatchObject([['RETRY_LATER'], { productChanged: null }]);
    }
    late = 0;
  },
);

test('a subscription whose event cannot be worked out ends with an error, and not as if all had come', async () => {
  const subscriber = await follow('subscription { productChanged(id: 5) { id name } }', 'user_a');
  isOdd = true;
  await publish('product:5', { id: '5' });
  const end = await Promise.race([subscriber.refused, subscriber.completed]);
  isOdd = false;
  expect(codes(end)).toEqual(['INTERNAL_SERVER_ERROR']);
});

test('aliases, fragments, variables and the configured topic work too', async () => {
  const query = `subscription ($id: ID!, $with: Boolean!) { one: configured(id: $id) { ...parts title: name @include(if: $with) } }
    fragment parts on Product { key: id amount }`;
  const subscriber = await follow(query, 'user_a', { variables: { id: '7', with: true } });
  await publish('thing:7', { id: '7' });
  expect((await subscriber.nth(1)).data).toEqual({ one: { key: '7', amount: 7, title: 'Product 7' } });
});

test('each event is authorised by its owner', async () => {
  const subscriber = await follow(CHANGED, 'user_b');
  shop.banned.add('user_b');
  const before = shop.asked.length;
  await publish('product:5', { id: '5' });
  await until('the owner is asked', () => shop.asked.length > before);
  await wait(100);
  shop.banned.delete('user_b');
  await publish('product:5', { id: '5' });
  await subscriber.nth(1);
  await wait(50);
  expect(subscriber.received).toHaveLength(1);
});

test('a gap before an event that this viewer is not shown is told with what they are shown next', async () => {
  for (let count = 0; count < 3; count++) await publish('product:11', { id: '11' });
  await redis.xtrim(liveKey('product:11'), 'MAXLEN', 1);
  shop.banned.add('user_b');
  const query = 'subscription { productChanged(id: 11) { id seenBy } }';
  const subscriber = await follow(query, 'user_b', { resumeFrom: '1000-0' });
  await until('the owner is asked', () => shop.asked.length > 0);
  await wait(100);
  shop.banned.delete('user_b');
  await publish('product:11', { id: '11' });
  expect((await subscriber.nth(1)).extensions?.gap).toBe(true);
  expect(subscriber.received).toHaveLength(1);
});

test('the gateway’s own directives are asked again with each event', async () => {
  scopes.set('user_s', ['margins']);
  const query = 'subscription { productChanged(id: 8) { id margin } }';
  const [has, hasNot] = [await follow(query, 'user_s'), await follow(query, 'user_t')];
  await publish('product:8', { id: '8' });
  expect((await has.nth(1)).data).toEqual({ productChanged: { id: '8', margin: 30 } });
  expect(await hasNot.nth(1)).toMatchObject({ data: { productChanged: { id: '8', margin: null } } });
  scopes.clear();
  await publish('product:8', { id: '8' });
  expect(await has.nth(2)).toMatchObject({
    data: { productChanged: { id: '8', margin: null } },
    errors: [{ path: ['productChanged', 'margin'] }],
  });
});

test('arguments cannot reach into another topic', async () => {
  const query = 'subscription ($in: Place!) { placed(in: $in) { id } }';
  const subscriber = await follow(query, 'user_a', { variables: { in: { shop: 'a:1', shelf: 2 } } });
  await publish('place:a:1:2', { id: '1' });
  await publish(`place:${encodeURIComponent('a:1')}:2`, { id: '2' });
  expect((await subscriber.nth(1)).data).toEqual({ placed: { id: '2' } });
});

test('an event without an entity is the answer itself; a viewer’s own topic is for who is signed in', async () => {
  const query = 'subscription { notice { said: text product { name } parts { label __typename } } }';
  const [mine, theirs] = [await follow(query, 'user_a'), await follow(query, 'user_b')];
  await publish('notice:user_a', { text: 'Hello', product: { id: '5' }, parts: [{ label: 'one' }] });
  expect((await mine.nth(1)).data).toEqual({
    notice: { said: 'Hello', product: null, parts: [{ label: 'one', __typename: 'Part' }] },
  });
  expect(theirs.received).toEqual([]);
  expect(codes(await clientOf().subscribe(query).refused)).toEqual(['UNAUTHENTICATED']);
});

test('what is missing in such an event is an error of its field', async () => {
  const subscriber = await follow('subscription { notice { text } }', 'user_a');
  await publish('notice:user_a', {});
  expect(await subscriber.nth(1)).toMatchObject({ data: { notice: null } });
});

test('one hydration for all viewers where every field is declared public, each of them authorised', async () => {
  const query = 'subscription { productChanged(id: 6) { id name } }';
  const names = Array.from({ length: 6 }, (_, number) => `user_${number}`);
  const subscribers = await standing(() => names.map((as) => clientOf(as).subscribe(query)), names.length);
  shop.banned.add('user_0').add('user_1');
  await publish('product:6', { id: '6' });
  const answers = await Promise.all(subscribers.slice(2).map((subscriber) => subscriber.nth(1)));
  await wait(100);
  for (const { data } of answers) expect(data).toEqual({ productChanged: { id: '6', name: 'Product 6' } });
  expect(subscribers.slice(0, 2).map(({ received }) => received)).toEqual([[], []]);
  const whole = shop.asked.filter(({ request }) => /\bname\b/.test(request.query));
  expect(new Set(shop.asked.map(({ hop }) => hop.viewer.userId))).toEqual(new Set(names));
  // The first one to ask may be one of the two who may not.
  expect(whole.length).toBeLessThanOrEqual(3);
});

test('one field that nobody has declared public makes all of it private', async () => {
  const query = 'subscription { productChanged(id: 6) { name seenBy } }';
  const subscribers = await standing(
    () => ['user_a', 'user_a', 'user_b'].map((as) => clientOf(as).subscribe(query)),
    3,
  );
  await publish('product:6', { id: '6' });
  const seen = await Promise.all(subscribers.map(async (subscriber) => (await subscriber.nth(1)).data));
  expect(seen.map((data) => (data as { productChanged: { seenBy: string } }).productChanged.seenBy)).toEqual([
    'user_a',
    'user_a',
    'user_b',
  ]);
  // The same viewer's two share one.
  expect(shop.asked).toHaveLength(2);
});

test('what the product has declared PRIVATE is not shared, whatever else is said of it', async () => {
  const query = 'subscription { configured(id: 9) { id name } }';
  const names = ['user_a', 'user_b'];
  const subscribers = await standing(() => names.map((as) => clientOf(as).subscribe(query)), names.length);
  await publish('thing:9', { id: '9' });
  await Promise.all(subscribers.map((subscriber) => subscriber.nth(1)));
  const whole = shop.asked.filter(({ request }) => /\bname\b/.test(request.query));
  expect(whole.map(({ hop }) => hop.viewer.userId).sort()).toEqual(names);
});

test('so many answers are worked out at once, the others in their turn; a slow subgraph holds up no query of another', async () => {
  const viewers = Array.from({ length: 8 }, (_, n) => `user_${n}`);
  const subscribers = await Promise.all(viewers.map((viewer) => follow(CHANGED, viewer)));
  const gate = Promise.withResolvers<void>();
  held = gate.promise;
  await publish('product:5', { id: '5' });
  await until('three answers are under way', () => waiting === 3);
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ hello }"}',
  });
  expect(await answer.json()).toEqual({ data: { hello: null } });
  // Nor any event of another.
  const price = await follow('subscription { priceChanged(id: 5) { amount } }', 'user_a');
  await publish('price:5', { amount: 9 });
  expect((await price.nth(1)).data).toEqual({ priceChanged: { amount: 9 } });
  expect(waiting).toBe(3);
  held = null;
  gate.resolve();
  const messages = await Promise.all(subscribers.map((subscriber) => subscriber.nth(1)));
  expect(messages.map(({ data }) => data?.['productChanged'])).toMatchObject(viewers.map((seenBy) => ({ seenBy })));
  expect(waiting).toBe(0);
});

test('nothing is worked out for those who have left before it was their turn', async () => {
  const viewers = Array.from({ length: 8 }, (_, n) => `user_${n}`);
  await Promise.all(viewers.map((viewer) => follow(CHANGED, viewer)));
  shop.asked.length = 0;
  const gate = Promise.withResolvers<void>();
  held = gate.promise;
  await publish('product:5', { id: '5' });
  await until('three answers are under way', () => waiting === 3);
  for (const client of clients) client.dispose();
  const metrics = new URL('/metrics', gateway.url);
  await until('all have left', async () => /^gateway_subscriptions 0$/m.test(await (await fetch(metrics)).text()));
  held = null;
  gate.resolve();
  await until('the three are done', () => waiting === 0);
  await wait(100);
  expect(shop.asked).toHaveLength(3);
});

test('half a character in a topic’s argument is the asker’s error', async () => {
  const query = 'subscription ($id: ID!) { productChanged(id: $id) { id } }';
  const refused = await clientOf('user_a').subscribe(query, { variables: { id: '\ud800' } }).refused;
  expect(refused).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('what a plugin has put into the variables is there with each event', async () => {
  const plugins = [{ name: 'first', onOperation: () => ({ variables: { id: '12', named: true } }) }];
  const guarded = await gatewayWith({ ...hooksWith(new Set()), plugins });
  const client = connect(guarded, 'user_a');
  const query =
    'subscription ($id: ID!, $named: Boolean!) { productChanged(id: $id) { id seenBy @include(if: $named) } }';
  const subscriber = await standing(() => client.subscribe(query, { variables: { id: '13', named: false } }));
  await publish('product:12', { id: '12' });
  expect((await subscriber.nth(1)).data).toEqual({ productChanged: { id: '12', seenBy: 'user_a' } });
  client.dispose();
  await guarded.stop();
});

test('what a plugin refuses one viewer of an answer is not refused the others, nor shown to that one', async () => {
  const refuse = ({ context }: { readonly context: PluginContext }) => {
    if (context.viewer.userId === 'user_b') throw new CodedError('FORBIDDEN', 'Not you.');
  };
  const guarded = await gatewayWith({ ...hooksWith(new Set()), plugins: [{ name: 'embargo', onEvent: refuse }] });
  const [one, other] = [connect(guarded, 'user_a'), connect(guarded, 'user_b')];
  const query = 'subscription { productChanged(id: 14) { id name } }';
  const subscribers = await standing(() => [one.subscribe(query), other.subscribe(query)], 2);
  await publish('product:14', { id: '14' });
  const [shown, refused] = await Promise.all(subscribers.map((subscriber) => subscriber.nth(1)));
  expect(shown?.data).toEqual({ productChanged: { id: '14', name: 'Product 14' } });
  expect([refused?.data, codes(refused?.errors)]).toEqual([null, ['FORBIDDEN']]);
  for (const client of [one, other]) client.dispose();
  await guarded.stop();
});
