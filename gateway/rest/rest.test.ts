import { request as rawRequest } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { PROBLEM_TYPE } from './problem.ts';
import { api, startThings, type Things } from './testing/things.ts';

let things: Things;
beforeAll(async () => {
  things = await startThings();
});
afterAll(() => things.stop());

interface Asking {
  readonly body?: unknown;
  readonly as?: string;
  readonly headers?: Record<string, string>;
}

async function ask(method: string, path: string, { body, as, headers = {} }: Asking = {}, at = things) {
  const response = await fetch(at.origin + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(as ? { authorization: `Bearer ${as}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = (text === '' ? null : JSON.parse(text)) as Record<string, unknown> | null;
  return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, answer };
}

const problem = (status: number, code: string) => ({
  status,
  type: PROBLEM_TYPE,
  answer: expect.objectContaining({ type: 'about:blank', status, code }) as unknown,
});

test('a path stands for an operation, its places for variables, percent-encoding undone', async () => {
  const { status, type, answer } = await ask('GET', '/v1/things/a%2Fb%20c');
  expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
  expect(answer).toMatchObject({ id: 'a/b c', name: 'ball', holder: { __typename: 'Shelf', height: 2.5 } });
});

test('what a viewer may not see is null, and nothing to fail for', async () => {
  expect((await ask('GET', '/v1/things/1')).answer).toMatchObject({ secret: null });
});

test('a failure in part is a failure, masked', async () => {
  const { answer, ...rest } = await ask('GET', '/v1/things/1/broken');
  expect({ answer, ...rest }).toMatchObject(problem(500, 'INTERNAL_SERVER_ERROR'));
  expect(JSON.stringify(answer)).not.toContain('"broken"');
});

test('a query string becomes variables of their types; what is none is refused', async () => {
  const [thing] = (await ask('GET', '/v1/things?first=2&colours=RED&colours=GREEN&isNew=true')).answer as never as [
    { id: string },
  ];
  expect(JSON.parse(thing.id)).toEqual({ first: 2, colours: ['RED', 'GREEN'], isNew: true });
  expect(await ask('GET', '/v1/things?first=many')).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  expect(await ask('GET', '/v1/things?frist=2')).toMatchObject(problem(400, 'BAD_REQUEST'));
});

test('what is not there is 404 in one form, whether a thing, a path or an id', async () => {
  for (const path of ['/v1/things/none', '/v1/nowhere', '/v1/things/', '/v1/things/%E0%A4%A', '/v1/things/bad']) {
    const { status, answer } = await ask('GET', path);
    expect([path, status]).toEqual([path, 404]);
    expect(answer).toMatchObject({ title: 'Not Found', requestId: expect.any(String) as string });
  }
});

test('a payload is answered without its userErrors, or one part of it', async () => {
  const made = await ask('POST', '/v1/things', { body: { name: 'cube' } });
  expect(made).toMatchObject({ status: 201, answer: { id: 'new', name: 'cube' } });
  expect(made.answer).not.toHaveProperty('userErrors');
  const forgotten = await ask('DELETE', '/v1/things/all');
  expect([forgotten.status, forgotten.answer]).toEqual([204, null]);
});

test('userErrors are a problem with the code of the first and where in the body each is', async () => {
  const { answer, ...rest } = await ask('POST', '/v1/things', { body: { name: 'taken' } });
  expect({ answer, ...rest }).toMatchObject(problem(409, 'CONFLICT'));
  expect(answer?.['errors']).toEqual([{ pointer: '/name', detail: 'it is CONFLICT', code: 'CONFLICT' }]);
  expect(await ask('POST', '/v1/things', { body: { name: 'odd' } })).toMatchObject(problem(418, 'SOMETHING_NEW'));
});

test('how long to wait is said in Retry-After, whether an error or a userError says so, by REST and by GraphQL', async () => {
  const soon = await ask('POST', '/v1/things', { body: { name: 'soon' } });
  expect([soon.status, soon.headers.get('retry-after')]).toEqual([429, '7']);
  const limited = await ask('POST', '/v1/things', { body: { name: 'limited' } });
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
  const made = await ask('POST', '/v1/things', { body: { name: 'cube' } });
  expect(made.headers.get('retry-after')).toBeNull();
  for (const [name, seconds] of [
    ['soon', '7'],
    ['limited', '3'],
    ['cube', null],
  ] as const) {
    const query = `mutation { makeThing(input: { name: "${name}" }) { userErrors { retryAfterSeconds } } }`;
    const { headers } = await ask('POST', '/graphql', { body: { query } });
    expect([name, headers.get('retry-after')]).toEqual([name, seconds]);
  }
});

test('a body with what is not in its type is refused: nothing can be slipped in', async () => {
  const refused = await ask('POST', '/v1/things', { body: { name: 'cube', role: 'admin' } });
  expect(refused).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  expect(await ask('POST', '/v1/things', { body: {} })).toMatchObject(problem(400, 'BAD_USER_INPUT'));
});

test('a body that is none has the status and code that GraphQL has for it', async () => {
  expect(await ask('POST', '/v1/things', { body: '{' })).toMatchObject(problem(400, 'BAD_REQUEST'));
  expect(await ask('POST', '/v1/things', { body: '[]' })).toMatchObject(problem(400, 'BAD_REQUEST'));
  expect(await ask('POST', '/v1/things', { body: 'null' })).toMatchObject(problem(400, 'BAD_REQUEST'));
  expect(await ask('POST', '/v1/things')).toMatchObject(problem(400, 'BAD_REQUEST'));
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await ask('POST', '/v1/things', { body: 'name=x', headers: form })).toMatchObject(
    problem(415, 'UNSUPPORTED_MEDIA_TYPE'),
  );
  const large = JSON.stringify({ name: 'x'.repeat(300_000) });
  expect(await ask('POST', '/v1/things', { body: large })).toMatchObject(problem(413, 'BODY_TOO_LARGE'));
});

test('credentials that do not hold are 401 with the scheme to use', async () => {
  const { headers, ...rest } = await ask('GET', '/v1/things/1', { as: 'nobody' });
  expect(rest).toMatchObject(problem(401, 'UNAUTHENTICATED'));
  expect(headers.get('www-authenticate')).toBe('Bearer');
});

test('a path that names somebody is theirs alone', async () => {
  const body = { name: 'cube' };
  expect(await ask('PUT', '/v1/people/user_1', { body })).toMatchObject(problem(401, 'UNAUTHENTICATED'));
  expect(await ask('PUT', '/v1/people/user_1', { body, as: 'user_2' })).toMatchObject(problem(403, 'FORBIDDEN'));
  expect(await ask('PUT', '/v1/people/user_1', { body, as: 'user_1' })).toMatchObject({ status: 200 });
});

test('other methods are told which there are', async () => {
  const { headers, ...rest } = await ask('DELETE', '/v1/things');
  expect(rest).toMatchObject(problem(405, 'METHOD_NOT_ALLOWED'));
  expect(headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  const head = await fetch(`${things.origin}/v1/things/1`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a failure that is ours is masked, with the id that the log has', async () => {
  const { answer, headers, ...rest } = await ask('POST', '/v1/things', { body: { name: 'crash' } });
  expect({ answer, ...rest }).toMatchObject(problem(500, 'INTERNAL_SERVER_ERROR'));
  expect(JSON.stringify(answer)).not.toContain('a secret of ours');
  expect(answer?.['requestId']).toBe(headers.get('x-request-id'));
});

test('a GET that any site may have caused is refused', async () => {
  const foreign = { 'user-agent': 'Mozilla/5.0', origin: 'https://evil.example' };
  expect(await ask('GET', '/v1/things/1', { headers: foreign })).toMatchObject(problem(403, 'FORBIDDEN'));
  const own = { 'user-agent': 'Mozilla/5.0', 'sec-fetch-site': 'same-origin' };
  expect(await ask('GET', '/v1/things/1', { headers: own })).toMatchObject({ status: 200 });
});

test('a page of an allowed origin may send every method of the table', async () => {
  const allowed = await startThings({ rest: api }, { ALLOWED_ORIGINS: 'https://app.example' });
  const preflight = (method: string) =>
    new Promise<number>((resolve) => {
      const headers = { origin: 'https://app.example', 'access-control-request-method': method };
      rawRequest(`${allowed.origin}/v1/things/1`, { method: 'OPTIONS', headers }, (response) => {
        void textOf(response).then(() => resolve(response.statusCode ?? 0));
      }).end();
    });
  expect([await preflight('PUT'), await preflight('DELETE'), await preflight('PATCH')]).toEqual([204, 204, 403]);
  await allowed.stop();
});

test('the same limits: a request counts, says what is left, and is refused with Retry-After', async () => {
  const rates = { RATE_LIMITS: 'on', RATE_ANONYMOUS_REQUESTS: '2' };
  const limited = await startThings({ rest: api }, rates);
  const first = await ask('GET', '/v1/things/1', {}, limited);
  expect(first.headers.get('ratelimit-remaining')).toBe('1');
  await ask('POST', '/graphql', { body: { query: '{ thing(id: "1") { id } }' } }, limited);
  const { headers, ...rest } = await ask('GET', '/v1/things/1', {}, limited);
  expect(rest).toMatchObject(problem(429, 'RATE_LIMITED'));
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(headers.get('retry-after')).not.toContain(',');
  await limited.stop();
});

test('a table that does not fit the graph stops the start, with each reason', async () => {
  const [first, second] = api.operations;
  const broken = {
    ...api,
    operations: [
      { ...first!, document: 'query ($id: ID!) { thing(id: $id) { nothing } }' },
      { ...second!, path: '/things/broken' },
      { ...second!, id: 'twice', document: 'mutation { forget { thing { id } } }' },
    ],
  };
  await expect(startThings({ rest: broken })).rejects.toThrow(
    /getThing: Cannot query field "nothing"[^]*getBroken: nothing gives \$id[^]*twice: GET answers queries only/,
  );
});

test('no page of another site can make a browser send what has no body; what no page can send unasked is let in', async () => {
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', cookie: 'a=b' };
  const forget = (headers: Record<string, string>, at: Things) => ask('DELETE', '/v1/things/all', { headers }, at);
  const own = await startThings({ rest: api, cors: { headers: ['x-proof', 'accept-language'] } });
  expect(await forget(foreign, own)).toMatchObject(problem(403, 'FORBIDDEN'));
  expect(await forget({ ...foreign, 'accept-language': 'en' }, own)).toMatchObject(problem(403, 'FORBIDDEN'));
  for (const headers of [{ 'x-proof': '1' }, { cookie: 'a=b', 'x-proof': '1' }, { origin: own.origin }, {}]) {
    expect((await forget(headers as Record<string, string>, own)).status).toBe(204);
  }
  await own.stop();
});
