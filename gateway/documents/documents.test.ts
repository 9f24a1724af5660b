import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import { WebSocket } from 'ws';
import type { PlanEvent, Plugin } from '../plugins.ts';
import { hooksWith, startTestGateway, type TestGateway } from '../testing/gateway.ts';
import { MANIFEST_FORMAT } from './manifest.ts';
import { sha256 } from './normal-form.ts';

const redis = new Redis(workerRedisUrl(), { lazyConnect: true });
const folder = mkdtempSync(join(tmpdir(), 'safelist-'));
const running: TestGateway[] = [];
beforeAll(async () => {
  await redis.connect();
  await redis.flushdb();
});
afterAll(async () => {
  for (const gateway of running) await gateway.stop();
  redis.disconnect();
  rmSync(folder, { recursive: true });
});

async function start(
  environment: Record<string, string> = {},
  redisUrl: string | null = workerRedisUrl(),
  plugins: readonly Plugin[] = [],
) {
  const hooks = { ...hooksWith(new Set()), plugins };
  const gateway = await startTestGateway({ environment, overrides: { redisUrl, hooks } });
  running.push(gateway);
  return gateway;
}
interface Body {
  readonly query?: string;
  readonly documentId?: string;
  readonly operationName?: string;
  readonly extensions?: unknown;
}
async function ask(gateway: TestGateway, body: Body, headers: Record<string, string> = {}) {
  const response = await gateway.post(JSON.stringify(body), headers);
  const answer = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  };
  const [error] = answer.errors ?? [];
  return { status: response.status, data: answer.data, code: error?.extensions.code, message: error?.message };
}
const by = (hash: string, version: unknown = 1) => ({ extensions: { persistedQuery: { version, sha256Hash: hash } } });
const asUser = { authorization: 'Bearer user_a' };

describe('automatic persisted queries', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start();
  });
  const ME = '{ me }';
  const notFound = { status: 200, code: 'PERSISTED_QUERY_NOT_FOUND', message: 'PersistedQueryNotFound' };

  test('a digest is unknown until its text has come with it, then it is enough, in every gateway', async () => {
    expect(await ask(gateway, by(sha256(ME)))).toMatchObject(notFound);
    expect(await ask(gateway, { query: ME, ...by(sha256(ME)) })).toMatchObject({
      status: 200,
      data: { me: 'anonymous' },
    });
    expect(await ask(gateway, by(sha256(ME)), asUser)).toMatchObject({ status: 200, data: { me: 'user_a' } });
    const other = await start();
    await until('the other gateway knows it', async () => (await ask(other, by(sha256(ME)))).data);
  });

  test('a text that is not the digest’s is refused and changes nothing', async () => {
    expect(await ask(gateway, { query: '{ peopleAfter }', ...by(sha256(ME)) })).toMatchObject({
      status: 400,
      code: 'PERSISTED_QUERY_HASH_MISMATCH',
    });
    expect((await ask(gateway, by(sha256(ME)))).data).toEqual({ me: 'anonymous' });
  });

  test.each(['{ nothing }', '{ me', '# a comment', '{ me '.repeat(3000)])(
    'what does not validate is not kept: %.12s',
    async (query) => {
      expect((await ask(gateway, { query, ...by(sha256(query)) })).status).toBe(400);
      expect(await ask(gateway, by(sha256(query)))).toMatchObject(notFound);
      expect(await redis.exists(`gateway:document:${sha256(query)}`)).toBe(0);
    },
  );

  test.each([
    ['another version', by(sha256(ME), 2)],
    ['a version as text', by(sha256(ME), '1')],
    ['no digest', { extensions: { persistedQuery: { version: 1 } } }],
    ['a digest that is too long', by('a'.repeat(300))],
    ['a list', { extensions: { persistedQuery: [] } }],
    ['text', { extensions: { persistedQuery: 'x' } }],
    ['an id that is a number', { extensions: { documentId: 1 } }],
    ['nothing at all', {}],
    ['an empty query', { query: '' }],
  ])('%s is a bad request', async (_name, body) => {
    expect(await ask(gateway, body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  test('a GET with the digest alone is answered; a mutation is not', async () => {
    const mutation = 'mutation { renameBook(id: 2, title: "Persuasion") { id } }';
    for (const query of [ME, mutation]) await ask(gateway, { query, ...by(sha256(query)) });
    const get = (hash: string, headers: Record<string, string>) =>
      fetch(`${gateway.url}?extensions=${encodeURIComponent(JSON.stringify(by(hash).extensions))}`, { headers });
    const preflight = { 'apollo-require-preflight': '1' };
    expect(await (await get(sha256(ME), preflight)).json()).toEqual({ data: { me: 'anonymous' } });
    const refused = await get(sha256(mutation), preflight);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a text in Redis that is not the digest’s is not run', async () => {
    const hash = sha256('{ books { id } }');
    await redis.set(`gateway:document:${hash}`, '{ me }');
    expect(await ask(gateway, by(hash))).toMatchObject(notFound);
  });

  test('the same over a socket', async () => {
    const client = createClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: '', ...by(sha256(ME)) })) results.push(result);
    await client.dispose();
    expect(results).toEqual([{ data: { me: 'anonymous' } }]);
  });

  test('the longest unused goes when there are too many', async () => {
    const small = await start({ APQ_MAX_DOCUMENTS: '4' });
    const texts = Array.from({ length: 8 }, (_, index) => `{ me a${index}: me }`);
    for (const query of texts) {
      // Asked again where the gateway had not reached Redis yet.
      await until('it is kept', async () => {
        await ask(small, { query, ...by(sha256(query)) });
        return redis.exists(`gateway:document:${sha256(query)}`);
      });
    }
    const kept = async () =>
      (await Promise.all(texts.map((text) => redis.exists(`gateway:document:${sha256(text)}`)))).join('');
    await until(
      'the first is gone',
      async () => (await kept()).startsWith('0') && (await redis.zcard('gateway:documents')) <= 4,
    );
    expect(await redis.exists(`gateway:document:${sha256(texts.at(-1) ?? '')}`)).toBe(1);
    expect(await redis.ttl('gateway:documents')).toBeGreaterThan(0);
  });

  test('without Redis each process remembers for itself; switched off, clients are told to send texts', async () => {
    const alone = await start({}, null);
    await ask(alone, { query: ME, ...by(sha256(ME)) });
    expect((await ask(alone, by(sha256(ME)))).data).toEqual({ me: 'anonymous' });
    const off = await start({ APQ: 'off' });
    expect((await ask(off, { query: ME, ...by(sha256(ME)) })).data).toEqual({ me: 'anonymous' });
    expect(await ask(off, by(sha256(ME)))).toMatchObject({ status: 200, message: 'PersistedQueryNotSupported' });
  });
});

describe('a safelist', () => {
  const file = join(folder, 'manifest.json');
  const listed = 'query Books {\n  books {\n    ...Shown\n  }\n}\n\nfragment Shown on Book {\n  title\n}';
  const writeList = (operations: readonly { id: string; name: string; type: string; body: string }[]) => {
    writeFileSync(`${file}.new`, JSON.stringify({ format: MANIFEST_FORMAT, version: 1, operations }));
    renameSync(`${file}.new`, file);
  };
  const BOOKS = { id: 'books-1', name: 'Books', type: 'query', body: listed };
  const books = [{ title: 'Emma' }, { title: 'Persuasion' }];
  const notListed = { status: 403, code: 'DOCUMENT_NOT_LISTED' };
  let gateway: TestGateway;
  beforeAll(async () => {
    writeList([BOOKS]);
    gateway = await start({ SAFELIST_MANIFEST: file, SAFELIST_ANONYMOUS: 'enforce', SAFELIST_USER: 'audit' });
  });

  test.each([
    ['documentId', { documentId: 'books-1' }],
    ['the digest as documentId', { documentId: `sha256:${sha256(listed)}` }],
    ['extensions.documentId', { extensions: { documentId: 'books-1' } }],
    ['the id as a persisted query', by('books-1')],
    ['the digest as a persisted query', by(sha256(listed))],
    ['the very text', { query: listed }],
    [
      'a text that differs in spaces, comments and order',
      { query: '# hi\nfragment Shown on Book { title }\nquery Books { books { ...Shown } }' },
    ],
    [
      'a text with __typename, as Apollo Client sends it',
      { query: listed.replace('title', 'title __typename').replace('}\n}\n\n', '__typename}\n}\n\n') },
    ],
    ['a text with other operations', { query: `${listed} query Other { me }`, operationName: 'Books' }],
  ])('runs what is named by %s', async (_name, body) => {
    const { status, data } = await ask(gateway, body);
    expect([status, data]).toMatchObject([200, { books }]);
  });

  test.each([
    ['another operation', { query: '{ me }' }],
    ['one more field', { query: listed.replace('title', 'title id') }],
    ['an alias', { query: listed.replace('title', 'title: id') }],
    ['the unlisted operation of a text', { query: `${listed} query Other { me }`, operationName: 'Other' }],
    ['a text without a name for its operation', { query: `${listed} query Other { me }` }],
    ['an unknown id', { documentId: 'nothing' }],
    ['an id like an object’s', { documentId: '__proto__' }],
    ['introspection', { query: '{ __schema { types { name } } }' }],
    ['what does not parse', { query: '{ me' }],
  ])('refuses %s', async (_name, body) => {
    expect(await ask(gateway, body)).toMatchObject(notListed);
  });

  test('what is listed is planned before anybody asks for it, whether or not they name its operation', async () => {
    const planned: string[] = [];
    const plugins = [{ name: 'plans', onPlan: ({ texts }: PlanEvent) => void planned.push(...texts) }];
    const body = 'query Unreadable { unreadable }';
    writeList([
      BOOKS,
      { id: 'bad-1', name: 'Unreadable', type: 'query', body },
      { ...BOOKS, id: 'me-1', name: 'Me', body: 'query Me { me }' },
    ]);
    const ready = await start({ SAFELIST_MANIFEST: file }, null, plugins);
    await until('both are planned', () => planned.length === 2);
    expect((await ask(ready, { query: listed })).data).toEqual({ books });
    expect((await ask(ready, { query: listed, operationName: 'Books' })).data).toEqual({ books });
    expect((await ask(ready, { query: 'query Me { me }', operationName: 'Me' })).status).toBe(200);
    expect(await ask(ready, { query: listed, operationName: 'Other' })).toMatchObject({
      code: 'OPERATION_RESOLUTION_FAILURE',
    });
    expect(planned).toHaveLength(2);
    writeList([BOOKS]);
  });

  test('an unlisted text is not registered under its digest', async () => {
    const query = '{ peopleAfter }';
    expect(await ask(gateway, { query, ...by(sha256(query)) })).toMatchObject(notListed);
    expect((await ask(gateway, by(sha256(query)))).code).toBe('PERSISTED_QUERY_NOT_FOUND');
    // Registered by somebody who may, it is still not listed.
    expect((await ask(gateway, { query, ...by(sha256(query)) }, asUser)).status).toBe(200);
    expect(await ask(gateway, by(sha256(query)))).toMatchObject(notListed);
  });

  test('audited clients pass', async () => {
    expect((await ask(gateway, { query: '{ me }' }, asUser)).data).toEqual({ me: 'user_a' });
    expect((await ask(gateway, { documentId: 'books-1' }, asUser)).data).toEqual({ books });
  });

  test('a changed file is read again; a wrong one is not taken', async () => {
    writeList([{ id: 'me-1', name: 'Me', type: 'query', body: 'query Me { me }' }]);
    await until('the new list holds', async () => (await ask(gateway, { query: 'query Me { me }' })).status === 200);
    expect(await ask(gateway, { query: listed })).toMatchObject(notListed);
    writeFileSync(file, '{');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await ask(gateway, { query: 'query Me { me }' })).status).toBe(200);
    writeList([BOOKS]);
    await until('it is right again', async () => (await ask(gateway, { query: listed })).status === 200);
  });

  test.each([
    ['no manifest', {}, 'is not off'],
    ['a manifest that is away', null, 'ENOENT'],
    ['another format', { format: 'x', version: 1, operations: [] }, 'apollo-persisted-query-manifest'],
    ['one id for two texts', { operations: [BOOKS, { ...BOOKS, body: 'query Books { me }' }] }, 'stands for two texts'],
    [
      'a body of two operations',
      { operations: [{ ...BOOKS, body: 'query A { me } query B { me }' }] },
      'not one operation',
    ],
    ['a wrong type', { operations: [{ ...BOOKS, type: 'mutation' }] }, 'is said to be a mutation'],
  ])('a gateway does not start with %s', async (name, content, message) => {
    const wrong = join(folder, content ? 'wrong.json' : 'nowhere.json');
    if (content) writeFileSync(wrong, JSON.stringify({ format: MANIFEST_FORMAT, version: 1, ...content }));
    const given = name === 'no manifest' ? {} : { SAFELIST_MANIFEST: wrong };
    const starting = start({ ...given, SAFELIST_USER: 'enforce' });
    await expect(starting).rejects.toThrow(/^SAFELIST_MANIFEST: must name/);
    await expect(starting).rejects.toThrow(message);
  });
});
