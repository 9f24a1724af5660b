import { gzipSync } from 'node:zlib';
import { refusal } from './errors.ts';
import type { GatewayHooks } from './hooks.ts';
import { hooksWith, startTestGateway, type TestGateway } from './testing/gateway.ts';

const text = { 'content-type': 'text/plain' };
const routes: NonNullable<GatewayHooks['routes']> = {
  '/files/:name': {
    GET: async ({ parameters, method }) => ({ status: 200, headers: text, body: `${method} ${parameters['name']}` }),
    PUT: async ({ bytes }) => ({ status: 201, headers: text, body: Buffer.from(await bytes()).reverse() }),
    bodyLimitBytes: 30,
  },
  '/files/all': async () => ({ status: 200, headers: text, cookies: ['a=1', 'b=2'], body: 'all' }),
  '/json': { POST: async ({ json }) => ({ status: 200, headers: text, body: JSON.stringify(await json()) }) },
  '/refused': () => Promise.reject(refusal('NOT_TODAY', 'Not today.', { status: 418 })),
  '/broken': () => Promise.reject(new Error('a secret of ours')),
};

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ overrides: { hooks: { ...hooksWith(new Set()), routes } } });
});
afterAll(() => gateway.stop());

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(gateway.origin + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('a path with places answers each of its methods, HEAD as GET', async () => {
  expect((await ask('/files/a%20b')).text).toBe('GET a b');
  expect(await ask('/files/a', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  const { status, headers } = await ask('/files/a', { method: 'DELETE' });
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT']);
  for (const path of ['/files/', '/files/a/b', '/files/%E0%A4%A']) expect((await ask(path)).status).toBe(404);
});

test('a path without places goes first, and may set several cookies', async () => {
  const { text: body, headers } = await ask('/files/all');
  expect([body, headers.getSetCookie()]).toEqual(['all', ['a=1', 'b=2']]);
});

test('bodies are bytes, decompressed, no larger than the route says; so are answers', async () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  const put = async (body: Buffer, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.origin}/files/a`, { method: 'PUT', body: new Uint8Array(body), headers });
    return [response.status, Buffer.from(await response.arrayBuffer())] as const;
  };
  expect(await put(bytes)).toEqual([201, Buffer.from([10, 128, 255, 0])]);
  expect(await put(gzipSync(bytes), { 'content-encoding': 'gzip' })).toEqual([201, Buffer.from([10, 128, 255, 0])]);
  expect((await put(Buffer.alloc(31)))[0]).toBe(413);
  expect((await put(gzipSync(Buffer.alloc(31)), { 'content-encoding': 'gzip' }))[0]).toBe(413);
});

test('JSON is JSON, announced as such', async () => {
  const headers = { 'content-type': 'application/json' };
  expect((await ask('/json', { method: 'POST', headers, body: '{"a": [1]}' })).text).toBe('{"a":[1]}');
  expect((await ask('/json', { method: 'POST', headers, body: '{' })).status).toBe(400);
  expect((await ask('/json', { method: 'POST', body: '{}' })).status).toBe(415);
  expect((await ask('/json', { method: 'POST' })).status).toBe(400);
});

test('a refusal keeps its status and code, a failure is masked', async () => {
  const refused = await ask('/refused');
  expect([refused.status, refused.text]).toEqual([418, expect.stringContaining('NOT_TODAY')]);
  const broken = await ask('/broken');
  expect([broken.status, broken.text]).toEqual([500, expect.not.stringContaining('secret')]);
});
