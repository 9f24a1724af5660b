import { CodedError } from 'kit/errors';
import { createLogger } from 'kit/logger';
import { until } from 'kit/testing/until';
import { userViewer } from 'kit/viewer';
import { gatewaySettings } from '../config.ts';
import { createGateway, type RunningGateway } from '../gateway.ts';
import type { GatewayHooks } from '../hooks.ts';
import { createShop, servePrices, type PricesServer, type Shop } from '../testing/shop.ts';
import { speak, type Speaker } from '../testing/speaker.ts';
import { wait } from '../testing/subscriber.ts';
import { inProcess } from '../transport/in-process.ts';

const QUERY = 'subscription { priceChanged(id: 5) { amount heldBy } }';

describe.each(['graphql-ws', 'sse'] as const)('credentials of subscriptions at a subgraph over %s', (kind) => {
  let shop: Shop;
  let server: PricesServer;
  let gateway: RunningGateway;
  let speakers: Speaker[] = [];
  const ended = new Set<string>();
  const roles = new Map<string, 'user' | 'admin'>();
  /** Whether credentials hold is not known before. */
  const checks = new Map<string, Promise<void>>();
  /** `Bearer <user> <number>`: a token of a user, until it has ended; open connections are not looked at. */
  const hooks: GatewayHooks = {
    authenticate: async ({ authorization }) => {
      await checks.get(authorization ?? '');
      const [, user = ''] = authorization?.split(' ') ?? [];
      if (ended.has(authorization ?? '')) throw new CodedError('UNAUTHENTICATED', 'It has ended.');
      return userViewer(user, roles.get(user) ?? 'user', `session_of_${user}`);
    },
    ended: () => Promise.resolve([]),
  };
  const subscribe = async (authorization: string, feeds: number): Promise<Speaker> => {
    const speaker = await speak(gateway, authorization);
    speakers.push(speaker);
    speaker.send({ id: '1', type: 'subscribe', payload: { query: QUERY } });
    await feeding(feeds);
    return speaker;
  };
  const feeding = async (count: number): Promise<void> => {
    await until(`${count} feeds`, () => shop.feeds.size === count);
    await wait(100);
  };
  const lose = async (): Promise<void> => {
    server.drop();
    await until('all is lost', () => shop.feeds.size === 0);
  };
  interface Told {
    readonly data: { readonly priceChanged: { readonly amount: number; readonly heldBy: string } };
    readonly extensions?: { readonly gap?: boolean };
  }
  /** Its `count`-th event: the amount, by which credentials, and whether there is a gap before. */
  const nth = async ({ messages }: Speaker, count: number) => {
    const events = () => messages.filter(({ type }) => type === 'next');
    await until(`event ${count}`, () => events().length >= count);
    const { data, extensions } = events()[count - 1]?.['payload'] as Told;
    return [data.priceChanged.amount, data.priceChanged.heldBy, extensions?.gap ?? false];
  };
  const start = async (hasCursors: boolean): Promise<void> => {
    shop = createShop();
    server = await servePrices(shop.pricesSchema, kind, { hasCursors });
    gateway = await createGateway({
      supergraphSdl: shop.supergraphSdl,
      transports: { products: inProcess(shop.products), prices: inProcess(shop.prices) },
      upstreamOf: ({ name }) => (name === 'prices' ? { kind, url: server.url } : null),
      settings: gatewaySettings({ NODE_ENV: 'test', LOG_LEVEL: 'silent', PORT: '0', RATE_LIMITS: 'off' }),
      logger: createLogger('gateway-test', 'silent'),
      redisUrl: null,
      hooks,
    });
  };
  beforeEach(() => start(false));
  afterEach(async () => {
    for (const { socket } of speakers) socket.terminate();
    speakers = [];
    ended.clear();
    roles.clear();
    checks.clear();
    await gateway.stop();
    await server.stop();
  });

  test('a lost connection is made again with what the client has refreshed its own with', async () => {
    const speaker = await subscribe('Bearer a 1', 1);
    await speaker.refresh('Bearer a 2');
    shop.price(1);
    expect(await nth(speaker, 1)).toEqual([1, 'Bearer a 1', false]);
    ended.add('Bearer a 1');
    await lose();
    await feeding(1);
    shop.price(2);
    expect(await nth(speaker, 2)).toEqual([2, 'Bearer a 2', true]);
  });

  test('of those that shared one, each is asked for with its own credentials once it is lost', async () => {
    const speakers = [await subscribe('Bearer a 1', 1), await subscribe('Bearer a 1', 1)] as const;
    await speakers[0].refresh('Bearer a 2');
    shop.price(1);
    await Promise.all(speakers.map((speaker) => nth(speaker, 1)));
    await lose();
    await feeding(2);
    shop.price(2);
    expect(await Promise.all(speakers.map((speaker) => nth(speaker, 2)))).toEqual([
      [2, 'Bearer a 2', true],
      [2, 'Bearer a 1', true],
    ]);
    // A third one goes with those that have the same, and is told of no gap.
    const third = await subscribe('Bearer a 1', 2);
    shop.price(3);
    expect(await nth(third, 1)).toEqual([3, 'Bearer a 1', false]);
  });

  test('of those that shared one with cursors, neither loses or doubles an event', async () => {
    await gateway.stop();
    await server.stop();
    await start(true);
    const speakers = [await subscribe('Bearer a 1', 1), await subscribe('Bearer a 1', 1)] as const;
    await speakers[0].refresh('Bearer a 2');
    shop.price(1);
    await Promise.all(speakers.map((speaker) => nth(speaker, 1)));
    await lose();
    shop.price(2);
    await feeding(2);
    shop.price(3);
    for (const [index, speaker] of speakers.entries()) {
      const by = `Bearer a ${2 - index}`;
      expect([await nth(speaker, 2), await nth(speaker, 3)]).toEqual([
        [2, by, false],
        [3, by, false],
      ]);
    }
  });

  test('where credentials have ended a lost connection is not made again, and the client’s is closed', async () => {
    const speaker = await subscribe('Bearer a 1', 1);
    ended.add('Bearer a 1');
    await lose();
    expect((await speaker.closed)[0]).toBe(4403);
    expect(shop.feeds.size).toBe(0);
  });

  test('who has refreshed them while they were looked at goes on with the new ones, whoever of those that shared it', async () => {
    const speakers = [
      await subscribe('Bearer a 1', 1),
      await subscribe('Bearer a 1', 1),
      await subscribe('Bearer a 1', 1),
    ] as const;
    shop.price(1);
    await Promise.all(speakers.map((speaker) => nth(speaker, 1)));
    const check = Promise.withResolvers<void>();
    checks.set('Bearer a 1', check.promise);
    ended.add('Bearer a 1');
    await lose();
    await wait(500);
    await Promise.all([speakers[0].refresh('Bearer a 2'), speakers[2].refresh('Bearer a 3')]);
    check.resolve();
    expect((await speakers[1].closed)[0]).toBe(4403);
    await feeding(2);
    shop.price(2);
    expect(await nth(speakers[0], 2)).toEqual([2, 'Bearer a 2', true]);
    expect(await nth(speakers[2], 2)).toEqual([2, 'Bearer a 3', true]);
  });

  test('neither refreshed credentials nor another role make a reload ask anew: no event is lost', async () => {
    const speaker = await speak(gateway, 'Bearer a 1');
    speakers.push(speaker);
    roles.set('a', 'admin');
    speaker.send({ id: '1', type: 'subscribe', payload: { query: QUERY } });
    await feeding(1);
    const [feed] = shop.feeds;
    await speaker.refresh('Bearer a 2');
    roles.set('a', 'user');
    expect(await gateway.reload(shop.supergraphSdl.replace('margin: Int ', 'margin: Float '))).toBe('taken');
    await wait(200);
    expect([...shop.feeds]).toEqual([feed]);
    shop.price(1);
    expect(await nth(speaker, 1)).toEqual([1, 'Bearer a 1', false]);
  });
});
