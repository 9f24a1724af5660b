import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { ConfigError } from 'kit/config';
import { publishLive } from 'kit/live';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import { anonymous } from 'kit/viewer';
import { gatewaySettings } from './config.ts';
import { compose, LINK } from './conformance/testing/federation.ts';
import { createForwarding, headersOfSocket } from './forwarding.ts';
import type { GatewayOptions } from './gateway.ts';
import type { Plugin } from './plugins.ts';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { speak } from './testing/speaker.ts';
import { gauge, standing } from './testing/subscriber.ts';
import { httpTransport } from './transport/http.ts';

/** A subgraph that answers what it was told in headers, over HTTP. */
const supergraphSdl = compose({
  things: {
    typeDefs: `${LINK}
      type Query { tenant: String }
      type Mutation { touch: String }
      type Subscription { thingChanged(id: ID!): Thing }
      type Thing @key(fields: "id") { id: ID!  tenant: String }`,
  },
});
let server: Server;
let asked: IncomingHttpHeaders[] = [];
const gateways: TestGateway[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers);
    const tenant = request.headers['x-tenant'] ?? null;
    void json(request).then((body) => {
      const { query } = body as { query: string };
      const thing = { __typename: 'Thing', id: '1', tenant };
      const data = query.includes('_entities') ? { _entities: [thing] } : { tenant, touch: tenant };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  asked = [];
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function start(names: string, overrides: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const options = { secret: null, timeoutSeconds: 5, responseLimitBytes: 10_000, connections: 4 };
  const gateway = await startTestGateway({
    environment: {
      FORWARD_HEADERS: names,
      SUBSCRIPTION_TOPICS: '{"thingChanged":"thing:{id}"}',
      ALLOWED_ORIGINS: 'https://app.example',
    },
    overrides: {
      supergraphSdl,
      transports: { things: httpTransport({ name: 'things', url, ...options }) },
      redisUrl: workerRedisUrl(),
      hooks: { authenticate: () => Promise.resolve(anonymous) },
      ...overrides,
    },
  });
  gateways.push(gateway);
  return gateway;
}
const by = (tenant: string) => ({ headers: { 'x-tenant': tenant, 'x-other': 'c' } });

test('subgraphs are told the headers that are named, and no others', async () => {
  const gateway = await start('X-Tenant, authorization');
  const headers = { 'x-tenant': 'a', 'x-other': 'c', authorization: 'Bearer d', cookie: 'e=f' };
  expect((await gateway.query('{ tenant }', { headers })).data).toEqual({ tenant: 'a' });
  expect(asked[0]).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer d' });
  expect(asked[0]).not.toMatchObject({ 'x-other': expect.anything() as unknown });
  expect(asked[0]).not.toMatchObject({ cookie: expect.anything() as unknown });
});

test('what a plugin says goes before what a client says, however either is capitalised', async () => {
  const plugin: Plugin = { name: 'own', onFetch: () => ({ headers: { 'X-Tenant': 'own' } }) };
  const hooks = { authenticate: () => Promise.resolve(anonymous), plugins: [plugin] };
  const gateway = await start('x-tenant', { hooks });
  expect((await gateway.query('{ tenant }', by('a'))).data).toEqual({ tenant: 'own' });
});

test('a header of a plugin that cannot be sent fails its own fetch, and no later one', async () => {
  const wrong = Array.from({ length: 6 }, () => 'a\r\nb');
  const plugin: Plugin = { name: 'own', onFetch: () => ({ headers: { 'x-tenant': wrong.pop() ?? 'own' } }) };
  const gateway = await start('', { hooks: { authenticate: () => Promise.resolve(anonymous), plugins: [plugin] } });
  while (wrong.length > 0) {
    const { errors } = await gateway.query('{ tenant }');
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['INTERNAL_SERVER_ERROR']);
  }
  expect((await gateway.query('{ tenant }')).data).toEqual({ tenant: 'own' });
});

test('by itself none is forwarded, and one that is not there is none', async () => {
  const [plain, gateway] = [await start(''), await start('x-tenant')];
  expect((await plain.query('{ tenant }', by('a'))).data).toEqual({ tenant: null });
  expect((await gateway.query('{ tenant }')).data).toEqual({ tenant: null });
});

test('pages of an allowed origin may send them', async () => {
  const gateway = await start('x-tenant');
  const asking = {
    origin: 'https://app.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-tenant',
  };
  const { status, headers } = await fetch(gateway.url, { method: 'OPTIONS', headers: asking });
  expect([status, headers.get('access-control-allow-headers')]).toEqual([204, expect.stringContaining('x-tenant')]);
});

test('none of them says that a request is no page’s of another site: a proxy may add it to every request', async () => {
  const gateway = await start('x-forwarded-for');
  const headers = { 'x-forwarded-for': '192.0.2.1', 'user-agent': 'Mozilla/5.0', 'sec-fetch-site': 'cross-site' };
  const { status } = await fetch(`${gateway.url}?query={tenant}`, { headers });
  expect([status, asked]).toEqual([403, []]);
});

test('over a socket they are said in connection_init, and new credentials are told from then on', async () => {
  const gateway = await start('x-tenant,authorization');
  const speaker = await speak(gateway, 'Bearer 1', { 'X-Tenant': 'a', 'x-other': 'c', 'x-number': 1 });
  const ask = async (id: string) => {
    speaker.send({ id, type: 'subscribe', payload: { query: '{ tenant }' } });
    await until('it is answered', () => speaker.messages.some((one) => one['id'] === id && one['type'] === 'complete'));
    return asked.at(-1);
  };
  expect(await ask('1')).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer 1' });
  await speaker.refresh('Bearer 2');
  expect(await ask('2')).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer 2' });
  expect(asked.at(-1)).not.toMatchObject({ 'x-other': expect.anything() as unknown });
  speaker.socket.terminate();
});

test('what no header may hold is refused before it is anybody’s', async () => {
  const gateway = await start('x-tenant');
  const speaker = await speak(gateway, 'Bearer 1', { 'x-tenant': 'a\r\nx-admin: yes' });
  expect(await speaker.closed).toEqual([4400, 'The payload has what no header may hold']);
  expect((await gateway.query('{ tenant }', by('a'))).data).toEqual({ tenant: 'a' });
});

test('nor is it where credentials are refreshed: no subgraph is given up for what one client says', async () => {
  const gateway = await start('authorization');
  const guess = async (): Promise<void> => {
    const { send, messages, closed, socket } = await speak(gateway, 'Bearer 1');
    send({ type: 'ping', payload: { authorization: 'Bearer 2\r\nx-admin: yes' } });
    for (let id = 0; id < 50; id++) send({ id: `${id}`, type: 'subscribe', payload: { query: `{ t${id}: tenant }` } });
    const all = until('all are answered', () => messages.filter(({ type }) => type === 'complete').length === 50);
    const code = await Promise.race([
      closed.then(([code]) => code),
      all.then(
        () => null,
        () => null,
      ),
    ]);
    socket.terminate();
    expect(code).toBe(4400);
  };
  const guesses = await Promise.allSettled([guess(), guess(), guess(), guess()]);
  expect((await gateway.query('{ tenant }')).errors).toBeUndefined();
  for (const { status } of guesses) expect(status).toBe('fulfilled');
});

test('each event is read with its subscriber’s own, once for those who have the same', async () => {
  const gateway = await start('x-tenant');
  const query = 'subscription { thingChanged(id: 7) { tenant } }';
  const speakers = await Promise.all(['a', 'b', 'a'].map((tenant) => speak(gateway, '', { 'x-tenant': tenant })));
  await standing(() => {
    for (const { send } of speakers) send({ id: '1', type: 'subscribe', payload: { query } });
  }, 3);
  const redis = new Redis(workerRedisUrl());
  const before = (await gauge('gateway_live_hydrations_total')) ?? 0;
  await publishLive(redis, 'thing:7', { id: 'event_1', payload: { id: '1' } });
  const told = speakers.map(async ({ messages }) => {
    await until('it is told', () => messages.some(({ type }) => type === 'next'));
    const { payload } = messages.find(({ type }) => type === 'next') as { payload: { data: unknown } };
    return payload.data;
  });
  expect(await Promise.all(told)).toEqual(['a', 'b', 'a'].map((tenant) => ({ thingChanged: { tenant } })));
  expect(((await gauge('gateway_live_hydrations_total')) ?? 0) - before).toBe(2);
  for (const { socket } of speakers) socket.terminate();
  redis.disconnect();
});

test('private answers are kept for those who bring the same, and not for one who has just written', async () => {
  const caching = { hints: { 'Query.tenant': { maxAge: 60 } }, producers: [] };
  const gateway = await start('x-tenant', {
    hooks: { authenticate: () => Promise.resolve(anonymous), caching },
  });
  const isAsked = async (tenant: string): Promise<boolean> => {
    const before = asked.length;
    expect((await gateway.query('{ tenant }', by(tenant))).data).toEqual({ tenant });
    return asked.length > before;
  };
  const kept = (tenant: string) => until(`what ${tenant} is told is kept`, async () => !(await isAsked(tenant)));
  await kept('a');
  expect(await isAsked('b')).toBe(true);
  await kept('b');
  await gateway.query('mutation { touch }', by('a'));
  expect([await isAsked('a'), await isAsked('b')]).toEqual([true, false]);
});

test.each([
  ['Content-Length', '"content-length" is the gateway\'s own to say'],
  ['x-tenant, a b', '"a b" is no name of a header'],
])('FORWARD_HEADERS=%s is refused at the start', (FORWARD_HEADERS, message) => {
  expect(() => gatewaySettings({ FORWARD_HEADERS })).toThrow(ConfigError);
  expect(() => gatewaySettings({ FORWARD_HEADERS })).toThrow(message);
});

test('names that objects inherit are names like others', () => {
  const forwarding = createForwarding(['constructor', 'tostring']);
  expect([forwarding.of({}), forwarding.keyOf({})]).toEqual([{}, '']);
  expect(
    headersOfSocket(
      forwarding,
      {},
      JSON.parse('{"__proto__":"a","Constructor":"b"}') as object as Record<string, unknown>,
    ),
  ).toEqual({ constructor: 'b' });
});
