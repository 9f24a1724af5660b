import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { CodedError } from 'kit/errors';
import { publishLive } from 'kit/live';
import { startTestRedis } from 'kit/live.testing';
import { anonymous } from 'kit/viewer';
import type { Plugin } from './plugins.ts';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { connect, standing, wait } from './testing/subscriber.ts';
import { httpTransport } from './transport/http.ts';

const running: TestGateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.stop()));
});

async function withPlugins(plugins: readonly Plugin[], overrides = {}): Promise<TestGateway> {
  const hooks = { authenticate: () => Promise.resolve(anonymous), plugins };
  const gateway = await startTestGateway({ overrides: { hooks, ...overrides } });
  running.push(gateway);
  return gateway;
}

const refuses = (): never => {
  throw new CodedError('FORBIDDEN', 'Not today.');
};
const breaks = (): never => {
  throw new Error('secret detail');
};
const codes = ({ errors }: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  errors?.map(({ extensions }) => extensions['code']);

test('plugins are called in their order, each after the one before has finished', async () => {
  const calls: string[] = [];
  const noting = (name: string): Plugin => ({
    name,
    onRequest: async () => {
      await wait(5);
      calls.push(`${name} request`);
    },
    onPlan: ({ plans }) => void calls.push(`${name} plan ${plans.length}`),
    onFetch: ({ subgraph }) => void calls.push(`${name} fetch ${subgraph}`),
    onResponse: ({ answer }) => void calls.push(`${name} response ${JSON.stringify(answer.data)}`),
  });
  const gateway = await withPlugins([noting('a'), noting('b')]);
  await gateway.query('{ me }');
  expect(calls).toEqual([
    ...['a request', 'b request', 'a plan 1', 'b plan 1', 'a fetch people', 'b fetch people'],
    ...['a response {"me":"anonymous"}', 'b response {"me":"anonymous"}'],
  ]);
  calls.length = 0;
  await gateway.query('{ me }');
  expect(calls).not.toContain('a plan 1');
});

describe('onRequest', () => {
  test('may ask something else', async () => {
    const gateway = await withPlugins([{ name: 'rename', onRequest: () => ({ query: '{ you: me }' }) }]);
    expect((await gateway.query('{ me }')).data).toEqual({ you: 'anonymous' });
  });

  test('may refuse with a code; anything else it throws is masked', async () => {
    const refusing = await withPlugins([{ name: 'no', onRequest: refuses }]);
    expect(codes(await refusing.query('{ me }'))).toEqual(['FORBIDDEN']);
    const breaking = await withPlugins([{ name: 'broken', onRequest: breaks }]);
    const answer = await breaking.query('{ me }');
    expect(codes(answer)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(answer)).not.toContain('secret detail');
  });
});

test('onPlan may refuse a plan', async () => {
  const limit: Plugin = {
    name: 'no joins',
    onPlan: ({ plans }) => (JSON.stringify(plans).includes('"requires"') ? refuses() : undefined),
  };
  const gateway = await withPlugins([limit]);
  expect(codes(await gateway.query('{ books { writer { name } } }'))).toEqual(['FORBIDDEN']);
  expect((await gateway.query('{ books { id } }')).errors).toBeUndefined();
});

describe('onFetch', () => {
  test('adds headers to a request over HTTP, from what the client sent', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers);
      request.resume().on('end', () => response.end('{"data":{"me":"you"}}'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const people = httpTransport({
      ...{ name: 'people', url, secret: null, timeoutSeconds: 1, responseLimitBytes: 10_000, connections: 1 },
    });
    const tenant: Plugin = {
      name: 'tenant',
      onRequest: ({ context }) => void context.values.set('tenant', context.headers['x-tenant']),
      onFetch: ({ context }) => ({ headers: { 'x-tenant': String(context.values.get('tenant')) } }),
    };
    const gateway = await withPlugins([tenant], { transports: { library: people, people } });
    expect((await gateway.query('{ me }', { headers: { 'x-tenant': 'blue' } })).data).toEqual({ me: 'you' });
    expect(asked.map((headers) => headers['x-tenant'])).toEqual(['blue']);
    server.closeAllConnections();
    server.close();
  });

  test('that throws fails that fetch alone', async () => {
    const only = (name: string, fail: () => never): Plugin => ({
      name,
      onFetch: ({ subgraph }) => (subgraph === 'people' ? fail() : undefined),
    });
    const refusing = await withPlugins([only('no people', refuses)]);
    const answer = await refusing.query('{ books { id } book(id: 1) { writer { name } } }');
    expect(answer.data).toEqual({ books: [{ id: '1' }, { id: '2' }], book: null });
    expect(answer.errors).toMatchObject([
      { path: ['book', 'writer'], extensions: { code: 'FORBIDDEN', service: 'people' } },
    ]);
    const breaking = await withPlugins([only('broken', breaks)]);
    expect(codes(await breaking.query('{ books { id } book(id: 1) { writer { name } } }'))).toEqual([
      'INTERNAL_SERVER_ERROR',
    ]);
  });
});

describe('onResponse', () => {
  test('adds extensions and headers', async () => {
    const gateway = await withPlugins([
      { name: 'a', onResponse: () => ({ extensions: { a: 1 }, headers: { 'x-a': 'one' } }) },
      { name: 'b', onResponse: ({ answer }) => ({ extensions: { b: answer.extensions?.['a'] } }) },
    ]);
    const { extensions, headers, data } = await gateway.query('{ me }');
    expect([data, extensions, headers.get('x-a')]).toEqual([{ me: 'anonymous' }, { a: 1, b: 1 }, 'one']);
  });

  test('that throws lets nothing of the answer out', async () => {
    const gateway = await withPlugins([{ name: 'broken', onResponse: breaks }]);
    const answer = await gateway.query('{ me }');
    expect([answer.data, codes(answer)]).toEqual([null, ['INTERNAL_SERVER_ERROR']]);
  });
});

test('onEvent sees every event before it is sent; what it throws stands in the event’s place', async () => {
  const redisServer = await startTestRedis();
  const redis = new Redis(redisServer.url);
  const seen: unknown[] = [];
  const watch: Plugin = {
    name: 'watch',
    onEvent: ({ answer, operation }) => {
      seen.push([operation.node.operation, answer.data]);
      if (seen.length === 2) refuses();
    },
  };
  const gateway = await withPlugins([watch], { redisUrl: redisServer.url });
  const client = connect(gateway);
  const subscriber = await standing(() => client.subscribe('subscription { bookChanged(id: 1) { id } }'));
  for (const id of ['one', 'two']) await publishLive(redis, 'book:1', { id, payload: { id: '1' } });
  await subscriber.nth(2);
  expect(subscriber.received.map(({ data }) => data)).toEqual([{ bookChanged: { id: '1' } }, null]);
  expect(subscriber.received[1]?.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  expect(seen).toEqual(Array.from({ length: 2 }, () => ['subscription', { bookChanged: { id: '1' } }]));
  client.dispose();
  redis.disconnect();
  await redisServer.stop();
});

test('a header of onResponse that cannot be sent is a failure, masked, and the next request is answered', async () => {
  const gateway = await withPlugins([
    { name: 'tells', onResponse: ({ operation }) => ({ headers: { 'x-operation': operation.text } }) },
  ]);
  const broken = await gateway.query('{\n me }');
  expect([broken.status, broken.data, codes(broken)]).toEqual([200, null, ['INTERNAL_SERVER_ERROR']]);
  expect(broken.headers.get('x-operation')).toBeNull();
  expect((await gateway.query('{ me }')).headers.get('x-operation')).toBe('{ me }');
});
