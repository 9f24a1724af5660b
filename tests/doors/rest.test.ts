import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, anUnverifiedPerson, PASSWORD } from 'subgraphs/users/testing';
import { openDoor, type Door } from '../setup/doors.ts';

const graph = testSubgraph(users);
let door: Door;
beforeAll(async () => {
  door = await openDoor({ users: graph });
}, 30_000);
afterAll(() => door.stop());

const signIn = (identifier: string, password = PASSWORD) =>
  door.ask('POST', '/api/v1/auth/login', { body: { identifier, password } });

test('a sign-up, a sign-in, a refresh, a profile and a sign-out by REST alone', async () => {
  const input = { username: 'resty', email: 'resty@example.org', password: PASSWORD };
  const registered = await door.ask('POST', '/api/v1/auth/register', { body: input });
  expect([registered.status, registered.text]).toEqual([202, '']);

  const { username } = await aPerson(graph);
  const login = await signIn(username);
  expect(login.status).toBe(200);
  expect(login.json).toMatchObject({ accessToken: expect.any(String) as string, user: { username }, challenge: null });
  expect(login.json).not.toHaveProperty('userErrors');
  expect(login.headers.get('cache-control')).toBe('no-store');

  const { refreshToken } = login.json as { refreshToken: string };
  const refreshed = await door.ask('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
  expect(refreshed.status).toBe(200);
  const { accessToken: token, user } = refreshed.json as { accessToken: string; user: { id: string } };

  const changed = await door.ask('PUT', `/api/v1/users/${user.id}`, { body: { name: 'Ada', bio: 'Counts.' }, token });
  expect([changed.status, changed.json]).toMatchObject([200, { id: user.id, name: 'Ada', bio: 'Counts.' }]);
  const seen = await door.ask('GET', `/api/v1/users/${user.id}`);
  expect(seen.json).toMatchObject({ id: user.id, name: 'Ada', bio: 'Counts.', username });
  expect(seen.json).not.toHaveProperty('email');

  expect((await door.ask('POST', '/api/v1/auth/logout', { token })).status).toBe(204);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const after = await door.ask('PUT', `/api/v1/users/${user.id}`, { body: { name: 'Eve' }, token });
  expect([after.status, after.json]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
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
  const foreign = await door.ask('PUT', `/api/v1/users/${other.userId}`, { body: { name: 'Eve' }, token });
  expect([foreign.status, foreign.json]).toMatchObject([403, { code: 'FORBIDDEN' }]);
  for (const slipped of [{ role: 'admin' }, { isVerified: true }, { username: 'admin2' }]) {
    const body = { name: 'Eve', ...slipped };
    const { status, json } = await door.ask('PUT', `/api/v1/users/${one.userId}`, { body, token });
    expect([status, json]).toMatchObject([400, { code: 'BAD_USER_INPUT' }]);
    const input = { username: 'slipped', email: 'slipped@example.org', password: PASSWORD, ...slipped, name: 'x' };
    const registered = await door.ask('POST', '/api/v1/auth/register', { body: { ...input, ...{ role: 'admin' } } });
    expect(registered.status).toBe(400);
  }
  expect((await door.ask('GET', `/api/v1/users/${one.userId}`)).json).toMatchObject({ role: 'user' });
});

test('whom one may not see is not there', async () => {
  const { userId } = await anUnverifiedPerson(graph);
  const hidden = await door.ask('GET', `/api/v1/users/${userId}`);
  expect([hidden.status, hidden.json]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  expect((await door.ask('GET', '/api/v1/users/no-id')).status).toBe(404);
});

test('the description names every path, and the answers are as described', async () => {
  const { status, json } = await door.ask('GET', '/api/v1/openapi.json');
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
    'post /auth/verify-email',
    'post /auth/reset-password',
    'post /auth/confirm-email-change',
    'post /auth/cancel-deletion',
    'get /users/{id}',
    'put /users/{id}',
  ]);
});
