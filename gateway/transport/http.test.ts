import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { anonymous } from 'kit/viewer';
import { Pool } from 'undici';
import { BREAKER } from '../resilience.ts';
import { createConnector } from './connector.ts';
import { httpTransport, type HttpTransport, type HttpTransportOptions } from './http.ts';

const hop = { viewer: anonymous, requestId: 'request-1', client: { address: '', userAgent: '' }, after: [] };

interface Asked {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

interface Subgraph {
  readonly asked: Asked[];
  /** What it answers. */
  respond: (response: ServerResponse, body: string) => void;
  readonly server: Server;
  readonly transport: HttpTransport;
}

const open: { server: Server; transport: HttpTransport }[] = [];
afterEach(async () => {
  for (const { server, transport } of open.splice(0)) {
    await transport.close();
    server.closeAllConnections();
    server.close();
  }
});

const answerOk = (response: ServerResponse): void => void response.end('{"data":{"me":"you"}}');

async function serve(options: Partial<HttpTransportOptions> = {}): Promise<Subgraph> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({ body, headers: request.headers });
      subgraph.respond(response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = httpTransport({
    name: 'people',
    url: `http://127.0.0.1:${port}/graphql?a=b`,
    secret: null,
    timeoutSeconds: 1,
    responseLimitBytes: 500_000,
    connections: 4,
    ...options,
  });
  const subgraph: Subgraph = { asked, respond: answerOk, server, transport };
  open.push({ server, transport });
  return subgraph;
}

test('a body holds the query, its name and its variables, whatever is in them', async () => {
  const { transport, asked } = await serve();
  const query = 'query Q($a: String) { me(a: $a, b: "\\"é\u2028\n😀") }';
  const variables = { a: '"\\\u0000😀', list: [null, { b: 1.5 }] };
  await transport.send({ query, operationName: 'Q', variables }, hop);
  await transport.send({ query }, hop);
  const live = { event: { id: '1' } };
  await transport.send({ query, operationName: null, variables: {}, live }, hop);
  expect(asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { query, operationName: 'Q', variables },
    { query },
    { query, variables: {}, live },
  ]);
});

test('a long answer that comes in many pieces is put together whole, cut characters included', async () => {
  const subgraph = await serve();
  const text = 'é😀'.repeat(5000);
  subgraph.respond = (response) => {
    const bytes = Buffer.from(JSON.stringify({ data: { text } }));
    for (let at = 0; at < bytes.length; at += 777) response.write(bytes.subarray(at, at + 777));
    response.end();
  };
  expect((await subgraph.transport.send({ query: '{ text }' }, hop)).data).toEqual({ text });
});

test('an answer may end with its connection, and one that was closed while idle is not used again', async () => {
  const subgraph = await serve({ connections: 1 });
  const text = 'x'.repeat(200_000);
  subgraph.respond = (response) => void response.writeHead(200, { connection: 'close' }).end(`{"data":"${text}"}`);
  for (let n = 0; n < 3; n++) {
    expect((await subgraph.transport.send({ query: '{ text }' }, hop)).data).toBe(text);
  }
  subgraph.respond = answerOk;
  for (let n = 0; n < 3; n++) {
    expect((await subgraph.transport.send({ query: '{ me }' }, hop)).data).toEqual({ me: 'you' });
    subgraph.server.closeIdleConnections();
    await wait(20);
  }
});

test('an answer that breaks off is none', async () => {
  const subgraph = await serve();
  subgraph.respond = (response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"data":');
    setTimeout(() => response.destroy(), 20);
  };
  const sent = subgraph.transport.send({ query: 'mutation { me }' }, hop);
  await expect(sent).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
});

test('whoever takes an answer slowly still gets all of it', async () => {
  const subgraph = await serve();
  const { port } = subgraph.server.address() as AddressInfo;
  const bytes = Buffer.from('0123456789'.repeat(100_000));
  subgraph.respond = (response) => void response.end(bytes);
  const pool = new Pool(`http://127.0.0.1:${port}`, { connect: createConnector(1000), connections: 1 });
  for (let n = 0; n < 2; n++) {
    const { body } = await pool.request({ method: 'GET', path: '/' });
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      await wait(1);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  }
  await pool.close();
});

test('each asker gets their own answer, however answers are cut, and whichever of them break off', async () => {
  const subgraph = await serve({ connections: 8, timeoutSeconds: 60, breaker: { ...BREAKER, thresholdPercent: 99 } });
  subgraph.respond = (response, body) => {
    const { variables } = JSON.parse(body) as { variables: { n: number } };
    const { n } = variables;
    const bytes = Buffer.from(JSON.stringify({ data: { n, filling: `${n},`.repeat((n % 13) * 900) } }));
    const cut = 1 + ((n * 7919) % bytes.length);
    response.writeHead(200, n % 3 === 0 ? {} : { 'content-length': bytes.length });
    response.write(bytes.subarray(0, cut));
    setTimeout(() => (n % 17 === 0 ? response.destroy() : response.end(bytes.subarray(cut))), n % 5);
  };
  const ask = async (n: number): Promise<string> => {
    const sent = subgraph.transport.send({ query: 'mutation { n }', variables: { n } }, hop);
    const { data } = await sent.catch(() => ({ data: null }));
    if (!data) return 'broken off';
    const isOwn = data['n'] === n && data['filling'] === `${n},`.repeat((n % 13) * 900);
    return isOwn ? 'own' : 'of another';
  };
  const outcomes = await Promise.all(Array.from({ length: 600 }, (_, n) => ask(n)));
  expect(outcomes).toEqual(Array.from({ length: 600 }, (_, n) => (n % 17 === 0 ? 'broken off' : 'own')));
});

test('further headers are sent on, those of the message itself are not theirs', async () => {
  const { transport, asked } = await serve();
  const own = { 'Content-Length': '1', Connection: 'close', 'X-Request-Id': 'other', 'x-broadsheet-hop': 'a.b' };
  await transport.send({ query: '{ me }' }, hop, { traceparent: '00-a-b-01', ...own });
  const headers = asked[0]?.headers ?? {};
  expect(headers['traceparent']).toBe('00-a-b-01');
  expect([headers['x-request-id'], headers['connection']]).toEqual(['request-1', 'keep-alive']);
  expect(headers['x-broadsheet-hop']).toBeUndefined();
  expect(headers['accept-encoding']).toBeUndefined();
});

test('a header that could not be sent fails that request only', async () => {
  const { transport } = await serve();
  await expect(transport.send({ query: '{ me }' }, hop, { 'x-a': 'b\r\nx-c: d' })).rejects.toThrow('header');
  expect((await transport.send({ query: '{ me }' }, hop)).data).toEqual({ me: 'you' });
});

describe('the breaker', () => {
  const breaker = { thresholdPercent: 50, windowSeconds: 5, minimumPerSecond: 1, halfOpenSeconds: 1 };
  const fails = (response: ServerResponse): void => void response.writeHead(500).end();
  const ask = ({ transport }: Subgraph) =>
    transport.send({ query: '{ me }' }, hop).then(
      () => 'ok',
      () => 'failed',
    );

  test('opens after too many failures, asks nobody while open, and closes once a try has gone well', async () => {
    const subgraph = await serve({ breaker });
    subgraph.respond = fails;
    for (let n = 0; n < 5; n++) await ask(subgraph);
    expect(subgraph.asked).toHaveLength(5);
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(subgraph)))).not.toContain('ok');
    expect(subgraph.asked).toHaveLength(5);
    expect(await subgraph.transport.health()).toEqual({ status: 'down', detail: 'not asked: too many failures' });

    await wait(1100);
    let release: () => void = () => undefined;
    subgraph.respond = (response) => (release = () => answerOk(response));
    const tries = Array.from({ length: 5 }, () => ask(subgraph));
    // One of them tries; the others are refused at once instead of waiting for it.
    expect(await Promise.race([tries[4], wait(500, 'waited')])).toBe('failed');
    while (subgraph.asked.length < 6) await wait(5);
    release();
    expect(await Promise.all(tries)).toEqual(['ok', 'failed', 'failed', 'failed', 'failed']);
    subgraph.respond = answerOk;
    expect(await ask(subgraph)).toBe('ok');
    expect((await subgraph.transport.health()).status).toBe('up');
  });

  test('a try that fails opens it again', async () => {
    const subgraph = await serve({ breaker });
    subgraph.respond = fails;
    for (let n = 0; n < 5; n++) await ask(subgraph);
    await wait(1100);
    await ask(subgraph);
    subgraph.respond = answerOk;
    expect(await ask(subgraph)).toBe('failed');
    expect(subgraph.asked).toHaveLength(6);
  });

  test('answers over the limit, and errors in answers, do not open it', async () => {
    const subgraph = await serve({ breaker, responseLimitBytes: 50_000 });
    subgraph.respond = (response) => void response.end(JSON.stringify({ data: 'x'.repeat(60_000) }));
    for (let n = 0; n < 10; n++) await ask(subgraph);
    subgraph.respond = (response) => void response.writeHead(400).end('{"errors":[{"message":"no"}]}');
    for (let n = 0; n < 10; n++) expect(await ask(subgraph)).toBe('ok');
    expect(subgraph.asked).toHaveLength(20);
  });

  test.each([400, 413, 429])(
    'what it refuses with %i and nothing of GraphQL does not open it either',
    async (status) => {
      const subgraph = await serve({ breaker });
      subgraph.respond = (response) => void response.writeHead(status).end('Too much');
      for (let n = 0; n < 10; n++) expect(await ask(subgraph)).toBe('failed');
      subgraph.respond = answerOk;
      expect(await ask(subgraph)).toBe('ok');
    },
  );
});

test('an answer has its time as a whole, however often a part of it comes, and whoever waits for a connection too', async () => {
  const people = await serve({ connections: 1 });
  people.respond = (response) => {
    response.write('{"data":');
    const drip = setInterval(() => response.write(' '), 100);
    response.once('close', () => clearInterval(drip));
  };
  const startedAt = performance.now();
  const both = await Promise.allSettled([
    people.transport.send({ query: '{ me }' }, hop),
    people.transport.send({ query: '{ you: me }' }, hop),
  ]);
  for (const outcome of both) expect(outcome).toMatchObject({ reason: { code: 'EXCHANGE_TIMEOUT' } });
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  people.respond = answerOk;
  expect(await people.transport.send({ query: '{ me }' }, hop)).toEqual({ data: { me: 'you' } });
});
