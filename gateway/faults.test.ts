import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { freePort, startTestRedis } from 'kit/live.testing';
import { until } from 'kit/testing/until';
import { createTestGraph, SECRET, serveSubgraph, type Execute } from './testing/graph.ts';
import { startTestGateway } from './testing/gateway.ts';
import { connect, standing, wait } from './testing/subscriber.ts';
import { httpTransport, type HttpTransport } from './transport/http.ts';

const graph = createTestGraph();
const hop = {
  viewer: { kind: 'anonymous', userId: null, role: 'anonymous', sessionId: null },
  requestId: 'request-1',
  client: { address: '', userAgent: '' },
  after: [],
} as const;
const transportTo = (
  url: string,
  name = 'people',
  secret: string | null = SECRET,
  timeoutSeconds = 20,
): HttpTransport => httpTransport({ name, url, secret, timeoutSeconds, responseLimitBytes: 50_000, connections: 2 });
const health = async (origin: string) => {
  const response = await fetch(`${origin}/health/ready`);
  return { code: response.status, ...((await response.json()) as { status: string }) };
};

test('while one subgraph is away the rest is answered, with a stable code, a path and nothing of the inside', async () => {
  const away = transportTo(`http://127.0.0.1:${await freePort()}/graphql`);
  const partial = await startTestGateway({
    overrides: {
      transports: { library: { send: graph.subgraphs.library, close: () => Promise.resolve() }, people: away },
    },
  });
  const { data, errors, status } = await partial.query('{ book(id: 1) { title writer { id name } } who: me }');
  expect(status).toBe(200);
  expect(data).toBeNull(); // `me` may not be null
  expect(errors).toContainEqual({
    message: 'The part of the graph called "people" cannot be reached just now.',
    path: ['who'],
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'people' },
  });
  const books = await partial.query('{ books { id } book(id: 1) { title writer { name } } }');
  expect(books.data).toEqual({ books: [{ id: '1' }, { id: '2' }], book: null });
  expect(books.errors?.map(({ path, extensions }) => [path, extensions])).toEqual([
    [['book', 'writer'], { code: 'SUBGRAPH_UNAVAILABLE', service: 'people' }],
  ]);
  expect(JSON.stringify(books.errors)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|stack/);
  await partial.stop();
});

describe('a subgraph behind HTTP', () => {
  const ask = (transport: HttpTransport, query = '{ me }') => transport.send({ query }, hop);

  test('answers a signed hop for its own name only', async () => {
    const people = await serveSubgraph('people', graph.subgraphs.people);
    const asked = async (name: string, secret: string | null) => {
      const transport = transportTo(people.url, name, secret);
      return ask(transport).finally(() => void transport.close());
    };
    expect((await asked('people', SECRET)).data).toEqual({ me: 'anonymous' });
    await expect(asked('people', null)).rejects.toThrow('401');
    await expect(asked('library', SECRET)).rejects.toThrow('401');
    await expect(asked('people', 'another secret entirely')).rejects.toThrow('401');
    await people.close();
  });

  test('that drops a connection is asked once more for a query, never for a mutation', async () => {
    let asked = 0;
    const people = await serveSubgraph('people', (request, received) => {
      asked++;
      // The first one ends without an answer.
      if (asked % 2 === 1) people.server.closeAllConnections();
      return graph.subgraphs.people(request, received);
    });
    const transport = transportTo(people.url);
    expect((await ask(transport)).data).toEqual({ me: 'anonymous' });
    expect(asked).toBe(2);
    await expect(ask(transport, 'mutation { renameBook(id: 1, title: "x") { id } }')).rejects.toThrow();
    expect(asked).toBe(3);
    await transport.close();
    await people.close();
  });

  test.each<[string, Execute, string]>([
    ['hangs', () => new Promise(() => undefined), 'no whole answer'],
    ['answers without end', () => Promise.resolve({ data: { me: 'x'.repeat(60_000) } }), 'exceeded'],
    ['answers nonsense', () => Promise.resolve({ answer: 42 } as object), 'with nothing of GraphQL'],
  ])('that %s fails that request', async (_name, run, message) => {
    const people = await serveSubgraph('people', run);
    const transport = transportTo(people.url, 'people', SECRET, message === 'no whole answer' ? 1 : 20);
    await expect(ask(transport)).rejects.toThrow(message);
    await transport.close();
    await people.close();
  });
});

describe('readiness', () => {
  test('names every dependency; one that is away degrades, all of them make it 503', async () => {
    const [up, down] = [
      () => Promise.resolve({ status: 'up' } as const),
      () => Promise.reject(new Error('secret detail')),
    ];
    const all = await startTestGateway({ overrides: { health: { library: up, people: up } } });
    expect(await health(all.origin)).toMatchObject({
      code: 200,
      status: 'up',
      subgraphs: { library: { status: 'up' } },
    });
    const one = await startTestGateway({ overrides: { health: { library: up, people: down } } });
    const { code, status, ...rest } = await health(one.origin);
    expect([code, status]).toEqual([200, 'degraded']);
    expect(JSON.stringify(rest)).not.toContain('secret detail');
    const none = await startTestGateway({ overrides: { health: { library: down, people: down } } });
    expect(await health(none.origin)).toMatchObject({ code: 503, status: 'down' });
    expect((await fetch(`${none.origin}/health/live`)).status).toBe(200);
    await Promise.all([all.stop(), one.stop(), none.stop()]);
  });

  test('Redis away degrades; subgraphs over HTTP are asked', async () => {
    const redisUrl = `redis://127.0.0.1:${await freePort()}`;
    const gateway = await startTestGateway({ transports: 'http', overrides: { redisUrl } });
    expect(await health(gateway.origin)).toMatchObject({
      code: 200,
      status: 'degraded',
      redis: { status: 'down' },
      subgraphs: { library: { status: 'up' }, people: { status: 'up' } },
    });
    expect((await gateway.query('{ me }')).status).toBe(200);
    await gateway.stop();
  });
});

test('a subgraph that restarts in the middle of a subscription costs no event', async () => {
  const redisServer = await startTestRedis();
  const redis = new Redis(redisServer.url);
  let isAway = false;
  const library = {
    send: (...asked: Parameters<Execute>) =>
      isAway ? Promise.reject(new Error('ECONNREFUSED')) : graph.subgraphs.library(...asked),
    close: () => Promise.resolve(),
  };
  const people = { send: graph.subgraphs.people, close: () => Promise.resolve() };
  const gateway = await startTestGateway({ overrides: { redisUrl: redisServer.url, transports: { library, people } } });
  const client = connect(gateway);
  const subscriber = await standing(() => client.subscribe('subscription { bookChanged(id: 1) { id } }'));
  isAway = true;
  for (const id of ['away_1', 'away_2']) await publishLive(redis, 'book:1', { id, payload: { id: '1' } });
  await wait(400);
  expect(subscriber.received).toEqual([]);
  isAway = false;
  await subscriber.nth(2);
  expect(subscriber.received.map(({ errors }) => errors)).toEqual([undefined, undefined]);
  client.dispose();
  await gateway.stop();
  redis.disconnect();
  await redisServer.stop();
});

describe('a stop', () => {
  test('finishes what runs, closes sockets with a reason and then answers nobody', async () => {
    const redisServer = await startTestRedis();
    const gateway = await startTestGateway({ transports: 'http', overrides: { redisUrl: redisServer.url } });
    const client = connect(gateway);
    await standing(() => client.subscribe('subscription { bookChanged(id: 1) { id } }'));
    const running = gateway.query('{ slow }');
    await until('it runs', () => gateway.graph.hops.library.length > 1);
    const stopped = gateway.stop();
    await wait(300);
    gateway.graph.release();
    expect((await running).data).toEqual({ slow: 'done' });
    expect(await client.closed).toMatchObject({ code: 1001, reason: expect.stringContaining('Going away') as string });
    await stopped;
    await expect(gateway.query('{ me }')).rejects.toThrow();
    await redisServer.stop();
  });

  test('does not wait for ever for what never ends', async () => {
    let asked = 0;
    const send = (): Promise<never> => (asked++, new Promise(() => undefined));
    const never = { send, close: () => Promise.resolve() };
    const gateway = await startTestGateway({
      environment: { STOP_GRACE_SECONDS: '1' },
      overrides: { transports: { library: never, people: never } },
    });
    const running = gateway.query('{ me }').catch(() => 'cut off');
    await until('it runs', () => asked > 0);
    const startedAt = performance.now();
    await gateway.stop();
    // Without the setting it would be eight seconds.
    expect(performance.now() - startedAt).toBeLessThan(7000);
    expect(await running).toBe('cut off');
  });
});

describe('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const supergraph = file('supergraph.graphql', graph.supergraphSdl);
  const run = (parameters: readonly string[], environment: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'index.ts'), ...parameters], {
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', LOG_LEVEL: 'silent', ...environment },
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (output.stdout += String(text)));
    child.stderr.on('data', (text) => (output.stderr += String(text)));
    const exited = once(child, 'exit').then(([code]) => code as number);
    return { child, output, exited };
  };

  test('serves a supergraph over its subgraphs’ addresses with a product’s hooks, and ends with 0 on SIGTERM', async () => {
    const [library, people] = [
      await serveSubgraph('library', graph.subgraphs.library),
      await serveSubgraph('people', graph.subgraphs.people),
    ];
    const config = file(
      'config.mjs',
      `export const createHooks = ({ send, environment }) => ({
        authenticate: async () => ({ kind: 'user', userId: environment.EVERYBODY, role: 'user', sessionId: null }),
        routes: { '/who': async () => ({ status: 200, headers: {}, body: JSON.stringify(await send('people', { query: '{ me }' })) }) },
      });`,
    );
    const { child, output, exited } = run(['--supergraph', supergraph, '--port', '0', '--config', config], {
      HOP_SECRET: SECRET,
      SUBGRAPH_LIBRARY_URL: library.url,
      SUBGRAPH_PEOPLE_URL: people.url,
      EVERYBODY: 'user_every',
    });
    await until('it is ready', () => output.stdout.includes('ready'));
    const url = output.stdout.trim().replace('ready ', '');
    const body = JSON.stringify({ query: '{ me book(id: 1) { writer { name } } }' });
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(await answer.json()).toEqual({ data: { me: 'user_every', book: { writer: { name: 'Jane' } } } });
    expect(await (await fetch(new URL('/who', url))).json()).toMatchObject({ data: { me: 'anonymous' } });
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    await Promise.all([library.close(), people.close()]);
  });

  test.each([
    ['without a supergraph', [], {}, 'usage: gateway'],
    ['with a file that is none', ['--supergraph', join(folder, 'nowhere.graphql')], {}, 'ENOENT'],
    ['with a setting that cannot be used', ['--supergraph', supergraph], { MAX_DEPTH: 'deep' }, 'MAX_DEPTH'],
  ])('%s says what is wrong and ends with 1', async (_name, parameters, environment, message) => {
    const { output, exited } = run(parameters, environment);
    expect(await exited).toBe(1);
    expect(output.stderr).toContain(message);
  });

  test('a gateway that has stopped leaves nothing behind that keeps its process alive', async () => {
    const redisServer = await startTestRedis();
    const script = file(
      'leak.ts',
      `import { startTestGateway } from '${join(import.meta.dirname, 'testing/gateway.ts')}';
       import { connect } from '${join(import.meta.dirname, 'testing/subscriber.ts')}';
       const gateway = await startTestGateway({ transports: 'http', overrides: { redisUrl: '${redisServer.url}' } });
       await gateway.query('{ me book(id: 1) { writer { name } } }');
       connect(gateway).subscribe('subscription { bookChanged(id: 1) { id } }');
       await new Promise((resolve) => setTimeout(resolve, 300));
       await gateway.stop();
       console.log('stopped');`,
    );
    const millisecondsToEnd = async (): Promise<number> => {
      const child = spawn(process.execPath, [script], { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
      const exited = once(child, 'exit');
      await once(child.stdout, 'data');
      const startedAt = performance.now();
      expect((await exited)[0]).toBe(0);
      return performance.now() - startedAt;
    };
    // Nothing is waited for, so the quickest of three tries tells.
    let quickest = Infinity;
    for (let tries = 0; tries < 3 && quickest >= 2000; tries++)
      quickest = Math.min(quickest, await millisecondsToEnd());
    expect(quickest).toBeLessThan(2000);
    await redisServer.stop();
  });
});
