import { request as rawRequest } from 'node:http';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { connect } from './testing/subscriber.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const codeOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, errors[0]?.extensions.code];
};
const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.origin + path, { headers });
const getQuery = (query: string, headers: Record<string, string> = { 'x-apollo-operation-name': 'test' }) =>
  get(`/graphql?query=${encodeURIComponent(query)}`, headers);

test.each([
  ['malformed JSON', '{"query": "{ me }"'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['no object', '"{ me }"'],
  ['null', 'null'],
  ['an empty body', ''],
  ['an empty object', '{}'],
  ['a query that is no string', '{"query": 1}'],
  ['variables that are text', '{"query": "{ me }", "variables": "{}"}'],
  ['variables that are a list', '{"query": "{ me }", "variables": []}'],
  ['a batch', '[{"query": "{ me }"}, {"query": "{ me }"}]'],
])('%s is a JSON error with status 400', async (_name, body) => {
  const response = await gateway.post(body);
  expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  expect(await codeOf(response)).toEqual([400, 'BAD_REQUEST']);
});

test('a syntax error and an unknown field are told apart, without a stack', async () => {
  const syntax = await gateway.query('{ me');
  expect([syntax.status, syntax.errors?.[0]?.extensions]).toEqual([400, { code: 'GRAPHQL_PARSE_FAILED' }]);
  const unknown = await gateway.query('{ mee }');
  expect([unknown.status, unknown.errors?.[0]?.extensions]).toEqual([400, { code: 'GRAPHQL_VALIDATION_FAILED' }]);
});

test('a variable of the wrong type is the asker’s error', async () => {
  const { status, errors } = await gateway.query('query ($id: ID!) { book(id: $id) { id } }', {
    variables: { id: {} },
  });
  expect([status, errors?.[0]?.extensions]).toEqual([400, { code: 'BAD_USER_INPUT' }]);
});

test('a body over the limit is refused with 413, declared or not, and one just under it is taken', async () => {
  const limit = 262_144;
  expect(await codeOf(await gateway.post(`{"query": "${'#'.repeat(limit)}"}`))).toEqual([413, 'BODY_TOO_LARGE']);
  const start = '{"query": "{ me }", "variables": {"unused": "';
  const largest = `${start}${'x'.repeat(limit - start.length - 3)}"}}`;
  expect(Buffer.byteLength(largest)).toBe(limit);
  expect((await gateway.post(largest)).status).toBe(200);
  expect(await chunked('x'.repeat(limit + 1))).toBe(413);
});

/** Sends a body without declaring its length. */
function chunked(body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const request = rawRequest(gateway.url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.end(body);
  });
}

test.each([
  [{ 'content-type': 'application/json; charset=utf-7' }, 'UNSUPPORTED_CHARSET'],
  [{ 'content-type': 'application/json; charset=utf-16le' }, 'UNSUPPORTED_CHARSET'],
  [{ 'content-encoding': 'zstd' }, 'UNSUPPORTED_ENCODING'],
])('content announced as %j is refused with 415', async (headers, code) => {
  expect(await codeOf(await gateway.post('{"query": "{ me }"}', headers as Record<string, string>))).toEqual([
    415,
    code,
  ]);
});

test('UTF-8 may be announced', async () => {
  const headers = { 'content-type': 'application/json; charset="UTF-8"' };
  expect((await gateway.post('{"query": "{ me }"}', headers)).status).toBe(200);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
  'a form of another site cannot post %s',
  async (type) => {
    expect(await codeOf(await gateway.post('{"query": "{ me }"}', { 'content-type': type }))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
  },
);

test('GET answers queries, refuses mutations with 405; other methods are none of this path', async () => {
  const answer = await getQuery('{ me }');
  expect([answer.status, await answer.json()]).toEqual([200, { data: { me: 'anonymous' } }]);
  const mutation = await getQuery('mutation { renameBook(id: 1, title: "x") { id } }');
  expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST']);
  expect(
    (await fetch(gateway.url, { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } })).status,
  ).toBe(405);
});

test('a subscription over HTTP is told which door to take', async () => {
  const { status, errors } = await gateway.query('subscription { bookChanged(id: 1) { id } }');
  expect([status, errors?.[0]?.extensions['code']]).toEqual([400, 'BAD_REQUEST']);
  expect(errors?.[0]?.message).toContain('WebSocket');
});

test('a sane request id is taken over, any other replaced', async () => {
  const idFor = async (id: string) =>
    (await gateway.query('{ me }', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  expect(await idFor('sane_request-1')).toBe('sane_request-1');
  const uuid = /^[\da-f]{8}-[\da-f-]{27}$/;
  for (const id of ['short', 'has spaces in it', 'x'.repeat(65), 'quote"quote"']) expect(await idFor(id)).toMatch(uuid);
  await gateway.query('{ me }', { headers: { 'x-request-id': 'reaches_people' } });
  expect(gateway.graph.hops.people.at(-1)?.requestId).toBe('reaches_people');
});

test('answers are neither stored nor sniffed, and name no server', async () => {
  const { headers } = await gateway.query('{ me }');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('server')).toBeNull();
});

test('a product’s route answers; unknown paths are 404, other methods 405', async () => {
  const answer = await get('/.well-known/thing', { 'x-request-id': 'request-0002' });
  expect(await answer.json()).toEqual({ requestId: 'request-0002' });
  expect(await codeOf(await get('/nowhere'))).toEqual([404, 'NOT_FOUND']);
  expect((await fetch(`${gateway.origin}/health/live`, { method: 'POST' })).status).toBe(405);
});

describe('where a request comes from', () => {
  const addressSeen = async (running: TestGateway, forwarded?: string) => {
    const headers: Record<string, string> = forwarded ? { 'x-forwarded-for': forwarded } : {};
    return (await running.query('{ address }', { headers })).data?.['address'];
  };

  test('X-Forwarded-For of anybody is not believed', async () => {
    expect(await addressSeen(gateway, '203.0.113.9')).toBe('127.0.0.1');
  });

  test('a trusted proxy’s last hop is, and nothing before it', async () => {
    const proxied = await startTestGateway({ environment: { TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1' } });
    expect(await addressSeen(proxied, '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9');
    expect(await addressSeen(proxied, 'not an address')).toBe('127.0.0.1');
    expect(await addressSeen(proxied)).toBe('127.0.0.1');
    await proxied.stop();
  });

  test('a range that is none stops the start', async () => {
    await expect(startTestGateway({ environment: { TRUSTED_PROXIES: 'localhost' } })).rejects.toThrow(
      'TRUSTED_PROXIES',
    );
  });
});

test('only allowed origins may read answers', async () => {
  const shared = await startTestGateway({ environment: { ALLOWED_ORIGINS: 'https://app.example' } });
  const allowedFor = async (origin: string, method = 'OPTIONS') => {
    const response = await fetch(shared.url, { method, headers: { origin } });
    return response.headers.get('access-control-allow-origin');
  };
  expect(await allowedFor('https://app.example')).toBe('https://app.example');
  expect(await allowedFor('https://evil.example')).toBeNull();
  await shared.stop();
});

test('production hides the schema, suggestions, the explorer and metrics', async () => {
  const environment = { NODE_ENV: 'production', METRICS_TOKEN: 'a token of operators' };
  const production = await startTestGateway({ environment });
  expect((await production.query('{ __schema { types { name } } }')).status).toBe(400);
  const client = connect(production);
  expect(await client.subscribe('{ __schema { types { name } } }').refused).toHaveLength(2);
  client.dispose();
  expect((await production.query('{ mee }')).errors?.[0]?.message).not.toContain('Did you mean');
  const page = await fetch(production.url, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(406);
  expect((await fetch(`${production.origin}/explorer`)).status).toBe(404);
  expect((await fetch(`${production.origin}/metrics`)).status).toBe(404);
  const metrics = await fetch(`${production.origin}/metrics`, {
    headers: { authorization: 'Bearer a token of operators' },
  });
  expect(await metrics.text()).toContain('gateway_requests_total');
  await production.stop();
});

test('the explorer is served from here, every file of it', async () => {
  const page = await fetch(gateway.url, { headers: { accept: 'text/html,*/*' } });
  const html = await page.text();
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(html).not.toMatch(/https?:\/\//);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const files = [...new Set(html.match(/\/explorer\/files\/[\w.]+/g))];
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect((await get(file)).status).toBe(200);
  expect((await get('/explorer')).status).toBe(200);
  expect((await get('/explorer/files/../../package.json')).status).toBe(404);
  expect((await get('/explorer/files/nothing.js')).status).toBe(404);
});

/** What a request of Node's own client is answered, whose connection header `fetch` would not let through. */
function raw(path: string, method: string, headers: Record<string, string>, body = '') {
  return new Promise<{ status: number | undefined; connection: string | undefined; text: string }>(
    (resolve, reject) => {
      const request = rawRequest(gateway.origin + path, { method, headers, agent: false }, (response) => {
        const { statusCode: status, headers: answered } = response;
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve({ status, connection: answered.connection, text }));
      });
      request.on('error', reject);
      request.end(body);
    },
  );
}

test('a client that offers HTTP/2, as Java’s does, is answered by HTTP/1.1', async () => {
  const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQBAAAAAAIAAAAA' };
  const body = '{"query":"{ me }"}';
  const headers = { ...offer, 'content-type': 'application/json', 'content-length': String(body.length) };
  const { status, text } = await raw('/graphql', 'POST', headers, body);
  expect([status, text]).toEqual([200, '{"data":{"me":"anonymous"}}']);
  expect((await raw('/health/live', 'GET', offer)).status).toBe(200);
});

test('a connection outlives what is answered at once, unless a body is left unread', async () => {
  const connectionAfter = async (path: string, method: string, headers: Record<string, string> = {}, body = '') =>
    (await raw(path, method, { connection: 'keep-alive', ...headers }, body)).connection;
  for (const [path, method] of [
    ['/health/live', 'GET'],
    ['/nowhere', 'GET'],
    ['/graphql', 'OPTIONS'],
  ] as const) {
    expect([path, await connectionAfter(path, method)]).toEqual([path, 'keep-alive']);
  }
  const long = 'x'.repeat(300_000);
  expect(await connectionAfter('/nowhere', 'POST', { 'content-length': String(long.length) }, long)).toBe('close');
});
