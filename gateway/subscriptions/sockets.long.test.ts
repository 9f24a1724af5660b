import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { liveKey, publishLive } from 'kit/live';
import { freePort, startTestRedis, type TestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { gather, type Crowd } from '../testing/crowd.ts';
import { SECRET, serveSubgraph } from '../testing/graph.ts';
import { createShop, type Shop } from '../testing/shop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'live-gateway-'));

interface Process {
  readonly url: string;
  readonly origin: string;
  readonly pid: number;
  readonly kill: () => Promise<void>;
}

let redisServer: TestRedis;
let redis: Redis;
let shop: Shop;
let products: { url: string; close: () => Promise<void> };
const crowds: Crowd[] = [];
const processes: Process[] = [];
const gathered = async (...parameters: Parameters<typeof gather>): Promise<Crowd> => {
  const crowd = await gather(...parameters);
  crowds.push(crowd);
  return crowd;
};

beforeAll(async () => {
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
  shop = createShop();
  products = await serveSubgraph('products', shop.products);
  writeFileSync(join(folder, 'supergraph.graphql'), shop.supergraphSdl);
});
afterEach(async () => {
  for (const crowd of crowds.splice(0)) crowd.leave();
  for (const process of processes.splice(0)) await process.kill();
  shop.banned.clear();
  shop.asked.length = 0;
});
afterAll(async () => {
  await products.close();
  redis.disconnect();
  await redisServer.stop();
  rmSync(folder, { recursive: true });
});

/** A gateway as its operator would start it. */
async function startGateway(): Promise<Process> {
  const port = await freePort();
  const parameters = ['--supergraph', join(folder, 'supergraph.graphql'), '--port', String(port)];
  const config = join(root, 'gateway/testing/live.config.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'gateway/index.ts'), ...parameters, '--config', config],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        LOG_LEVEL: 'fatal',
        HOP_SECRET: SECRET,
        REDIS_URL: redisServer.url,
        SUBGRAPH_PRODUCTS_URL: products.url,
        MAX_CONNECTIONS_PER_VIEWER: '20000',
        MAX_SUBSCRIPTIONS_PER_VIEWER: '20000',
        RATE_LIMITS: 'off',
      },
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  expect(line).toContain('ready');
  const started: Process = {
    url: `ws://127.0.0.1:${port}/graphql`,
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
  processes.push(started);
  return started;
}

const megabytes = ({ pid }: Process): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
async function metric({ origin }: Process, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
}
const running = (gateway: Process, count: number) =>
  until(`${count} subscriptions`, async () => (await metric(gateway, 'gateway_subscriptions')) >= count, 120);
let eventNumber = 0;
const publish = (id: string) => publishLive(redis, `product:${id}`, { id: `event_${++eventNumber}`, payload: { id } });
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const report = (line: string): void => void process.stdout.write(`live: ${line}\n`);

const SELECTIONS = ['id', 'name', 'id name', 'title: name', 'id title: name'];

test('10,000 idle sockets take less than 400 MB; one event reaches them all within 2 s with 5 hydrations', async () => {
  const gateway = await startGateway();
  const before = megabytes(gateway);
  const crowd = await gathered(gateway.url, 10_000, () => null);
  const idle = megabytes(gateway);
  crowd.subscribe((index) => `subscription { productChanged(id: 1) { ${SELECTIONS[index % 5] ?? ''} } }`);
  await running(gateway, 10_000);
  await sleep(2000);
  const subscribed = megabytes(gateway);
  const startedAt = performance.now();
  await publish('1');
  await until('all have it', () => crowd.members.every(({ received }) => received.length === 1), 30);
  const seconds = (performance.now() - startedAt) / 1000;
  const hydrations = await metric(gateway, 'gateway_live_hydrations_total');
  report(
    `10,000 sockets: ${before.toFixed(0)} MB before, ${idle.toFixed(0)} MB idle, ${subscribed.toFixed(0)} MB subscribed`,
  );
  report(`one event to 10,000 subscribers: last delivery after ${seconds.toFixed(2)} s, ${hydrations} hydrations`);
  expect(crowd.members.every(({ errors }) => errors.length === 0)).toBe(true);
  expect(crowd.members[7]?.received[0]?.data).toEqual({ productChanged: { id: '1', name: 'Product 1' } });
  expect(hydrations).toBe(5);
  expect(shop.asked).toHaveLength(5);
  expect(idle).toBeLessThan(400);
  expect(seconds).toBeLessThan(2);
}, 240_000);

test('1,000 viewers with a private field: each gets their own answer, or nothing', async () => {
  const gateway = await startGateway();
  const nameOf = (index: number) => `user_${index}`;
  const isBanned = (index: number) => index % 10 === 3;
  const crowd = await gathered(gateway.url, 1000, nameOf);
  crowd.subscribe(() => 'subscription { productChanged(id: 2) { id seenBy } }');
  await running(gateway, 1000);
  await sleep(500);
  for (let index = 0; index < 1000; index++) if (isBanned(index)) shop.banned.add(nameOf(index));
  const startedAt = performance.now();
  await publish('2');
  await until('900 have it', () => crowd.members.filter(({ received }) => received.length === 1).length >= 900, 30);
  report(`one event to 1,000 viewers with a private field: ${((performance.now() - startedAt) / 1000).toFixed(2)} s`);
  await sleep(500);
  for (const [index, { received, errors }] of crowd.members.entries()) {
    const expected = isBanned(index) ? [] : [{ productChanged: { id: '2', seenBy: nameOf(index) } }];
    expect(received.map(({ data }) => data)).toEqual(expected);
    expect(errors).toEqual([]);
  }
}, 120_000);

test('a gateway killed mid-stream: after resuming on another, no subscriber misses an event or has one twice', async () => {
  const [first, second] = [await startGateway(), await startGateway()];
  const query = () => 'subscription { productChanged(id: 3) { id name } }';
  const before = await gathered(first.url, 300, () => null);
  before.subscribe(query);
  await running(first, 300);
  await sleep(500);
  const publishing = (async () => {
    for (let count = 0; count < 300; count++) {
      await publish('3');
      await sleep(10);
    }
  })();
  await sleep(1000);
  await first.kill();
  const cursors = before.members.map(({ received }) => received.at(-1)?.extensions?.cursor);
  const after = await gathered(second.url, 300, () => null);
  after.subscribe(query, (index) => cursors[index]);
  await publishing;
  const all = (await redis.xrange(liveKey('product:3'), '-', '+')).map(([id]) => id);
  const seenBy = (index: number) =>
    [before, after]
      .flatMap((crowd) => crowd.members[index]?.received ?? [])
      .map(({ extensions }) => extensions?.cursor);
  await until('all have all', () => after.members.every((_, index) => seenBy(index).length >= all.length), 30);
  await sleep(300);
  for (const index of after.members.keys()) expect(seenBy(index)).toEqual(all);
  expect(after.members.every(({ received }) => received.every(({ extensions }) => !extensions?.gap))).toBe(true);
  report(
    `killed after ${before.members[0]?.received.length ?? 0} of ${all.length} events: all 300 resumed without a loss`,
  );
}, 120_000);
