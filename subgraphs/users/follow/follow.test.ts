import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';

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
