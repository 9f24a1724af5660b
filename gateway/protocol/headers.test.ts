import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';

const ENVIRONMENT = { RATE_LIMITS: 'off', ALLOWED_ORIGINS: 'https://app.example, https://admin.example' };
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ environment: ENVIRONMENT });
});
afterAll(() => gateway.stop());

const QUERY = `/graphql?query=${encodeURIComponent('{ me }')}`;
const ask = (path: string, options: RequestInit = {}) => fetch(gateway.origin + path, options);
const post = (body: string): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json' },
});

const SAFE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

test.each<[string, string, RequestInit, number]>([
  ['an answer', '/graphql', post('{"query":"{ me }"}'), 200],
  ['an answer to GET', QUERY, {}, 200],
  ['a refusal', '/graphql', post('{'), 400],
  ['an unknown path', '/nowhere', {}, 404],
  ['another method', '/graphql', { method: 'DELETE' }, 405],
  ['OPTIONS', '/graphql', { method: 'OPTIONS' }, 204],
  ['health', '/health/live', {}, 200],
  ['metrics', '/metrics', {}, 200],
  ['a product’s route', '/.well-known/thing', {}, 200],
])('%s may be read by whoever asked, and used for nothing else', async (_name, path, options, status) => {
  const response = await ask(path, options);
  expect(response.status).toBe(status);
  expect(Object.fromEntries(response.headers)).toMatchObject(SAFE);
  for (const name of ['server', 'x-powered-by', 'strict-transport-security', 'access-control-allow-credentials']) {
    expect(response.headers.get(name)).toBeNull();
  }
});

test('a stream is an answer like any other, and readable for an allowed origin', async () => {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', origin: 'https://app.example' };
  for (const body of ['{"query":"{ me }"}', '{"query":"{ mee }"}']) {
    const stream = await ask('/graphql', { method: 'POST', headers, body });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(Object.fromEntries(stream.headers)).toMatchObject({ ...SAFE, vary: 'origin' });
    expect(stream.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(stream.headers.get('x-request-id')).not.toBeNull();
    expect(await stream.text()).toContain('event: next');
  }
});

test('the explorer has a policy of its own, on its files too', async () => {
  const page = await ask('/explorer');
  const [file = ''] = /\/explorer\/files\/[\w.]+js/.exec(await page.text()) ?? [];
  for (const { headers } of [page, await ask(file)]) {
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'self'.*frame-ancestors 'none'$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('browsers are told to come by TLS alone only where the operator says so', async () => {
  const strict = await startTestGateway({ environment: { HSTS_SECONDS: '31536000' } });
  const { headers } = await fetch(`${strict.origin}/health/live`);
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  await strict.stop();
});

test('no answer tells how the gateway is made', async () => {
  const bodies = ['{', '{"query":"{ broken }"}', '{"query":"{ mee }"}', '{"query":"query ($a: Nope) { me }"}'];
  for (const body of bodies) {
    expect(await (await ask('/graphql', post(body))).text()).not.toMatch(/stack|node_modules|\.ts\b|hunter2|at \w+ \(/);
  }
});

describe('CORS', () => {
  const preflight = (origin: string, method = 'POST', headers?: string) =>
    ask('/graphql', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers ? { 'access-control-request-headers': headers } : {}),
      },
    });
  const corsOf = ({ headers }: Response) => [...headers].filter(([name]) => name.startsWith('access-control-'));

  test('an allowed origin is given permission for what clients send, and for that alone', async () => {
    const given = await preflight('https://app.example', 'POST', 'authorization,content-type');
    expect([given.status, await given.text()]).toEqual([204, '']);
    expect(given.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(given.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST');
    expect(given.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(given.headers.get('vary')).toBe('origin');
    expect((await preflight('https://admin.example', 'GET', 'Apollo-Require-Preflight, TraceParent')).status).toBe(204);
  });

  test.each([
    ['another origin', 'https://evil.example', 'POST', 'content-type'],
    ['no origin of a page', 'null', 'POST', 'content-type'],
    ['an allowed host without TLS', 'http://app.example', 'POST', 'content-type'],
    ['another method', 'https://app.example', 'DELETE', ''],
    ['a method in another case', 'https://app.example', 'post', ''],
    ['a header that no client sends', 'https://app.example', 'POST', 'content-type, x-forwarded-for'],
  ])('%s is given none', async (_name, origin, method, headers) => {
    const refused = await preflight(origin, method, headers);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ]);
    for (const name of ['methods', 'headers']) expect(refused.headers.get(`access-control-allow-${name}`)).toBeNull();
  });

  test('answers are named to the allowed origin that asked, errors too, and to nobody else', async () => {
    for (const path of [QUERY, '/nowhere']) {
      const allowed = await ask(path, { headers: { origin: 'https://admin.example' } });
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://admin.example');
      expect(allowed.headers.get('access-control-expose-headers')).toContain('ratelimit');
      for (const origin of ['https://evil.example', gateway.origin, undefined]) {
        const other = await ask(path, { headers: origin ? { origin } : {} });
        expect(corsOf(other)).toEqual([]);
        // A cache must not hand this one to the allowed origin, nor the other way round.
        expect(other.headers.get('vary')).toContain('origin');
      }
    }
  });

  test.each(['*', 'null', 'https://app.example/', 'app.example', 'https://App.example'])(
    '%s is no origin to allow, and stops the start',
    async (origin) => {
      await expect(startTestGateway({ environment: { ALLOWED_ORIGINS: origin } })).rejects.toThrow('ALLOWED_ORIGINS');
    },
  );

  test('with no origins allowed nothing depends on them', async () => {
    const alone = await startTestGateway({ environment: { RATE_LIMITS: 'off' } });
    const { headers } = await fetch(alone.origin + QUERY, { headers: { 'apollo-require-preflight': '1' } });
    expect(headers.get('vary') ?? '').not.toContain('origin');
    await alone.stop();
  });
});

describe('what is no request', () => {
  async function open(): Promise<{ socket: Socket; answer: Promise<string> }> {
    const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    await once(socket, 'connect');
    return { socket, answer: once(socket, 'close').then(() => Buffer.concat(chunks).toString()) };
  }
  async function raw(bytes: string): Promise<string> {
    const { socket, answer } = await open();
    socket.write(bytes);
    return answer;
  }
  const parts = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const { errors } = JSON.parse(body) as { errors: { extensions: { code: string } }[] };
    return { status: Number(head.split(' ')[1]), head, body, code: errors[0]?.extensions.code };
  };

  test.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'BAD_REQUEST'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n', 400, 'BAD_REQUEST'],
    ['an unknown method', 'FROB /graphql HTTP/1.1\r\nhost: a\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n',
      400,
      'BAD_REQUEST',
    ],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'BAD_REQUEST',
    ],
    ['a header broken in two', 'GET /health/live HTTP/1.1\r\nhost: a\r\nx: a\nb\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'an address of 20 kB',
      `GET /graphql?query=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'a header of 200 kB',
      `GET /graphql HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(200_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('%s is answered in JSON, and the connection ended', async (_name, bytes, status, code) => {
    const answer = parts(await raw(bytes));
    expect(answer).toMatchObject({ status, code });
    expect(answer.head).toContain('x-content-type-options: nosniff');
    expect(answer.head).toContain('content-type: application/json; charset=utf-8');
    expect(answer.head).toContain(`content-length: ${Buffer.byteLength(answer.body)}\r\n`);
    expect((await ask('/health/live')).status).toBe(200);
  });

  test('an address and headers of 15 kB are taken', async () => {
    const comment = encodeURIComponent(`{ me } #${'x'.repeat(7000)}`);
    const response = await ask(`/graphql?query=${comment}`, { headers: { 'x-large': 'x'.repeat(7000) } });
    expect(response.status).toBe(200);
  });

  test('the whole address may be named, as to a proxy', async () => {
    const answer = await raw(
      'GET http://a.example/health/live?x=1 HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  });

  test('nonsense behind a good request does not get into its answer', async () => {
    const body = '{"query":"{ slow }"}';
    const request = `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const answer = await raw(`${request}nonsense\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(parts(answer)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    gateway.graph.release();
  });

  test('connections that send slowly or nothing are ended in time, with 408; one that is quick is not', async () => {
    const silent = await open();
    const slow = await open();
    slow.socket.write('GET /health/live HTTP/1.1\r\n');
    const drip = setInterval(() => slow.socket.write(`x-${Math.random()}: 1\r\n`), 500);
    const startedAt = performance.now();
    const answers = await Promise.all([silent.answer, slow.answer]);
    clearInterval(drip);
    for (const answer of answers) expect(parts(answer)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect((await ask('/health/live')).status).toBe(200);
  });
});
