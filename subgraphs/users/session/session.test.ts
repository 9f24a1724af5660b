import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { gatewayViewer, userViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson, PASSWORD, REFRESH, signIn, type Tokens } from '../testing.ts';

const graph = testSubgraph(users);

const refresh = async (refreshToken: string | null): Promise<Tokens> => {
  const { refreshSession } = await graph.anonymously.data<{ refreshSession: Tokens }>(REFRESH, {
    input: { refreshToken },
  });
  return refreshSession;
};
const codes = (tokens: Tokens) => tokens.userErrors.map((error) => error.code);
const stateOf = async (sessionId: string) => {
  const query = 'query ($id: ID!) { sessionState(id: $id) { userId role } }';
  return (await graph.as(gatewayViewer).data<{ sessionState: unknown }>(query, { id: sessionId })).sessionState;
};
const sessionOf = (tokens: Tokens): string => String(tokens.refreshToken?.split('.')[0]);

test('the access token is a short-lived EdDSA JWT that the published keys verify', async () => {
  const { userId, username } = await aPerson(graph);
  const { accessToken } = await signIn(graph, username);
  const { jsonWebKeySet } = await graph.as(gatewayViewer).data<{ jsonWebKeySet: string }>('{ jsonWebKeySet }');
  const keys = JSON.parse(jsonWebKeySet) as JSONWebKeySet;
  expect(keys.keys.every((key) => !('d' in key))).toBe(true);
  expect(decodeProtectedHeader(String(accessToken))).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
  const { payload } = await jwtVerify(String(accessToken), createLocalJWKSet(keys), {
    issuer: 'broadsheet',
    audience: 'broadsheet',
  });
  expect(payload.sub).toBe(userId);
  expect(Number(payload.exp) - Number(payload.iat)).toBe(15 * 60);
});

test.each([
  ['a wrong password', (name: string) => [name, 'not the password']],
  ['nobody of that name', () => ['nobody-at-all', PASSWORD]],
  ['nobody of that address', () => ['nobody@example.org', PASSWORD]],
  ['an empty name', () => ['', PASSWORD]],
  ['a huge password', (name: string) => [name, 'x'.repeat(100_000)]],
])('%s is refused in the same words', async (_, of) => {
  const { username } = await aPerson(graph);
  const [identifier, password] = of(username);
  expect(await signIn(graph, String(identifier), String(password))).toMatchObject({
    accessToken: null,
    user: null,
    userErrors: [{ field: ['password'], code: 'UNAUTHENTICATED' }],
  });
});

test('a refresh token works once, and its successor after it', async () => {
  const first = await signIn(graph, (await aPerson(graph)).username);
  const second = await refresh(first.refreshToken);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(codes(await refresh(second.refreshToken))).toEqual([]);
});

test('twenty refreshes at once leave one live token', async () => {
  const { refreshToken } = await signIn(graph, (await aPerson(graph)).username);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
  expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
});

test('a token two generations old ends the session for everybody', async () => {
  const first = await signIn(graph, (await aPerson(graph)).username);
  const second = await refresh(first.refreshToken);
  const third = await refresh(second.refreshToken);
  expect(codes(await refresh(first.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(codes(await refresh(third.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(await stateOf(sessionOf(first))).toBeNull();
});

test('the immediate predecessor is forgiven for ten seconds only', async () => {
  const first = await signIn(graph, (await aPerson(graph)).username);
  const second = await refresh(first.refreshToken);
  expect((await refresh(first.refreshToken)).refreshToken).toBe(second.refreshToken);
  await graph.rows(sql`update session set rotated_at = now() - interval '11 seconds'`);
  expect(codes(await refresh(first.refreshToken))).toEqual(['UNAUTHENTICATED']);
});

test.each([
  '',
  '.',
  'session_01h2xcejqtf2nbrexx3vqjhp41.x',
  'user_01h2xcejqtf2nbrexx3vqjhp41.x',
  "x'; drop table session; --",
])('what is no refresh token is refused: %j', async (refreshToken) =>
  expect(codes(await refresh(refreshToken))).toEqual(['UNAUTHENTICATED']),
);

test('an expired session is over', async () => {
  const tokens = await signIn(graph, (await aPerson(graph)).username);
  await graph.rows(sql`update session set expires_at = now() where ended_at is null`);
  expect(codes(await refresh(tokens.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(await stateOf(sessionOf(tokens))).toBeNull();
});

test('signing out ends the session at once, and none of the others', async () => {
  const person = await aPerson(graph);
  const [one, other] = [await signIn(graph, person.username), await signIn(graph, person.username)];
  expect(await stateOf(sessionOf(one))).toEqual({ userId: person.userId, role: 'user' });
  await graph.as(userViewer(person.userId, 'user', sessionOf(one))).data('mutation { logout { userErrors { code } } }');
  expect(await stateOf(sessionOf(one))).toBeNull();
  expect(codes(await refresh(one.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(await stateOf(sessionOf(other))).not.toBeNull();
});

test('tokens are stored as hashes only', async () => {
  const { refreshToken } = await signIn(graph, (await aPerson(graph)).username);
  const rows = await graph.rows<{ text: string }>(sql`select session::text as text from session`);
  expect(rows.some(({ text }) => text.includes(String(refreshToken?.split('.')[1])))).toBe(false);
});

test('nobody but the gateway asks for sessions and keys', async () => {
  const person = await aPerson(graph);
  for (const asking of [graph.anonymously, graph.as(person), graph.as(userViewer(person.userId, 'admin'))]) {
    const { errors } = await asking.run('{ jsonWebKeySet }');
    expect(['UNAUTHENTICATED', 'FORBIDDEN']).toContain(errors?.[0]?.extensions?.['code']);
  }
});
