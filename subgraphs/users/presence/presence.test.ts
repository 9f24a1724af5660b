import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { gatewayViewer, type Viewer, userViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson, PASSWORD, signIn, type TestPerson } from '../testing.ts';
import { notePresence } from './presence.actions.ts';
import { presenceKey } from './presence.loaders.ts';

const graph = testSubgraph(users);
const redis = () => graph.anonymously.context().services.redis;
const note = (person: TestPerson, now?: number) => {
  notePresence(graph.anonymously.context(), [person.userId], now);
  // Behind it on the same connection.
  return redis().ping();
};
const QUERY = 'query ($id: ID) { user(id: $id) { isOnline isPresenceHidden } }';
const seenBy = async (viewer: Viewer | null, person: TestPerson) =>
  (
    await (viewer ? graph.as(viewer) : graph.anonymously).data<{
      user: { isOnline: boolean | null; isPresenceHidden: boolean | null } | null;
    }>(QUERY, { id: person.userId })
  ).user;
const HIDE = `mutation ($isHidden: Boolean!) {
  updatePresence(input: { isHidden: $isHidden }) { user { isOnline isPresenceHidden } userErrors { code } } }`;

test('who does something is online for two minutes, for those who are signed in', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  expect(await seenBy(other, person)).toEqual({ isOnline: false, isPresenceHidden: null });
  await note(person);
  expect(await seenBy(other, person)).toEqual({ isOnline: true, isPresenceHidden: null });
  expect(await seenBy(null, person)).toEqual({ isOnline: null, isPresenceHidden: null });
  expect(await graph.as(other).entity('User', person.userId, 'isOnline')).toEqual({ isOnline: true });
  expect(await graph.anonymously.entity('User', person.userId, 'isOnline')).toEqual({ isOnline: null });
  const seconds = await redis().ttl(presenceKey(person.userId));
  expect(seconds).toBeGreaterThan(110);
  expect(seconds).toBeLessThanOrEqual(120);
  await redis().del(presenceKey(person.userId));
  expect(await seenBy(other, person)).toMatchObject({ isOnline: false });
});

test('it is noted once a minute, however much somebody does', async () => {
  const person = await aPerson(graph);
  await note(person);
  await redis().expire(presenceKey(person.userId), 50);
  for (let index = 0; index < 20; index++) await note(person);
  expect(await redis().ttl(presenceKey(person.userId))).toBeLessThanOrEqual(50);
  await note(person, Date.now() + 61_000);
  expect(await redis().ttl(presenceKey(person.userId))).toBeGreaterThan(110);
});

test('who wants nobody told is seen by themselves alone, administrators included', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  await note(person);
  expect(await graph.as(person).data(HIDE, { isHidden: true })).toEqual({
    updatePresence: { user: { isOnline: true, isPresenceHidden: true }, userErrors: [] },
  });
  for (const viewer of [other, userViewer(newId('user'), 'admin'), userViewer(newId('user'), 'moderator')]) {
    expect(await seenBy(viewer, person)).toEqual({ isOnline: null, isPresenceHidden: null });
    expect(await graph.as(viewer).entity('User', person.userId, 'isOnline')).toEqual({ isOnline: null });
  }
  await graph.as(person).data(HIDE, { isHidden: false });
  expect(await seenBy(other, person)).toEqual({ isOnline: true, isPresenceHidden: null });
});

test('who is behind a block is not told', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  await note(person);
  const BLOCK = 'mutation ($id: ID!) { blockUser(input: { userId: $id }) { userErrors { code } } }';
  await graph.as(person).data(BLOCK, { id: other.userId });
  expect(await seenBy(other, person)).toBeNull();
});

const CHECK = 'query ($id: ID!) { sessionState(id: $id) { userId } }';

/** Signs in, and does something: what the gateway asks with every request. */
async function aSession(person: TestPerson): Promise<string> {
  const { accessToken } = await signIn(graph, person.username);
  const claims = JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  await graph.as(gatewayViewer).data(CHECK, { id: claims.sid });
  return claims.sid;
}

const DELETE = `mutation { deleteAccount(input: { mode: ANONYMISE, password: "${PASSWORD}" }) { userErrors { code } } }`;
test.each([
  ['signed out', 'mutation { logout { userErrors { code } } }'],
  ['signed out everywhere', 'mutation { logoutEverywhere { userErrors { code } } }'],
  ['leaving', DELETE],
])('who is %s is offline at once, and online again when they come back', async (_, query) => {
  const [person, admin] = [await aPerson(graph), { ...(await aPerson(graph)), role: 'admin' }];
  const sid = await aSession(person);
  expect(await seenBy(admin, person)).toMatchObject({ isOnline: true });
  await graph.as({ ...person, sessionId: sid }).data(query);
  expect(await seenBy(admin, person)).toMatchObject({ isOnline: false });
  await aSession(person);
  expect(await seenBy(admin, person)).toMatchObject({ isOnline: true });
});

test('who is suspended is offline at once', async () => {
  const [person, admin] = [await aPerson(graph), await aPerson(graph)];
  await graph.rows(sql`update "user" set role = 'admin' where id = ${toUuid(admin.userId)}`);
  await aSession(person);
  const suspend = 'mutation ($id: ID!) { suspendUser(input: { userId: $id, reason: "spam" }) { userErrors { code } } }';
  await graph.as({ ...admin, role: 'admin' }).data(suspend, { id: person.userId });
  expect(await seenBy(admin, person)).toMatchObject({ isOnline: false });
});

test('who is active elsewhere stays online; a session that is only open does not count', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  const [first, second] = [await aSession(person), await aSession(person)];
  const logout = (sid: string) =>
    graph.as({ ...person, sessionId: sid }).data('mutation { logout { userErrors { code } } }');
  await logout(first);
  expect(await seenBy(other, person)).toMatchObject({ isOnline: true });
  const third = await aSession(person);
  await graph.rows(sql`update session set last_used_at = now() - interval '1 hour' where id = ${toUuid(second)}`);
  await logout(third);
  expect(await seenBy(other, person)).toMatchObject({ isOnline: false });
});

test('the gateway’s check of a session is what somebody does, and presence costs no statement', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  const sid = await aSession(person);
  const once = await graph.as(gatewayViewer).queriesOf(CHECK, { id: sid });
  expect(once).toBe(1);
  expect(await seenBy(other, person)).toMatchObject({ isOnline: true });
  const online = 'query ($first: Int) { users(first: $first) { edges { node { id isOnline } } } }';
  expect(await graph.as(other).queriesOf(online, { first: 1 })).toBe(1);
  expect(await graph.as(other).queriesOf(online, { first: 100 })).toBe(1);
});
