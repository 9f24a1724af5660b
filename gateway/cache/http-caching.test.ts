import { cachedReply } from './http-caching.ts';
import { declaration, startCachingGateway, testRedis, type CachingGateway } from './cache.testing.ts';

testRedis();
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
  const caching = { scope: 'PUBLIC', maxAgeSeconds: 5, ageSeconds: 0, body: '{}' } as const;
  expect(cachedReply(caching, undefined)).toEqual(cachedReply({ ...caching }, '"other"'));
  expect(cachedReply(caching, undefined).headers['etag']).not.toBe(
    cachedReply({ ...caching, body: '[]' }, undefined).headers['etag'],
  );
});
