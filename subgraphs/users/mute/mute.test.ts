import { sql } from 'kit/database';
import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';

const graph = testSubgraph(users);
const mutation = (name: string) =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
    answer: ${name}(input: $input) { user { id isMutedByViewer } userErrors { field code } } }`;
const act = async (viewer: Viewer, name: string, userId: string) =>
  (await graph.as(viewer).data<{ answer: object }>(mutation(name), { input: { userId } })).answer;
const MUTED = `query ($first: Int, $after: String) {
  mutedUsers(first: $first, after: $after) { edges { node { id username } } pageInfo { endCursor } } }`;
interface Muted {
  mutedUsers: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } };
}
const mutedBy = async (viewer: Viewer, variables: object = {}) => {
  const { mutedUsers } = await graph.as(viewer).data<Muted>(MUTED, { ...variables });
  return { ids: mutedUsers.edges.map(({ node }) => node.id), end: mutedUsers.pageInfo.endCursor };
};

test('a mute is one’s own: the muted learn nothing of it, and see and are seen as before', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  const muted = { user: { id: other.userId, isMutedByViewer: true }, userErrors: [] };
  expect(await act(one, 'muteUser', other.userId)).toEqual(muted);
  expect(await act(one, 'muteUser', other.userId)).toEqual(muted);
  const query = 'query ($id: ID) { user(id: $id) { id isMutedByViewer } }';
  expect(await graph.as(one).data(query, { id: other.userId })).toEqual({ user: muted.user });
  expect(await graph.as(other).data(query, { id: one.userId })).toEqual({
    user: { id: one.userId, isMutedByViewer: false },
  });
  expect(await mutedBy(one)).toMatchObject({ ids: [other.userId] });
  expect(await mutedBy(other)).toMatchObject({ ids: [] });
  expect(await act(one, 'unmuteUser', other.userId)).toEqual({
    user: { id: other.userId, isMutedByViewer: false },
    userErrors: [],
  });
  await act(one, 'unmuteUser', other.userId);
  const events = await graph.rows<{ type: string }>(
    sql`select type from outbox where aggregate_id = ${one.userId} and type like '%mute%' order by position`,
  );
  expect(events.map(({ type }) => type)).toEqual(['user.muted', 'user.unmuted']);
});

test('the list comes in pages, newest first, without those who are hidden, in one statement', async () => {
  const [one, ...others] = await Promise.all([1, 2, 3, 4].map(() => aPerson(graph)));
  if (!one || !others[1]) throw new Error('nobody');
  for (const other of others) await act(one, 'muteUser', other.userId);
  const first = await mutedBy(one, { first: 2 });
  const second = await mutedBy(one, { first: 2, after: first.end });
  expect([...first.ids, ...second.ids]).toEqual(others.map(({ userId }) => userId).reverse());
  await graph
    .as(others[1])
    .data('mutation ($id: ID!) { blockUser(input: { userId: $id }) { userErrors { code } } }', { id: one.userId });
  expect((await mutedBy(one)).ids).not.toContain(others[1].userId);
  expect(await graph.as(one).queriesOf(MUTED, { first: 1 })).toBe(1);
  expect(await graph.as(one).queriesOf(MUTED, { first: 100 })).toBe(1);
  // Taken back although its person is out of sight.
  expect(await act(one, 'unmuteUser', others[1].userId)).toEqual({ user: null, userErrors: [] });
});

test.each([
  ['nobody', () => newId('user'), 'NOT_FOUND'],
  ['a post', () => newId('post'), 'WRONG_ID_TYPE'],
  ['nothing', () => '', 'INVALID_ID'],
])('muting %s is refused', async (_, id, code) => {
  expect(await act(await aPerson(graph), 'muteUser', id())).toEqual({
    user: null,
    userErrors: [{ field: ['userId'], code }],
  });
});

test('nobody mutes themselves, and who is not signed in mutes nobody and has no list', async () => {
  const person = await aPerson(graph);
  expect(await act(person, 'muteUser', person.userId)).toMatchObject({ userErrors: [{ code: 'BAD_USER_INPUT' }] });
  for (const [query, variables] of [
    [mutation('muteUser'), { input: { userId: person.userId } }],
    [MUTED, {}],
  ] as const) {
    expect((await graph.anonymously.run(query, variables)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  }
});
