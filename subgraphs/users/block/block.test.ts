import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { sql } from 'kit/database';
import { userViewer, type Viewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson, type TestPerson } from '../testing.ts';

const graph = testSubgraph(users);
const mutation = (name: string, selection: string) =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
    ${name}(input: $input) { ${selection} userErrors { field code } } }`;
const BLOCK = mutation('blockUser', 'blockedUser { id username name }');
const UNBLOCK = mutation('unblockUser', 'user { id }');
const FOLLOW = mutation('followUser', 'user { id }');

const act = async (viewer: Viewer, query: string, userId: string) =>
  Object.values(
    await graph.as(viewer).data<Record<string, { userErrors: { code: string }[] }>>(query, { input: { userId } }),
  )[0];
const codes = async (viewer: Viewer, query: string, userId: string) =>
  ((await act(viewer, query, userId))?.userErrors ?? []).map(({ code }) => code);

/** Every door through which somebody may meet a person, with whether they do. */
async function meets(viewer: Viewer | null, person: TestPerson, friend: TestPerson): Promise<Record<string, boolean>> {
  const asking = viewer ? graph.as(viewer) : graph.anonymously;
  type List = { edges: { node: { id: string } }[] };
  const {
    byId,
    byName,
    node,
    nodes,
    users: all,
    friend: friends,
  } = await asking.data<{
    byId: unknown;
    byName: unknown;
    node: unknown;
    nodes: unknown[];
    users: List;
    friend: { followers: List; following: List };
  }>(
    `query ($id: ID!, $name: String!, $friend: ID!) {
      byId: user(id: $id) { id } byName: user(username: $name) { id } node(id: $id) { nodeId } nodes(ids: [$id]) { nodeId }
      users(first: 100) { edges { node { id } } }
      friend: user(id: $friend) { followers { edges { node { id } } } following { edges { node { id } } } } }`,
    { id: person.userId, name: person.username, friend: friend.userId },
  );
  const isIn = ({ edges }: List): boolean => edges.some((edge) => edge.node.id === person.userId);
  return {
    byId: byId !== null,
    byName: byName !== null,
    node: node !== null,
    nodes: nodes[0] !== null,
    users: isIn(all),
    followers: isIn(friends.followers),
    following: isIn(friends.following),
    entity: (await asking.entity('User', person.userId)) !== null,
  };
}

const every = (isMet: boolean): Record<string, boolean> =>
  Object.fromEntries(
    ['byId', 'byName', 'node', 'nodes', 'users', 'followers', 'following', 'entity'].map((door) => [door, isMet]),
  );

/** Two people and a friend of both, whose lists of followers and followed they are in. */
async function aTriangle(): Promise<[TestPerson, TestPerson, TestPerson]> {
  const [one, other, friend] = [await aPerson(graph), await aPerson(graph), await aPerson(graph)];
  for (const person of [one, other]) {
    await act(person, FOLLOW, friend.userId);
    await act(friend, FOLLOW, person.userId);
  }
  return [one, other, friend];
}

test('a block hides two people from each other behind every door, and unblocking brings them back', async () => {
  const [blocker, blocked, friend] = await aTriangle();
  expect(await meets(blocker, blocked, friend)).toEqual(every(true));
  expect(await meets(blocked, blocker, friend)).toEqual(every(true));
  expect(await act(blocker, BLOCK, blocked.userId)).toEqual({
    blockedUser: { id: blocked.userId, username: blocked.username, name: blocked.username },
    userErrors: [],
  });
  expect(await meets(blocker, blocked, friend)).toEqual(every(false));
  expect(await meets(blocked, blocker, friend)).toEqual(every(false));
  for (const bystander of [null, friend]) {
    expect(await meets(bystander, blocked, friend)).toEqual(every(true));
    expect(await meets(bystander, blocker, friend)).toEqual(every(true));
  }
  expect(await act(blocker, UNBLOCK, blocked.userId)).toEqual({ user: { id: blocked.userId }, userErrors: [] });
  expect(await meets(blocker, blocked, friend)).toEqual(every(true));
  expect(await meets(blocked, blocker, friend)).toEqual(every(true));
});

test('those who look after the site see everybody, whom they have blocked and who has blocked them', async () => {
  const [blocker, blocked, friend] = await aTriangle();
  await act(blocker, BLOCK, blocked.userId);
  for (const role of ['moderator', 'admin']) {
    expect(await meets({ ...blocker, role }, blocked, friend)).toEqual(every(true));
    expect(await meets({ ...blocked, role }, blocker, friend)).toEqual(every(true));
    expect(await codes({ ...blocked, role }, FOLLOW, blocker.userId)).toEqual(['NOT_FOUND']);
  }
});

test('following ends both ways, counts stay those of the rows, and nobody follows behind a block', async () => {
  const [one, other, friend] = await aTriangle();
  await act(one, FOLLOW, other.userId);
  await act(other, FOLLOW, one.userId);
  const counts = async (person: TestPerson) =>
    graph.anonymously.data('query ($id: ID) { user(id: $id) { followersCount followingCount } }', {
      id: person.userId,
    });
  expect(await counts(one)).toEqual({ user: { followersCount: 2, followingCount: 2 } });
  await act(one, BLOCK, other.userId);
  await act(one, BLOCK, other.userId);
  for (const person of [one, other]) {
    expect(await counts(person)).toEqual({ user: { followersCount: 1, followingCount: 1 } });
  }
  expect(await codes(one, FOLLOW, other.userId)).toEqual(['NOT_FOUND']);
  expect(await codes(other, FOLLOW, one.userId)).toEqual(['NOT_FOUND']);
  expect(await codes(other, FOLLOW, friend.userId)).toEqual([]);
  await act(one, UNBLOCK, other.userId);
  expect(await counts(one)).toEqual({ user: { followersCount: 1, followingCount: 1 } });
  expect(await codes(other, FOLLOW, one.userId)).toEqual([]);
});

test('each change is told once, with the follows that end', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  await act(one, FOLLOW, other.userId);
  await act(one, BLOCK, other.userId);
  await act(one, BLOCK, other.userId);
  await act(one, UNBLOCK, other.userId);
  await act(one, UNBLOCK, other.userId);
  const events = await graph.rows<{ type: string }>(
    sql`select type from outbox where aggregate_id = ${one.userId} and type <> 'user.saved' order by position`,
  );
  expect(events.map(({ type }) => type)).toEqual([
    'user.followed',
    'user.unfollowed',
    'user.blocked',
    'user.unblocked',
  ]);
});

test('both may block each other; one who unblocks is still hidden by the other’s block', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  await Promise.all([act(one, BLOCK, other.userId), act(other, BLOCK, one.userId)]);
  // Whoever came second may have been too late to see the other: at least one block stands.
  await act(other, UNBLOCK, one.userId);
  await act(one, BLOCK, other.userId);
  expect(await act(other, UNBLOCK, one.userId)).toEqual({ user: null, userErrors: [] });
  expect(await codes(other, BLOCK, one.userId)).toEqual(['NOT_FOUND']);
});

test('blocks and follows at once leave no follow behind a block, and counts that equal the rows', async () => {
  const crowd = await Promise.all([1, 2, 3, 4].map(() => aPerson(graph)));
  const pairs = crowd.flatMap((one) => crowd.filter((other) => other !== one).map((other) => [one, other] as const));
  await Promise.all(
    pairs.flatMap(([one, other], index) => [
      act(one, FOLLOW, other.userId),
      ...(index % 3 === 0 ? [act(one, BLOCK, other.userId)] : []),
      act(one, FOLLOW, other.userId),
    ]),
  );
  expect(
    await graph.rows(sql`select 1 from follow f join block b
      on (f.follower_id, f.followed_id) in ((b.blocker_id, b.blocked_id), (b.blocked_id, b.blocker_id))`),
  ).toEqual([]);
  expect(
    await graph.rows(sql`select username from "user" u where followers_count <> (select count(*) from follow where followed_id = u.id)
      or following_count <> (select count(*) from follow where follower_id = u.id)`),
  ).toEqual([]);
});

test.each([
  ['nobody', () => newId('user'), 'NOT_FOUND'],
  ['a post', () => newId('post'), 'WRONG_ID_TYPE'],
  ['nothing', () => '', 'INVALID_ID'],
])('blocking %s is refused', async (_, id, code) => {
  expect(await act(await aPerson(graph), BLOCK, id())).toEqual({
    blockedUser: null,
    userErrors: [{ field: ['userId'], code }],
  });
});

test('nobody blocks themselves, and anonymous viewers block nobody', async () => {
  const person = await aPerson(graph);
  expect(await codes(person, BLOCK, person.userId)).toEqual(['BAD_USER_INPUT']);
  expect(
    (await graph.anonymously.run(BLOCK, { input: { userId: person.userId } })).errors?.[0]?.extensions?.['code'],
  ).toBe('UNAUTHENTICATED');
});

const BLOCKED = `query ($first: Int, $after: String) {
  blockedUsers(first: $first, after: $after) { edges { node { id blockedAt } } pageInfo { hasNextPage endCursor } } }`;
interface Blocked {
  blockedUsers: {
    edges: { node: { id: string; blockedAt: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

test('one’s own blocks are a list in pages, nobody else’s, and cost one statement', async () => {
  const [person, ...others] = await Promise.all([1, 2, 3, 4].map(() => aPerson(graph)));
  if (!person) throw new Error('nobody');
  for (const other of others) await act(person, BLOCK, other.userId);
  const pageOf = (viewer: Viewer, after?: string) => graph.as(viewer).data<Blocked>(BLOCKED, { first: 2, after });
  const first = (await pageOf(person)).blockedUsers;
  const second = (await pageOf(person, first.pageInfo.endCursor)).blockedUsers;
  expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual(
    others.map(({ userId }) => userId).reverse(),
  );
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  expect((await pageOf(others[0] ?? person)).blockedUsers.edges).toEqual([]);
  expect((await pageOf(userViewer(newId('user'), 'admin'))).blockedUsers.edges).toEqual([]);
  expect((await graph.anonymously.run(BLOCKED)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(await graph.as(person).queriesOf(BLOCKED, { first: 1 })).toBe(1);
  expect(await graph.as(person).queriesOf(BLOCKED, { first: 100 })).toBe(1);
});

test('whom one has blocked makes no statement more', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  const query = '{ users(first: 100) { edges { node { id name followersCount } } } }';
  expect(await graph.as(one).queriesOf(query)).toBe(1);
  await act(one, BLOCK, other.userId);
  expect(await graph.as(one).queriesOf(query)).toBe(1);
});

test('a follow that a block has ended in the same request is told as ended once the block is taken back', async () => {
  const [ada, grace] = [await aPerson(graph), await aPerson(graph)];
  const shown = 'user { isFollowedByViewer followers { edges { node { id } } } }';
  const { unblockUser } = await graph.as(ada).data<{ unblockUser: object }>(
    `mutation ($id: ID!) { followUser(input: { userId: $id }) { ${shown} } blockUser(input: { userId: $id }) { userErrors { code } }
      unblockUser(input: { userId: $id }) { ${shown} } }`,
    { id: grace.userId },
  );
  expect(unblockUser).toEqual({ user: { isFollowedByViewer: false, followers: { edges: [] } } });
});
