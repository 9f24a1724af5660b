import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestGateway, type TestGateway } from '../testing/gateway.ts';

let gateway: TestGateway;
let own: string;
beforeAll(async () => {
  gateway = await startTestGateway({ environment: { RATE_LIMITS: 'off', ALLOWED_ORIGINS: 'https://app.example' } });
  own = gateway.origin;
});
afterAll(() => gateway.stop());

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
type Headers = Record<string, string>;

/** Sends exactly these headers: fetch would add some of its own. */
async function ask(
  method: string,
  path: string,
  headers: Headers,
  body = '',
): Promise<{ status: number; code?: string }> {
  const request = send(gateway.origin + path, { method, headers: { accept: 'application/json', ...headers } }).end(
    body,
  );
  const response = await new Promise<NodeJS.ReadableStream & { statusCode?: number }>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  );
  const answer = await text(response);
  const { errors } = (answer.startsWith('{') ? JSON.parse(answer) : {}) as {
    errors?: { extensions: { code: string } }[];
  };
  const code = errors?.[0]?.extensions.code;
  return { status: response.statusCode ?? 0, ...(code ? { code } : {}) };
}
const pathOf = (query: string): string => `/graphql?query=${encodeURIComponent(query)}`;
const get = (headers: Headers, query = '{ me }') => ask('GET', pathOf(query), headers);

describe('a GET that another site has made a browser send runs nothing', () => {
  test.each<[string, Headers]>([
    ['an image or script, over TLS', { 'sec-fetch-site': 'cross-site' }],
    ['one of a neighbouring subdomain', { 'sec-fetch-site': 'same-site' }],
    ['a link, over TLS', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' }],
    ['a page that hides where it is, over TLS', { 'sec-fetch-site': 'cross-site', referer: '' }],
    ['two answers to who asks', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['an image, without TLS', { referer: 'http://evil.example/page' }],
    ['an image of a page that hides where it is, without TLS', {}],
    ['a fetch', { origin: 'https://evil.example' }],
    ['a fetch that calls itself simple', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a Referer that is no address', { referer: 'about:blank' }],
    ['an origin that only looks like ours', { origin: 'https://app.example.evil.example' }],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['an EventSource', { accept: 'text/event-stream', origin: 'https://evil.example' }],
    ['what looks like an EventSource and says no origin', { accept: 'text/event-stream' }],
    ['an empty header', { 'apollo-require-preflight': '', 'x-apollo-operation-name': '' }],
  ])('%s', async (_name, headers) => {
    const before = gateway.graph.hops.people.length;
    const signedIn = { ...BROWSER, cookie: 'session=secret' };
    for (const one of [headers, { ...signedIn, ...headers }]) {
      expect(await get({ ...BROWSER, ...one })).toEqual({ status: 403, code: 'FORBIDDEN' });
      expect((await ask('HEAD', pathOf('{ me }'), { ...BROWSER, ...one })).status).toBe(403);
    }
    expect(gateway.graph.hops.people).toHaveLength(before);
  });

  test.each<[string, Headers]>([
    ['a cookie', { cookie: 'session=secret' }],
    ['a password a browser remembers', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['a ticket a browser has', { authorization: 'Negotiate YII' }],
  ])('nor where something on the way has hidden that it is a browser, but %s is there', async (_name, headers) => {
    expect(await get({ 'user-agent': 'A Cache', ...headers })).toEqual({ status: 403, code: 'FORBIDDEN' });
  });
});

describe('a GET sent on purpose is answered', () => {
  test.each<[string, () => Headers]>([
    ['Apollo Client', () => ({ ...BROWSER, 'x-apollo-operation-name': 'Me', origin: 'https://app.example' })],
    [
      'a header that needs permission',
      () => ({ ...BROWSER, 'apollo-require-preflight': 'true', cookie: 'session=mine' }),
    ],
    ['a page of ours, over TLS', () => ({ ...BROWSER, 'sec-fetch-site': 'same-origin', cookie: 'session=mine' })],
    ['a person at the address bar', () => ({ ...BROWSER, 'sec-fetch-site': 'none', accept: 'text/plain, */*' })],
    [
      'a page of an allowed origin',
      () => ({ ...BROWSER, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }),
    ],
    ['a page of ours, without TLS', () => ({ ...BROWSER, referer: `${own}/explorer` })],
    ['a page of ours that says its origin', () => ({ ...BROWSER, origin: own })],
    ['a program', () => ({ 'user-agent': 'curl/8.14.1' })],
    ['a program that says nothing', () => ({})],
    ['a program with a token', () => ({ authorization: 'Bearer user_1' })],
  ])('%s', async (_name, headers) => {
    expect(await get(headers())).toEqual({ status: 200 });
  });
});

test('a permission is not given to other sites, so that they cannot send what would be taken', async () => {
  const asking = {
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'apollo-require-preflight',
  };
  expect(await ask('OPTIONS', '/graphql', { origin: 'https://evil.example', ...asking })).toMatchObject({
    status: 403,
  });
  expect(await ask('OPTIONS', '/graphql', { origin: 'https://app.example', ...asking })).toEqual({ status: 204 });
});

test('a GET with a type of content that browsers have let through is refused, whatever else it says', async () => {
  for (const type of [
    'text/plain',
    'message/rfc822',
    'application/json/x',
    ';',
    'application/jsonp',
    'a b',
    '\u{a0}x',
  ]) {
    for (const further of [{}, { 'apollo-require-preflight': '1' }]) {
      const answer = await get({ 'content-type': type, ...further });
      expect(answer).toEqual({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    }
  }
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
    expect(await get({ 'content-type': type })).toEqual({ status: 200 });
  }
});

test('a type of content opens no door for a browser', async () => {
  for (const type of ['application/json', 'message/rfc822', 'a/b/c']) {
    expect(await get({ ...BROWSER, 'content-type': type })).toEqual({ status: 403, code: 'FORBIDDEN' });
  }
});

test('a mutation never runs by GET, not even one sent on purpose', async () => {
  const mutation = 'mutation { renameBook(id: 1, title: "Forged") { id } }';
  for (const headers of [{}, { 'apollo-require-preflight': '1' }, { ...BROWSER, 'sec-fetch-site': 'same-origin' }]) {
    expect(await get(headers as Headers, mutation)).toEqual({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  }
  // A stream says in itself what is wrong.
  await get({ accept: 'text/event-stream' }, mutation);
  const both = `query Harmless { me } ${mutation.replace('mutation', 'mutation Harmful')}`;
  expect((await ask('GET', `${pathOf(both)}&operationName=Harmful`, {})).status).toBe(405);
  expect((await ask('GET', `${pathOf(both)}&operationName=Harmless`, {})).status).toBe(200);
  expect((await gateway.query('{ book(id: 1) { title } }')).data).toEqual({ book: { title: 'Emma' } });
});

test('a form of another site cannot post: its types need no permission, and are not taken', async () => {
  const body = JSON.stringify({ query: 'mutation { renameBook(id: 1, title: "Forged") { id } }' });
  const types = [
    'text/plain',
    'text/plain; application/json',
    'text/plain, application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/json/text',
    '',
  ];
  for (const type of types) {
    expect(await ask('POST', '/graphql', { ...BROWSER, 'content-type': type }, body)).toEqual({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
  }
  const twin = JSON.stringify({ query: '{ book(id: 1) { title } }' });
  expect(await ask('POST', '/graphql', { ...BROWSER, 'content-type': 'application/json' }, twin)).toEqual({
    status: 200,
  });
  expect((await gateway.query('{ book(id: 1) { title } }')).data).toEqual({ book: { title: 'Emma' } });
});
