import { once } from 'node:events';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import { declaration, emit, startCachingGateway, testRedis, type CachingGateway } from './cache.testing.ts';

const redis = testRedis();

/** A way to Redis that can fall silent, as a stalled server does, or be cut. */
async function openWay() {
  const target = new URL(workerRedisUrl());
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const upstream = connectSocket(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => void (isSilent || to.write(data)));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const fallSilent = (silent: boolean): void => void (isSilent = silent);
  const close = (): void => {
    cut();
    server.close();
  };
  return { url: url.toString(), cut, fallSilent, close };
}

let way: Awaited<ReturnType<typeof openWay>>;
let gateway: CachingGateway;
beforeAll(async () => {
  way = await openWay();
  gateway = await startCachingGateway(declaration, { overrides: { redisUrl: way.url } });
});
afterAll(async () => {
  await gateway.stop();
  way.close();
});

const BOOK = '{ book(id: 1) { title } }';
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const asked = (as?: string) => gateway.fetchesOf(() => gateway.query(BOOK, as ? { as } : {}));

test.each([undefined, 'user_a'])(
  'a second after Redis has fallen silent nothing is taken from the cache (%s)',
  async (as) => {
    await gateway.cached(BOOK, as ? { as } : {});
    way.fallSilent(true);
    try {
      await emit(redis, 'book.renamed', '1');
      await sleep(1100);
      const took: number[] = [];
      for (let round = 0; round < 5; round++) {
        const startedAt = performance.now();
        expect(await asked(as)).toBe(1);
        took.push(performance.now() - startedAt);
      }
      // Less than a command to Redis is waited for: none was.
      expect(Math.min(...took)).toBeLessThan(400);
    } finally {
      way.fallSilent(false);
      way.cut();
    }
    await gateway.cached(BOOK, as ? { as } : {});
  },
);

test('what was kept before a lost connection is not taken after it', async () => {
  await gateway.cached(BOOK);
  way.cut();
  await until('it is connected again and keeps answers', async () => {
    const first = await asked();
    return first === 1 && (await asked()) === 0;
  });
});

test('a mutation is answered while Redis is away, and told afterwards', async () => {
  await gateway.cached(BOOK, { as: 'user_b' });
  way.fallSilent(true);
  const { data } = await gateway.query('mutation { renameBook(id: 1, title: "Emma") { title } }', { as: 'user_b' });
  expect(data).toEqual({ renameBook: { title: 'Emma' } });
  way.fallSilent(false);
  way.cut();
  await until('the viewer’s answers are made invalid in every gateway', async () => {
    const entries = (await redis.xrevrange('gateway:invalidations', '+', '-', 'COUNT', 10)) as [string, string[]][];
    return entries.some(([, fields]) => fields[1]?.includes('viewer:user_b'));
  });
});
