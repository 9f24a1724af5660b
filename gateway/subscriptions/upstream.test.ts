import { createLogger } from 'kit/logger';
import { until } from 'kit/testing/until';
import { gatewaySettings } from '../config.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import { hooksWith } from '../testing/gateway.ts';
import { createShop, servePrices, type PricesServer, type Shop } from '../testing/shop.ts';
import { connect, wait, type Subscriber, type TestClient } from '../testing/subscriber.ts';
import { inProcess } from '../transport/in-process.ts';

const PRICE = 'subscription { priceChanged(id: 5) { amount heldBy product { name } } }';
const codes = (errors: unknown) =>
  (errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code);

describe.each(['graphql-ws', 'sse'] as const)('a subgraph that serves subscriptions over %s', (kind) => {
  let shop: Shop;
  let server: PricesServer;
  let gateway: RunningGateway;
  let clients: TestClient[] = [];
  const ended = new Set<string>();
  const clientOf = (as?: string): TestClient => {
    const client = connect(gateway, as);
    clients.push(client);
    return client;
  };
  const feeding = (count: number) => until(`${count} feeds`, () => shop.feeds.size === count);
  /** A subscriber that has had one event, and whose subscription has lost its connection. */
  const cutOff = async (): Promise<Subscriber> => {
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    shop.price(1);
    await subscriber.nth(1);
    server.drop();
    await feeding(0);
    return subscriber;
  };
  beforeEach(async () => {
    shop = createShop();
    server = await servePrices(shop.pricesSchema, kind);
    const logger = createLogger('gateway-test', 'silent');
    gateway = await createGateway({
      supergraphSdl: shop.supergraphSdl,
      transports: { products: inProcess(shop.products), prices: inProcess(shop.prices) },
      upstreamOf: ({ name }) => (name === 'prices' ? { kind, url: server.url } : null),
      settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RATE_LIMITS: 'off' }),
      logger,
      redisUrl: null,
      hooks: hooksWith(ended),
    });
  });
  afterEach(async () => {
    for (const client of clients) client.dispose();
    clients = [];
    await gateway.stop();
    await server.stop();
  });

  test('its events come with fields of other subgraphs, without a Redis', async () => {
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    shop.price(3);
    expect(await subscriber.nth(1)).toEqual({
      data: { priceChanged: { amount: 3, heldBy: 'Bearer user_a', product: { name: 'Product 5' } } },
    });
  });

  test('each viewer has a subscription of their own there, with their own credentials; one viewer has one', async () => {
    const [one, same, other] = ['user_a', 'user_a', 'user_b'].map((as) => clientOf(as).subscribe(PRICE));
    await feeding(2);
    await wait(50);
    shop.price(3);
    const heldBy = await Promise.all(
      [one, same, other].map(async (subscriber) => {
        const { data } = (await subscriber?.nth(1)) ?? {};
        return (data as { priceChanged: { heldBy: string } }).priceChanged.heldBy;
      }),
    );
    expect(heldBy).toEqual(['Bearer user_a', 'Bearer user_a', 'Bearer user_b']);
    expect(shop.feeds.size).toBe(2);
  });

  test('a lost connection is made again, and the gap is told on the next event', async () => {
    const subscriber = await cutOff();
    await feeding(1);
    shop.price(2);
    shop.price(3);
    await subscriber.nth(3);
    expect(subscriber.received.map(({ extensions }) => extensions?.gap)).toEqual([undefined, true, undefined]);
  });

  test('a subgraph that comes up late is waited for', async () => {
    const { port } = new URL(server.url);
    await server.stop();
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await wait(300);
    server = await servePrices(shop.pricesSchema, kind, { port: Number(port) });
    await feeding(1);
    shop.price(1);
    expect((await subscriber.nth(1)).extensions).toBeUndefined();
  });

  test('a client that leaves ends what runs there', async () => {
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    subscriber.unsubscribe();
    await feeding(0);
  });

  test('a refusal of the subgraph is the client’s', async () => {
    const query = 'subscription { priceChanged(id: "forbidden") { amount } }';
    expect(codes(await clientOf('user_a').subscribe(query).refused)).toEqual(['FORBIDDEN']);
  });

  test('errors in its events are masked, and their paths kept', async () => {
    const subscriber = clientOf('user_a').subscribe('subscription { priceChanged(id: 5) { amount broken } }');
    await feeding(1);
    shop.price(1);
    const message = await subscriber.nth(1);
    expect(message).toMatchObject({
      data: { priceChanged: { amount: 1, broken: null } },
      errors: [{ path: ['priceChanged', 'broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(JSON.stringify(message)).not.toContain('hunter2');
  });

  test('its end is the subscription’s end', async () => {
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    for (const feed of shop.feeds) feed.end();
    await subscriber.completed;
  });

  /** The same subgraph, at the same address, with cursors of its own. */
  const giveCursors = async (): Promise<void> => {
    const { port } = new URL(server.url);
    await server.stop();
    server = await servePrices(shop.pricesSchema, kind, { port: Number(port), hasCursors: true });
  };
  const told = ({ received }: Subscriber) =>
    received.map(({ data, extensions }) => [
      (data as { priceChanged: { amount: number } }).priceChanged.amount,
      extensions?.cursor,
      extensions?.gap,
    ]);

  test('one whose events have cursors is resumed behind the last one where its connection was lost', async () => {
    await giveCursors();
    const subscriber = await cutOff();
    shop.price(2);
    await feeding(1);
    shop.price(3);
    await subscriber.nth(3);
    expect(told(subscriber)).toEqual([1, 2, 3].map((amount) => [amount, `price:${amount}`, undefined]));
  });

  test('one with cursors whose connection was lost before its first event cannot be resumed: the gap is told', async () => {
    await giveCursors();
    const subscriber = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    server.drop();
    await feeding(0);
    shop.price(1);
    await feeding(1);
    for (const amount of [2, 3]) shop.price(amount);
    await subscriber.nth(2);
    expect(told(subscriber)).toEqual([
      [2, 'price:2', true],
      [3, 'price:3', undefined],
    ]);
  });

  test('one that has begun its cursors anew, and says that it cannot go on, has no event taken for an earlier one', async () => {
    await giveCursors();
    const subscriber = await cutOff();
    await feeding(1);
    shop.price(2);
    await subscriber.nth(2);
    const forgetful = createShop();
    const { port } = new URL(server.url);
    await server.stop();
    server = await servePrices(forgetful.pricesSchema, kind, { port: Number(port), hasCursors: true });
    await until('it is there again', () => forgetful.feeds.size === 1);
    for (const amount of [1, 2]) forgetful.price(amount);
    await subscriber.nth(4);
    expect(told(subscriber)).toEqual([
      [1, 'price:1', undefined],
      [2, 'price:2', undefined],
      [1, 'price:1', true],
      [2, 'price:2', undefined],
    ]);
  });

  test('a client resumes there too, behind the cursor it has, and beside one that has no need to', async () => {
    await giveCursors();
    const first = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    for (const amount of [1, 2, 3]) shop.price(amount);
    await first.nth(3);
    const again = clientOf('user_a').subscribe(PRICE, { resumeFrom: 'price:1' });
    await again.nth(2);
    shop.price(4);
    await Promise.all([first.nth(4), again.nth(3)]);
    expect(told(again)).toEqual([2, 3, 4].map((amount) => [amount, `price:${amount}`, undefined]));
    expect(told(first)).toEqual([1, 2, 3, 4].map((amount) => [amount, `price:${amount}`, undefined]));
    const none = clientOf('user_a').subscribe(PRICE, { resumeFrom: 'no cursor\n' });
    expect(codes(await none.refused)).toEqual(['INVALID_CURSOR']);
  });

  test('without cursors of its subgraph nothing is resumed: the first event says that there is a gap', async () => {
    const subscriber = clientOf('user_a').subscribe(PRICE, { resumeFrom: '1-1' });
    await feeding(1);
    shop.price(1);
    expect((await subscriber.nth(1)).extensions).toEqual({ gap: true });
  });

  const amounts = (subscriber: Subscriber) => told(subscriber).map(([amount]) => amount);

  test('one who resumes there beside one who follows gets the events of this moment, not those of before', async () => {
    const first = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    shop.price(1);
    await first.nth(1);
    const again = clientOf('user_a').subscribe(PRICE, { resumeFrom: 'any' });
    await feeding(2);
    for (const amount of [2, 3]) shop.price(amount);
    await Promise.all([first.nth(3), again.nth(2)]);
    expect([amounts(first), amounts(again)]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
  });

  test('a reload that asks it anew loses none of the events that come afterwards', async () => {
    const query = 'subscription { priceChanged(id: 5) { amount product { amount } } }';
    const subscriber = clientOf('user_a').subscribe(query);
    await feeding(1);
    for (const amount of [1, 2, 3]) shop.price(amount);
    await subscriber.nth(3);
    const [before] = shop.feeds;
    // A product's amount is served by products from now on: prices is asked something else.
    const ofPrices = /^(\s*)amount: Int! @join__field\(graph: PRICES\)/m;
    await gateway.reload(shop.supergraphSdl.replace(ofPrices, '$1amount: Int! @join__field(graph: PRODUCTS)'));
    await until('it asks anew', () => shop.feeds.size === 1 && [...shop.feeds][0] !== before);
    for (const amount of [4, 5, 6, 7]) shop.price(amount);
    await subscriber.nth(7);
  });

  test('a supergraph that names another address is asked there, by what runs and by what is new', async () => {
    const running = clientOf('user_a').subscribe(PRICE);
    await feeding(1);
    const [before, moved] = [server, createShop()];
    server = await servePrices(moved.pricesSchema, kind);
    await gateway.reload(shop.supergraphSdl.replace('127.0.0.1:2/', '127.0.0.1:3/'));
    const fresh = clientOf('user_a').subscribe('subscription { priceChanged(id: 6) { amount } }');
    await until('both are there', () => moved.feeds.size === 2);
    await feeding(0);
    moved.price(1);
    await Promise.all([running.nth(1), fresh.nth(1)]);
    await before.stop();
  });
});
