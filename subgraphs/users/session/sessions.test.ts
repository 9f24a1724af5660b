import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { gatewayViewer, systemViewer, userViewer, type Viewer } from 'kit/viewer';
import {
  aProtectedPerson,
  codeOf,
  codesOf,
  complete,
  elsewhere,
  HOME,
  logIn,
  refresh,
  sessionOf,
} from '../login/login.testing.ts';
import { users } from '../subgraph.ts';
import { aPerson, type TestPerson } from '../testing.ts';
import { endSessionsOf } from './session.actions.ts';

const graph = testSubgraph(users);

const SESSIONS = `query ($first: Int, $after: String) { sessions(first: $first, after: $after) {
  edges { cursor node { id device address place { country } isCurrent startedAt lastUsedAt } } pageInfo { hasNextPage endCursor } } }`;
interface Page {
  readonly sessions: {
    readonly edges: readonly {
      readonly node: { readonly id: string; readonly device: string; readonly isCurrent: boolean };
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}
const sessionsOf = async (viewer: Viewer, page = {}) => (await graph.as(viewer).data<Page>(SESSIONS, page)).sessions;
const idsOf = async (viewer: Viewer) => (await sessionsOf(viewer)).edges.map(({ node }) => node.id);
const END = `mutation ($input: EndSessionInput!) { endSession(input: $input) { userErrors { field code } } }`;
const OUT = `mutation ($input: LogoutEverywhereInput) { logoutEverywhere(input: $input) { userErrors { code } } }`;
const isAlive = async (session: string): Promise<boolean> => {
  const query = 'query ($id: ID!) { sessionState(id: $id) { userId } }';
  const { sessionState } = await graph.as(gatewayViewer).data<{ sessionState: unknown }>(query, { id: session });
  return sessionState !== null;
};
const inSession = ({ userId }: TestPerson, session: string): Viewer => userViewer(userId, 'user', session);

test('people see their own sessions, newest first, and which one asks', async () => {
  const [person, stranger] = [await aPerson(graph), await aPerson(graph)];
  const older = sessionOf(await logIn(graph, person.username, HOME));
  const newer = sessionOf(await logIn(graph, person.username, elsewhere(4, 'curl/8.1')));
  await logIn(graph, stranger.username);
  const { edges } = await sessionsOf(inSession(person, older));
  expect(edges.map(({ node }) => node)).toMatchObject([
    { id: newer, device: 'curl', address: '198.51.4.7', isCurrent: false, place: null },
    { id: older, device: 'Firefox on Linux', address: HOME.address, isCurrent: true },
  ]);
  const first = await sessionsOf(person, { first: 1 });
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = await sessionsOf(person, { first: 1, after: first.pageInfo.endCursor });
  expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual([newer, older]);
  expect(await graph.as(person).queriesOf(SESSIONS)).toBe(1);
});

test('one session ends by its id, its person’s only', async () => {
  const [person, stranger] = [await aPerson(graph), await aPerson(graph)];
  const [one, other] = [await logIn(graph, person.username), await logIn(graph, person.username)];
  const input = { id: sessionOf(one) };
  for (const [viewer, id, code] of [
    [stranger, sessionOf(one), 'NOT_FOUND'],
    [userViewer(stranger.userId, 'admin'), sessionOf(one), 'NOT_FOUND'],
    [person, newId('session'), 'NOT_FOUND'],
    [person, newId('user'), 'WRONG_ID_TYPE'],
    [person, 'x', 'INVALID_ID'],
  ] as const) {
    expect(await graph.as(viewer).data(END, { input: { id } })).toMatchObject({
      endSession: { userErrors: [{ code }] },
    });
  }
  expect(await isAlive(sessionOf(one))).toBe(true);
  for (let n = 0; n < 2; n++)
    expect(await graph.as(person).data(END, { input })).toEqual({ endSession: { userErrors: [] } });
  expect(await isAlive(sessionOf(one))).toBe(false);
  expect(codesOf(await refresh(graph, one.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(codesOf(await refresh(graph, other.refreshToken))).toEqual([]);
  expect(await idsOf(person)).toEqual([sessionOf(other)]);
});

test.each([
  [null, 0],
  [{ keepCurrent: false }, 0],
  [{ keepCurrent: true }, 1],
])('logging out everywhere with %j leaves %d', async (input, left) => {
  const [person, stranger] = [await aPerson(graph), await aPerson(graph)];
  const sessions = [
    await logIn(graph, person.username),
    await logIn(graph, person.username),
    await logIn(graph, person.username),
  ];
  const others = await logIn(graph, stranger.username);
  const current = sessionOf(sessions[0] ?? others);
  await graph.as(inSession(person, current)).data(OUT, { input });
  expect(await idsOf(person)).toEqual(left === 1 ? [current] : []);
  expect(await isAlive(current)).toBe(left === 1);
  expect(await isAlive(sessionOf(others))).toBe(true);
});

test('ending a person’s sessions ends what is half signed in', async () => {
  const person = await aProtectedPerson(graph);
  const { challenge } = await logIn(graph, person.username);
  await graph
    .running()
    .contextFor(systemViewer)
    .change((tx) => endSessionsOf(tx, person.userId, 'a test'));
  expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([
    'UNAUTHENTICATED',
  ]);
  const anew = await logIn(graph, person.username);
  expect(codesOf(await complete(graph, anew.challenge?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([]);
});

test('the last use is written when it is older than a minute, for many at once, and not before', async () => {
  const person = await aPerson(graph);
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(toUuid(sessionOf(await logIn(graph, person.username))));
  const [fresh = '', ...old] = ids;
  await graph.rows(sql`update session set last_used_at = now() - interval '30 seconds' where id = ${fresh}`);
  await graph.rows(sql`update session set last_used_at = now() - interval '2 minutes' where id = any(${old}::uuid[])`);
  const ages = () =>
    graph.rows<{ age: number }>(sql`
      select extract(epoch from now() - last_used_at)::int as age from session where id = any(${ids}::uuid[]) order by id`);
  for (const { id } of (await sessionsOf(person)).edges.map(({ node }) => node)) await isAlive(id);
  await until('the two that were old are new', async () => (await ages()).filter(({ age }) => age < 20).length === 2);
  expect((await ages())[0]?.age).toBeGreaterThanOrEqual(30);
});

test('nobody’s session is nobody’s to see', async () => {
  const { errors } = await graph.anonymously.run(SESSIONS);
  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});
