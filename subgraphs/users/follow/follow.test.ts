import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, type TestPerson } from '../testing.ts';

const graph = testSubgraph(users);
const mutation = (name: string) =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
    ${name}(input: $input) { user { followersCount isFollowedByViewer } userErrors { field code } } }`;
const follow = mutation('followUser');
const unfollow = mutation('unfollowUser');

test('following twice is following once, and unfollowing takes it back', async () => {
  const [ada, grace] = [await aPerson(graph), await aPerson(graph)];
  const input = { userId: ada.userId };
  const followed = { followUser: { user: { followersCount: 1, isFollowedByViewer: true }, userErrors: [] } };
  expect(await graph.as(grace).data(follow, { input })).toEqual(followed);
  expect(await graph.as(grace).data(follow, { input })).toEqual(followed);
  expect(
    await graph.anonymously.data('query ($id: ID) { user(id: $id) { followers { edges { node { username } } } } }', {
      id: ada.userId,
    }),
  ).toEqual({
    user: { followers: { edges: [{ node: { username: grace.username } }] } },
  });
  expect(await graph.as(grace).data(unfollow, { input })).toEqual({
    unfollowUser: { user: { followersCount: 0, isFollowedByViewer: false }, userErrors: [] },
  });
});

test('what comes of several changes in one request is told of each as it was by then', async () => {
  const [ada, grace] = [await aPerson(graph), await aPerson(graph)];
  const shown = '{ user { isFollowedByViewer followersCount followers { edges { node { username } } } } }';
  const query = `mutation ($input: FollowUserInput!, $same: UnfollowUserInput!) {
    followUser(input: $input) ${shown} unfollowUser(input: $same) ${shown} }`;
  const input = { userId: ada.userId };
  const edges = [{ node: { username: grace.username } }];
  expect(await graph.as(grace).data(query, { input, same: input })).toEqual({
    followUser: { user: { isFollowedByViewer: true, followersCount: 1, followers: { edges } } },
    unfollowUser: { user: { isFollowedByViewer: false, followersCount: 0, followers: { edges: [] } } },
  });
});

test.each([
  ['nobody', () => newId('user'), 'NOT_FOUND'],
  ['a post', () => newId('post'), 'WRONG_ID_TYPE'],
  ['nothing', () => '', 'INVALID_ID'],
])('following %s is refused', async (_, id, code) => {
  const { followUser } = await graph
    .as(await aPerson(graph))
    .data<{ followUser: object }>(follow, { input: { userId: id() } });
  expect(followUser).toEqual({ user: null, userErrors: [{ field: ['userId'], code }] });
});

test('nobody follows themselves', async () => {
  const ada = await aPerson(graph);
  expect(await graph.as(ada).data(follow, { input: { userId: ada.userId } })).toMatchObject({
    followUser: { userErrors: [{ code: 'BAD_USER_INPUT' }] },
  });
});

test('a crowd that follows each other at once ends with counts that equal the rows', async () => {
  const crowd = await Promise.all([1, 2, 3, 4, 5, 6].map(() => aPerson(graph)));
  const pairs = crowd.flatMap((one) => crowd.filter((other) => other !== one).map((other) => [one, other] as const));
  await Promise.all(
    [...pairs, ...pairs].map(([one, other]) => graph.as(one).data(follow, { input: { userId: other.userId } })),
  );
  for (const { userId } of crowd) {
    expect(
      await graph.anonymously.data('query ($id: ID) { user(id: $id) { followersCount followingCount } }', {
        id: userId,
      }),
    ).toEqual({
      user: { followersCount: 5, followingCount: 5 },
    });
  }
});

test('the follows of many people cost as many statements as those of one, and are each person’s own', async () => {
  const one = await aPerson(graph);
  const two = await aPerson(graph);
  const three = await aPerson(graph);
  for (const [follower, { userId }] of [
    [one, two],
    [two, one],
    [three, one],
  ] as const) {
    await graph.as(follower).data(follow, { input: { userId } });
  }
  const query = `query ($first: Int) { users(first: $first) { edges { node { username
    followers(first: 2) { edges { node { username } } } following(last: 1) { edges { node { username } } } } } } }`;
  const asking = graph.as(one);
  expect(await asking.queriesOf(query, { first: 3 })).toBe(await asking.queriesOf(query, { first: 1 }));
  const edges = (...people: TestPerson[]) => ({ edges: people.map(({ username }) => ({ node: { username } })) });
  expect(await asking.data(query, { first: 3 })).toEqual({
    users: {
      edges: [
        { node: { username: three.username, followers: edges(), following: edges(one) } },
        { node: { username: two.username, followers: edges(one), following: edges(one) } },
        { node: { username: one.username, followers: edges(three, two), following: edges(two) } },
      ],
    },
  });
});

test('nobody follows who is not there (any more), not even who can see them: their numbers would stay for ever', async () => {
  const [admin, unconfirmed, nameless] = [
    { ...(await aPerson(graph)), role: 'admin' },
    await anUnverifiedPerson(graph),
    await aPerson(graph),
  ];
  await graph.rows(sql`
    update "user" set deleted_at = now(), anonymised_at = now() where id = ${toUuid(nameless.userId)}`);
  for (const { userId } of [unconfirmed, nameless]) {
    expect(await graph.as(admin).data(follow, { input: { userId } })).toMatchObject({
      followUser: { userErrors: [{ field: ['userId'], code: 'NOT_FOUND' }] },
    });
  }
});
