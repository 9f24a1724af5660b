import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import type { GatewayHooks } from './hooks.ts';
import { hooksWith, startTestGateway, type TestGateway } from './testing/gateway.ts';

const PART = Buffer.alloc(1024 * 1024, 'part');
const MOST = 64;
let made = 0;
let isOver = false;
let go: (value?: unknown) => void = () => undefined;
const headers = { 'content-type': 'application/octet-stream' };

async function* parts(failsAt = Infinity) {
  made = 0;
  isOver = false;
  try {
    for (; made < MOST; made++) {
      if (made === failsAt) throw new Error('a secret of ours');
      yield PART;
    }
  } finally {
    isOver = true;
  }
}

async function* twoParts() {
  yield Buffer.from('first ');
  await new Promise((resolve) => (go = resolve));
  yield Buffer.from('last');
}

const limit = { name: `test ${crypto.randomUUID()}`, requests: 3, windowSeconds: 60 };
const routes: NonNullable<GatewayHooks['routes']> = {
  '/two': async () => ({ status: 200, headers, body: twoParts() }),
  '/many': async () => ({
    status: 200,
    headers: { ...headers, 'content-length': `${MOST * PART.length}` },
    body: parts(),
  }),
  '/broken': async () => ({ status: 200, headers: { ...headers, 'content-length': '9999999' }, body: parts(2) }),
  '/limited': { GET: async () => ({ status: 200, headers, body: 'answered' }), limit },
  '/free': async () => ({ status: 200, headers, body: 'answered' }),
};
const start = () =>
  startTestGateway({
    // Patient, so that a busy machine is not taken for a Redis that hangs.
    environment: { RATE_LIMITS: 'on', RATE_PATIENCE_MILLISECONDS: '5000' },
    overrides: { hooks: { ...hooksWith(new Set()), routes }, redisUrl: workerRedisUrl() },
  });

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await start();
});
afterAll(() => gateway.stop());

/** An answer of which nothing is read yet. */
async function open(path: string): Promise<IncomingMessage> {
  const asked = request(gateway.origin + path).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

test('the first part is there before the last is made', async () => {
  const response = await open('/two');
  const [first] = (await once(response, 'data')) as [Buffer];
  expect(first.toString()).toBe('first ');
  go();
  const [last] = (await once(response, 'data')) as [Buffer];
  expect(last.toString()).toBe('last');
  expect((await fetch(`${gateway.origin}/two`, { method: 'HEAD' })).status).toBe(200);
});

test('no more parts are made than the client takes, and none once it has gone', async () => {
  const response = await open('/many');
  await until('the first parts', () => made > 0);
  await until('no more are made', async () => {
    const before = made;
    await sleep(300);
    return made === before;
  });
  // What the sockets of both ends hold.
  expect(made).toBeLessThan(MOST / 2);
  expect(isOver).toBe(false);
  response.destroy();
  await until('it is over', () => isOver);
  expect(made).toBeLessThan(MOST / 2);
});

test('a client that takes all of it gets all of it', async () => {
  const body = await (await fetch(`${gateway.origin}/many`)).bytes();
  expect([body.length, made, isOver]).toEqual([MOST * PART.length, MOST, true]);
});

test('a part that fails breaks the answer off, and says nothing', async () => {
  const response = await fetch(`${gateway.origin}/broken`);
  await expect(response.bytes()).rejects.toThrow();
  expect((await fetch(`${gateway.origin}/free`)).status).toBe(200);
});

test('a route is limited by itself, over all gateways, with how long to wait', async () => {
  const other = await start();
  // A gateway whose Redis is not there yet counts by itself.
  await until('its Redis', async () =>
    (await (await fetch(`${other.origin}/health/ready`)).text()).includes('"redis":{"status":"up"}'),
  );
  const ask = (at: TestGateway, path = '/limited') => fetch(at.origin + path);
  const statuses = [];
  for (const one of [gateway, other, gateway, other, gateway]) statuses.push((await ask(one)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const refused = await ask(other);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(50);
  expect(await refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryAfterSeconds: seconds });
  expect((await ask(gateway, '/free')).status).toBe(200);
  await other.stop();
});
