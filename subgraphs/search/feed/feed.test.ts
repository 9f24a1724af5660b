import { newId } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);

const FEED = `query ($first: Int, $after: String, $last: Int, $before: String) {
  homeFeed(first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage startCursor endCursor } edges { cursor node { reason publishedAt post { id } } } } }`;

interface Feed {
  readonly homeFeed: {
    pageInfo: { hasNextPage: boolean; startCursor: string; endCursor: string };
    edges: { cursor: string; node: { reason: string; publishedAt: string; post: { id: string } } }[];
  };
}
const feedOf = async (asking: Asking, variables: Record<string, unknown> = {}) => {
  const { homeFeed } = await asking.data<Feed>(FEED, variables);
  return { ...homeFeed, ids: homeFeed.edges.map((edge) => edge.node.post.id) };
};
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

function aReader() {
  const userId = newId('user');
  return { userId, asking: graph.as(userViewer(userId)) };
}

test('posts of people one follows, of communities one is in, and one’s own, newest first, each once and with its reason', async () => {
  const { userId, asking } = aReader();
  const [friend, community] = [newId('user'), await given.community('cellists')];
  await given.follow(userId, friend);
  await given.join(community, userId);
  const joined = await given.post({ communityId: community, publishedAt: minutesAgo(4) });
  const followed = await given.post({ authorId: friend, publishedAt: minutesAgo(3) });
  const both = await given.post({ authorId: friend, communityId: community, publishedAt: minutesAgo(2) });
  const own = await given.post({ authorId: userId, communityId: community, publishedAt: minutesAgo(1) });
  await given.post({});
  await given.post({ authorId: userId, status: 'DRAFT' });
  await given.post({ authorId: friend, status: 'DRAFT' });
  expect((await feedOf(asking)).edges.map(({ node }) => [node.post.id, node.reason])).toEqual([
    [own, 'OWN'],
    [both, 'FOLLOWED_PERSON'],
    [followed, 'FOLLOWED_PERSON'],
    [joined, 'JOINED_COMMUNITY'],
  ]);
  await given.unfollow(userId, friend);
  expect((await feedOf(asking)).edges.map(({ node }) => [node.post.id, node.reason])).toEqual([
    [own, 'OWN'],
    [both, 'JOINED_COMMUNITY'],
    [joined, 'JOINED_COMMUNITY'],
  ]);
  await given.leave(community, userId);
  expect((await feedOf(asking)).ids).toEqual([own]);
});

test('what a followed person writes in a private community is not shown to those outside, nor to those who were removed', async () => {
  const { userId, asking } = aReader();
  const [friend, community] = [newId('user'), await given.community('closed-cellos', true)];
  await given.follow(userId, friend);
  const post = await given.post({ authorId: friend, communityId: community });
  const own = await given.post({ authorId: userId, communityId: community });
  expect((await feedOf(asking)).ids).toEqual([]);
  await given.join(community, userId);
  expect(new Set((await feedOf(asking)).ids)).toEqual(new Set([post, own]));
  await given.leave(community, userId);
  expect((await feedOf(asking)).ids).toEqual([]);
});

test('pages follow on while new posts come and old ones go', async () => {
  const { userId, asking } = aReader();
  const friend = newId('user');
  await given.follow(userId, friend);
  const posts = await given.posts(
    Array.from({ length: 13 }, (_, index) => ({ authorId: friend, publishedAt: minutesAgo(20 - index) })),
  );
  const newestFirst = [...posts].reverse();
  const first = await feedOf(asking, { first: 5 });
  await given.post({ authorId: friend });
  await given.deletePost(newestFirst[4] ?? '');
  const second = await feedOf(asking, { first: 5, after: first.pageInfo.endCursor });
  const third = await feedOf(asking, { first: 5, after: second.pageInfo.endCursor });
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual(newestFirst);
  expect([first, second, third].map((page) => page.pageInfo.hasNextPage)).toEqual([true, true, false]);
  const back = await feedOf(asking, { last: 4, before: third.pageInfo.startCursor });
  expect(back.ids).toEqual(newestFirst.slice(6, 10));
});

test('an event of an earlier follow does not undo a later one', async () => {
  const { userId, asking } = aReader();
  const friend = newId('user');
  const follow = { followerId: userId, followedId: friend };
  await graph.deliver('users', 'user.unfollowed', follow, { aggregateVersion: 20 });
  await graph.deliver('users', 'user.followed', follow, { aggregateVersion: 10 });
  await given.post({ authorId: friend });
  expect((await feedOf(asking)).ids).toEqual([]);
});

test('is for those who are signed in', async () => {
  const { errors } = await graph.anonymously.run(FEED);
  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});

test('bad pages have their codes', async () => {
  const { asking } = aReader();
  const codeOf = async (variables: Record<string, unknown>) =>
    (await asking.run(FEED, variables)).errors?.[0]?.extensions?.['code'];
  for (const first of [0, -1, 1_000_000_000]) expect(await codeOf({ first })).toBe('PAGE_SIZE_OUT_OF_RANGE');
  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  for (const after of [
    'x',
    cursor('posts', 'a', 'b'),
    cursor('homeFeed', 'no time', newId('post')),
    cursor('homeFeed', minutesAgo(1), newId('user')),
  ]) {
    expect(await codeOf({ after })).toBe('INVALID_CURSOR');
  }
});

test('costs one statement, whatever one follows', async () => {
  const { userId, asking } = aReader();
  for (let index = 0; index < 5; index++) {
    const friend = newId('user');
    await given.follow(userId, friend);
    await given.posts(Array.from({ length: 6 }, () => ({ authorId: friend })));
  }
  expect((await feedOf(asking, { first: 30 })).ids).toHaveLength(30);
  expect(await asking.queriesOf(FEED, { first: 30 })).toBe(1);
});
