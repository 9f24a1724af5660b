import { type Document, structureProblems } from 'gateway/rest/testing/structure';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { aKey } from 'subgraphs/users/apikey/apikey.testing';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, anUnverifiedPerson, PASSWORD } from 'subgraphs/users/testing';
import { openDoor, type Door, type Reply } from '../setup/doors.ts';
import { describedBy, type Described } from './described.testing.ts';

const graph = testSubgraph(users);
let door: Door;
let undescribed: Described;
beforeAll(async () => {
  door = await openDoor({ users: graph });
  undescribed = describedBy((await door.ask('GET', DESCRIPTION)).json);
});
afterAll(() => door.stop());

const DESCRIPTION = '/api/v1/openapi.json';

/** Whatever is asked here, the answer is one that the description has. */
const ask: Door['ask'] = async (method, path, asking) => {
  const reply = await door.ask(method, path, asking);
  expect([method, path, reply.status, undescribed(method, path, reply)]).toEqual([method, path, reply.status, []]);
  return reply;
};

const signIn = (identifier: string, password = PASSWORD) =>
  ask('POST', '/api/v1/auth/login', { body: { identifier, password } });

test('the description is a document of OpenAPI 3.1', async () => {
  expect(await structureProblems((await door.ask('GET', DESCRIPTION)).json as Document)).toEqual([]);
});

test('a sign-up, a sign-in, a refresh, a profile and a sign-out by REST alone', async () => {
  const input = { username: 'resty', email: 'resty@example.org', password: PASSWORD };
  const registered = await ask('POST', '/api/v1/auth/register', { body: input });
  expect([registered.status, registered.text]).toEqual([202, '']);

  const { username } = await aPerson(graph);
  const login = await signIn(username);
  expect(login.status).toBe(200);
  expect(login.json).toMatchObject({ accessToken: expect.any(String) as string, user: { username }, challenge: null });
  expect(login.json).not.toHaveProperty('userErrors');
  expect(login.headers.get('cache-control')).toBe('no-store');

  const { refreshToken } = login.json as { refreshToken: string };
  const refreshed = await ask('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
  expect(refreshed.status).toBe(200);
  const { accessToken: token, user } = refreshed.json as { accessToken: string; user: { id: string } };

  const changed = await ask('PUT', `/api/v1/users/${user.id}`, { body: { name: 'Ada', bio: 'Counts.' }, token });
  expect([changed.status, changed.json]).toMatchObject([200, { id: user.id, name: 'Ada', bio: 'Counts.' }]);
  const seen = await ask('GET', `/api/v1/users/${user.id}`);
  expect(seen.json).toMatchObject({ id: user.id, name: 'Ada', bio: 'Counts.', username });
  expect(seen.json).not.toHaveProperty('email');

  expect((await ask('POST', '/api/v1/auth/logout', { token })).status).toBe(204);
  const rename = () => ask('PUT', `/api/v1/users/${user.id}`, { body: { name: 'Eve' }, token });
  await until('the session has ended here too', async () => (await rename()).status === 401);
  expect((await rename()).json).toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a wrong password, and a name that nobody has, are the same problem', async () => {
  const { username } = await aPerson(graph);
  const [wrong, nobody] = [await signIn(username, 'not the password'), await signIn('nobody-at-all')];
  expect([wrong.status, nobody.status]).toEqual([401, 401]);
  const { requestId: one, ...first } = wrong.json as { requestId: string };
  const { requestId: two, ...second } = nobody.json as { requestId: string };
  expect(first).toEqual(second);
  expect(one).not.toBe(two);
  expect(wrong.headers.get('content-type')).toBe('application/problem+json');
  expect(wrong.json).toMatchObject({ code: 'UNAUTHENTICATED', errors: [{ pointer: '/password' }] });
});

test('nobody changes somebody else, or becomes what they are not', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  const { accessToken: token } = (await signIn(one.username)).json as { accessToken: string };
  const foreign = await ask('PUT', `/api/v1/users/${other.userId}`, { body: { name: 'Eve' }, token });
  expect([foreign.status, foreign.json]).toMatchObject([403, { code: 'FORBIDDEN' }]);
  for (const slipped of [{ role: 'admin' }, { isVerified: true }, { username: 'admin2' }]) {
    const body = { name: 'Eve', ...slipped };
    const { status, json } = await ask('PUT', `/api/v1/users/${one.userId}`, { body, token });
    expect([status, json]).toMatchObject([400, { code: 'BAD_USER_INPUT' }]);
    const input = { username: 'slipped', email: 'slipped@example.org', password: PASSWORD, ...slipped, name: 'x' };
    const registered = await ask('POST', '/api/v1/auth/register', { body: { ...input, ...{ role: 'admin' } } });
    expect(registered.status).toBe(400);
  }
  expect((await ask('GET', `/api/v1/users/${one.userId}`)).json).toMatchObject({ role: 'user' });
});

test('an API key does by REST what its scopes say, and nothing else', async () => {
  const person = await aPerson(graph);
  const { userId } = person;
  const path = `/api/v1/users/${userId}`;
  const bio = async () =>
    (await graph.rows<{ bio: string }>(sql`select bio from "user" where id = ${toUuid(userId)}`))[0]?.bio;
  const by = async (...scopes: string[]) => (await aKey(graph, person, ...scopes)).secret;
  const [reading, writing] = [await by('users:read'), await by('users:read', 'profile:write')];
  const foreign = await by('posts:read');
  const refused = [403, { code: 'UNAUTHORIZED_FIELD_OR_TYPE' }];

  const read = async (token: string) => {
    const { status, json } = await ask('GET', path, { token });
    return [status, json];
  };
  expect(await read(reading)).toMatchObject([200, { id: userId }]);
  expect(await read(foreign)).toMatchObject(refused);

  const write = async (token: string, text: string) => {
    const { status, json } = await ask('PUT', path, { token, body: { bio: text } });
    return [status, json];
  };
  for (const token of [reading, foreign]) expect(await write(token, 'Too far.')).toMatchObject(refused);
  expect(await bio()).toBe('');
  expect(await write(writing, 'By a key.')).toMatchObject([200, { id: userId, bio: 'By a key.' }]);
  expect(await bio()).toBe('By a key.');
  // No key stands for a session, whatever it may do.
  const out = await ask('POST', '/api/v1/auth/logout', { token: writing });
  expect([out.status, out.json]).toMatchObject([403, { code: 'FORBIDDEN' }]);
  // A letter amiss, a digit more, or somebody else's check sum: no key at all.
  const { secret: theirs } = await aKey(graph, await aPerson(graph), 'users:read');
  const amiss = [
    `${reading}0`,
    reading.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    reading.slice(0, -8) + theirs.slice(-8),
  ];
  for (const token of amiss) expect(await read(token)).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
  expect(await read(theirs)).toMatchObject([200, { id: userId }]);
});

test('whom one may not see is not there', async () => {
  const { userId } = await anUnverifiedPerson(graph);
  const hidden = await ask('GET', `/api/v1/users/${userId}`);
  expect([hidden.status, hidden.json]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  expect((await ask('GET', '/api/v1/users/no-id')).status).toBe(404);
});

test('what is not described is found in an answer', async () => {
  const { username, userId } = await aPerson(graph);
  const path = `/api/v1/users/${userId}`;
  const read = await ask('GET', path);
  const wrong = await signIn(username, 'not the password');
  const problemsIn = (reply: Reply, more: Partial<Reply>) => undescribed('GET', path, { ...reply, ...more });
  const changed = (reply: Reply, change: object) => ({ json: { ...(reply.json as object), ...change } });
  expect(problemsIn(read, changed(read, { email: 'ada@example.org' }))).toEqual([expect.stringContaining('email')]);
  expect(problemsIn(read, changed(read, { bio: 7 }))).toEqual([expect.stringContaining('bio')]);
  expect(problemsIn(read, { json: {} }).length).toBeGreaterThan(3);
  expect(problemsIn(read, { status: 201 })).toHaveLength(1);
  expect(problemsIn(read, { status: 404 })).toHaveLength(1);
  expect(problemsIn(wrong, {})).toEqual([]);
  expect(problemsIn(wrong, changed(wrong, { stack: 'at …' }))).toEqual([expect.stringContaining('stack')]);
  expect(problemsIn(wrong, changed(wrong, { status: '401' }))).toEqual([expect.stringContaining('status')]);
  expect(undescribed('POST', '/api/v1/auth/logout', { ...read, status: 204 })).toHaveLength(1);
  expect(undescribed('DELETE', path, read)).toHaveLength(1);
});

test('what is refused before it is understood is a problem like any other', async () => {
  const send = async (body: string, type = 'application/json') => {
    const response = await fetch(`${door.origin}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const text = await response.text();
    const reply = { status: response.status, headers: response.headers, text, json: JSON.parse(text) as unknown };
    expect(undescribed('POST', '/api/v1/auth/login', reply)).toEqual([]);
    return reply.status;
  };
  expect(await send('{"identifier": ')).toBe(400);
  expect(await send('[]')).toBe(400);
  expect(await send('identifier=a', 'application/x-www-form-urlencoded')).toBe(415);
  expect(await send(JSON.stringify({ identifier: 'x'.repeat(300_000) }))).toBe(413);
  const { status } = await ask('GET', '/api/v1/users/no-id?sort=up');
  expect(status).toBe(400);
});

test('the description names every path', async () => {
  const { status, json } = await door.ask('GET', DESCRIPTION);
  expect(status).toBe(200);
  const { openapi, paths } = json as { openapi: string; paths: Record<string, object> };
  expect(openapi).toBe('3.1.0');
  expect(
    Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`)),
  ).toEqual([
    'post /auth/register',
    'post /auth/login',
    'post /auth/login/complete',
    'post /auth/refresh',
    'post /auth/logout',
    'post /auth/resend-verification',
    'post /auth/forgot-password',
    'post /auth/verify-email',
    'post /auth/reset-password',
    'post /auth/confirm-email-change',
    'post /auth/cancel-deletion',
    'get /users/{id}',
    'put /users/{id}',
  ]);
});

test('uses of an API key that a gateway has counted are told when it stops', async () => {
  const person = await aPerson(graph);
  const { id, secret } = await aKey(graph, person, 'users:read');
  const uses = async () => {
    const [key] = await graph.rows<{ count: number }>(
      sql`select uses_count::int as count from api_key where id = ${toUuid(id)}`,
    );
    return key?.count;
  };
  const other = await openDoor({ users: graph });
  const path = `/api/v1/users/${person.userId}`;
  for (let n = 0; n < 3; n++) expect((await other.ask('GET', path, { token: secret })).status).toBe(200);
  expect(await uses()).toBe(0);
  await other.stop();
  expect(await uses()).toBe(3);
});
