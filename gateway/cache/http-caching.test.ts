import { until } from 'kit/testing/until';
import { cachedReply } from './http-caching.ts';
import {
  declaration,
  emit,
  SETTLE_SECONDS,
  startCachingGateway,
  testRedis,
  type CachingGateway,
} from './cache.testing.ts';

const redis = testRedis();
let gateway: CachingGateway;
beforeAll(async () => {
  gateway = await startCachingGateway({
    ...declaration,
    hints: { ...declaration.hints, 'Query.books': { maxAge: 60, scope: 'PUBLIC' }, Book: { scope: 'PUBLIC' } },
  });
});
afterAll(() => gateway.stop());

const get = (query: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, {
    headers: { 'apollo-require-preflight': '1', ...headers },
  });
const told = ({ headers }: Response) => ['cache-control', 'age', 'etag', 'vary'].map((name) => headers.get(name));
const asUser = { authorization: 'Bearer user_a' };

test('a public answer may be kept by anybody, and says how old it is', async () => {
  await gateway.cached('{ books { title } }');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const response = await get('{ books { title } }', asUser);
  const [cacheControl, age, etag, vary] = told(response);
  expect([cacheControl, vary]).toEqual(['public, max-age=60', 'accept, accept-encoding']);
  expect(Number(age)).toBeGreaterThanOrEqual(1);
  expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
  expect(await response.json()).toEqual({ data: { books: [{ title: 'Emma' }, { title: 'Persuasion' }] } });
});

test('a private answer is asked for each time, and is each viewer’s own', async () => {
  await gateway.cached('{ me }', { as: 'user_a' });
  const [mine, anonymous] = [await get('{ me }', asUser), await get('{ me }')];
  expect(told(mine).slice(0, 1)).toEqual(['private, no-cache']);
  expect(mine.headers.get('vary')).toContain('authorization');
  expect(mine.headers.get('etag')).not.toBe(anonymous.headers.get('etag'));
});

test('who has the answer already gets 304 and nothing else; who has another one gets this one', async () => {
  await gateway.cached('{ me }', { as: 'user_a' });
  const etag = (await get('{ me }', asUser)).headers.get('etag') ?? '';
  for (const tags of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
    const response = await get('{ me }', { ...asUser, 'if-none-match': tags });
    expect([tags, response.status, await response.text()]).toEqual([tags, 304, '']);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('content-type')).toBeNull();
  }
  expect((await get('{ me }', { 'if-none-match': etag })).status).toBe(200);
});

test('so soon after an event that the gateway keeps nothing, nobody else is told to', async () => {
  const query = '{ books { id } }';
  await gateway.cached(query);
  expect(told(await get(query))[0]).toBe('public, max-age=60');
  await emit(redis, 'book.renamed', '1');
  const emittedAt = performance.now();
  await until('the event is heard', async () => (await gateway.fetchesOf(() => gateway.query(query))) > 0);
  const [cacheControl] = told(await get(query));
  // It may be over where this machine is held up.
  const isOver = performance.now() - emittedAt > SETTLE_SECONDS * 1000;
  expect(isOver ? 'no-store' : cacheControl).toBe('no-store');
  await gateway.cached(query);
  expect(told(await get(query))[0]).toBe('public, max-age=60');
});

test('errors, undeclared fields and POST are not to be kept', async () => {
  await gateway.cached('{ me }');
  for (const response of [
    await get('{ forbidden }'),
    await get('{ peopleAfter }'),
    await gateway.post('{"query": "{ me }"}'),
  ]) {
    expect(told(response).slice(0, 3)).toEqual(['no-store', null, null]);
  }
});

test('an age is never negative, and a tag depends on the body alone', () => {
  const cachingOf = (body: string) =>
    ({ scope: 'PUBLIC', maxAgeSeconds: 5, ageSeconds: 0, body, kept: { encoded: new Map() } }) as const;
  const caching = cachingOf('{}');
  expect(cachedReply(caching, undefined)).toEqual(cachedReply(caching, '"other"'));
  expect(cachedReply(caching, undefined)).toEqual(cachedReply(cachingOf('{}'), undefined));
  const [etag, other] = [caching, cachingOf('[]')].map((one) => cachedReply(one, undefined).headers['etag']);
  expect(etag).not.toBe(other);
});

test('a long cached answer is the same in every encoding, however often, and anew once it has changed', async () => {
  const long = Array.from({ length: 15 }, (_, at) => `${'long_'.repeat(20)}${at}: books { title }`).join(' ');
  const query = `{ ${long} }`;
  const ask = async (encoding: string, isPost: boolean) => {
    const headers = { 'accept-encoding': encoding, 'content-type': 'application/json' };
    const response = isPost ? await gateway.post(JSON.stringify({ query }), headers) : await get(query, headers);
    expect(response.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
    return response.text();
  };
  const answers = async () => {
    const all: string[] = [];
    for (const isPost of [true, false, true, false]) {
      for (const encoding of ['br', 'gzip', 'identity']) all.push(await ask(encoding, isPost));
    }
    expect(new Set(all).size).toBe(1);
    return all[0] ?? '';
  };
  await gateway.cached(query);
  const before = await answers();
  expect(before.match(/Emma/g)).toHaveLength(15);
  await gateway.query('mutation { renameBook(id: 1, title: "Ema") { id } }', { as: 'user_w' });
  await emit(redis, 'book.renamed', '1');
  await until('the event is heard', async () => (await ask('identity', true)) !== before);
  await gateway.cached(query);
  expect((await answers()).match(/"Ema"/g)).toHaveLength(15);
});
