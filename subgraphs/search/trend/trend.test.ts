import { newId } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

const TREND = `query ($window: TrendWindow, $first: Int, $after: String, $last: Int, $before: String) {
  trendingPosts(window: $window, first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage startCursor endCursor } edges { cursor node { score reason post { id } } } } }`;

interface Trending {
  readonly trendingPosts: {
    pageInfo: { hasNextPage: boolean; startCursor: string; endCursor: string };
    edges: { cursor: string; node: { score: number; reason: string; post: { id: string } } }[];
  };
}
const trending = async (asking: Asking, variables: Record<string, unknown> = {}) => {
  const { trendingPosts } = await asking.data<Trending>(TREND, variables);
  return { ...trendingPosts, ids: trendingPosts.edges.map((edge) => edge.node.post.id) };
};
const forget = () => graph.anonymously.context().services.cache.invalidate(['trend']);

beforeEach(async () => {
  // Each test has a list of its own: what the others left is deleted.
  for (const id of (await trending(graph.anonymously, { window: 'WEEK', first: 100 })).ids) await given.deletePost(id);
  await forget();
});

test('votes, comments and bookmarks raise a post, time lowers it, and the list says why', async () => {
  const [fresh, voted, discussed, kept, old] = [
    await given.post({ publishedAt: hoursAgo(1) }),
    await given.post({ publishedAt: hoursAgo(2) }),
    await given.post({ publishedAt: hoursAgo(2) }),
    await given.post({ publishedAt: hoursAgo(2) }),
    await given.post({ publishedAt: hoursAgo(30) }),
  ];
  await given.count(voted, { score: 20, comments: 1 });
  await given.count(discussed, { score: 3, comments: 20 });
  await given.count(kept, { score: 1, bookmarks: 9 });
  await given.count(old, { score: 100 });
  const day = await trending(graph.anonymously);
  expect(day.edges.map(({ node }) => [node.post.id, node.reason])).toEqual([
    [discussed, 'DISCUSSED'],
    [voted, 'VOTED'],
    [kept, 'BOOKMARKED'],
    [fresh, 'NEW'],
  ]);
  // (1 + 20 + 2 × 1) ÷ (2 + 2)^1.5; the list is as of a moment at most 30 s ago.
  expect(day.edges[1]?.node.score).toBeCloseTo(23 / 8, 1);
  expect((await trending(graph.anonymously, { window: 'WEEK' })).ids).toEqual([discussed, voted, kept, old, fresh]);
});

test('what one may not see does not trend for them, at once', async () => {
  const member = userViewer(newId('user'));
  const community = await given.community('trombones', true);
  await given.join(community, member.userId ?? '');
  const hidden = await given.post({ communityId: community });
  await given.post({ status: 'DRAFT', authorId: member.userId ?? '' });
  const open = await given.post({});
  expect(new Set((await trending(graph.as(member))).ids)).toEqual(new Set([hidden, open]));
  expect((await trending(graph.anonymously)).ids).toEqual([open]);
  await given.leave(community, member.userId ?? '');
  expect((await trending(graph.as(member))).ids).toEqual([open]);
  await given.deletePost(open);
  expect((await trending(graph.anonymously)).ids).toEqual([]);
});

test('pages go through the list as it was when it began', async () => {
  const posts = await given.posts(Array.from({ length: 12 }, () => ({ publishedAt: hoursAgo(3) })));
  for (const [index, id] of posts.entries()) await given.count(id, { score: index });
  const first = await trending(graph.anonymously, { first: 5 });
  await given.count(posts[0] ?? '', { score: 1000 });
  const second = await trending(graph.anonymously, { first: 5, after: first.pageInfo.endCursor });
  const third = await trending(graph.anonymously, { first: 5, after: second.pageInfo.endCursor });
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual([...posts].reverse());
  expect(third.pageInfo.hasNextPage).toBe(false);
  const back = await trending(graph.anonymously, { last: 5, before: third.pageInfo.startCursor });
  expect(back.ids).toEqual(second.ids);
});

test('a list is kept for as long as its cursors are good', async () => {
  await given.posts([{}, {}]);
  await trending(graph.anonymously);
  const { redis } = graph.anonymously.context().services;
  const lists = await redis.keys('cache:*trendingPosts:DAY:*');
  const newest = lists.sort().at(-1) ?? '';
  expect(await redis.ttl(newest)).toBeGreaterThan(3500);
});

test('a cursor of another list, of long ago, of tomorrow or of no moment that had a list is refused', async () => {
  await given.posts([{}, {}]);
  const { pageInfo } = await trending(graph.anonymously, { first: 1 });
  const codeOf = async (variables: Record<string, unknown>) =>
    (await graph.anonymously.run(TREND, variables)).errors?.[0]?.extensions?.['code'];
  expect(await codeOf({ window: 'WEEK', after: pageInfo.endCursor })).toBe('INVALID_CURSOR');
  const thisMoment = Math.floor(Date.now() / 30_000) * 30_000;
  for (const at of [thisMoment - 7_200_000, thisMoment + 3_600_000, thisMoment - 1, thisMoment - 29_999.5, 'now']) {
    const after = Buffer.from(JSON.stringify(['trendingPosts:DAY', at, 1, newId('post')])).toString('base64url');
    expect(await codeOf({ after })).toBe('INVALID_CURSOR');
  }
  for (const first of [0, -1, 1_000_000_000]) expect(await codeOf({ first })).toBe('PAGE_SIZE_OUT_OF_RANGE');
});

test('costs one statement once it is cached, and two before', async () => {
  await given.posts([{}, {}, {}]);
  await forget();
  expect(await graph.anonymously.queriesOf(TREND, { window: 'DAY' })).toBe(2);
  expect(await graph.anonymously.queriesOf(TREND, { window: 'DAY' })).toBe(1);
});
