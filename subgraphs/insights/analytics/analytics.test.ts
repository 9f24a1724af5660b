import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { aPost, aPrivateCommunity } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';

const graph = testSubgraph(insights);

const ANALYTICS = `query ($postId: ID!) { analytics(postId: $postId) {
  postId post { id } views uniqueViewers likes dislikes comments shares bookmarks up down score engagementRate lastViewedAt
} }`;
const DAYS = `query ($postId: ID!, $days: Int) { analytics(postId: $postId) { byDay(days: $days) { day views interactions } } }`;
const TRACK = `mutation ($input: TrackEventInput!) { trackEvent(input: $input) { accepted } }`;

type Asking = ReturnType<typeof graph.as>;
interface Answer {
  readonly analytics: Record<string, unknown>;
}

const person = (role = 'user') => {
  const id = newId('user');
  return { id, asking: graph.as(userViewer(id, role)) };
};
const track = (asking: Asking, postId: Id, kind: string) => asking.data(TRACK, { input: { postId, kind } });
const analyticsFor = async (asking: Asking, postId: Id) => (await asking.data<Answer>(ANALYTICS, { postId })).analytics;
const codeFor = async (asking: Asking, postId: string, query = ANALYTICS) =>
  (await asking.run(query, { postId })).errors?.[0]?.extensions?.['code'];
const throughEntities = async (asking: Asking, postId: string, selection = 'views') => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Analytics { ${selection} } } }`;
  const { data } = await asking.run(query, { r: [{ __typename: 'Analytics', postId }] });
  return (data?.['_entities'] as unknown[] | undefined)?.[0];
};

test('an author reads what came of a post', async () => {
  const author = person();
  const postId = await aPost(graph, { authorId: author.id });
  const untouched = await analyticsFor(author.asking, postId);
  expect(untouched).toMatchObject({ views: 0, score: 0, engagementRate: 0, lastViewedAt: null });

  for (const kind of ['VIEW', 'LIKE', 'SHARE']) await track(graph.anonymously, postId, kind);
  await track(person().asking, postId, 'VIEW');
  await graph.deliver('engagement', 'post.counted', { postId, up: 5, down: 2, score: 3, comments: 1, bookmarks: 0 });
  const { lastViewedAt, ...sums } = await analyticsFor(author.asking, postId);
  expect(sums).toEqual({
    ...{ postId, post: { id: postId }, views: 2, uniqueViewers: 2, likes: 1, dislikes: 0, comments: 1, shares: 1 },
    ...{ bookmarks: 0, up: 5, down: 2, score: 3, engagementRate: 1 },
  });
  expect(Math.abs(Date.parse(String(lastViewedAt)) - Date.now())).toBeLessThan(10_000);
});

test('days are filled up and end today, whatever lies before them', async () => {
  const author = person();
  const postId = await aPost(graph, { authorId: author.id });
  for (const kind of ['VIEW', 'LIKE', 'SHARE']) await track(graph.anonymously, postId, kind);
  const midnight = new Date(new Date().setUTCHours(0, 0, 0, 0));
  const hours = { yesterdayAtLast: -1, beforeAtFirst: -48, beforeThat: -49 };
  for (const hour of Object.values(hours)) {
    await graph.rows(sql`insert into post_hour (post_id, hour, kind, count)
      values (${toUuid(postId)}, ${new Date(midnight.getTime() + hour * 3_600_000)}, 'VIEW', 7)`);
  }
  const byDay = async (days?: number) =>
    (await author.asking.data<Answer>(DAYS, { postId, ...(days === undefined ? {} : { days }) })).analytics[
      'byDay'
    ] as object[];
  const dayBefore = (n: number) => new Date(midnight.getTime() - n * 86_400_000).toISOString();
  expect(await byDay(3)).toEqual([
    { day: dayBefore(2), views: 7, interactions: 0 },
    { day: dayBefore(1), views: 7, interactions: 0 },
    { day: dayBefore(0), views: 1, interactions: 2 },
  ]);
  expect(await byDay(1)).toEqual([{ day: dayBefore(0), views: 1, interactions: 2 }]);
  expect(await byDay()).toHaveLength(30);
  expect((await byDay(365)).slice(-5, -3)).toEqual([
    { day: dayBefore(4), views: 0, interactions: 0 },
    { day: dayBefore(3), views: 7, interactions: 0 },
  ]);
  for (const days of [0, -1, 366, 1e9]) {
    expect((await author.asking.run(DAYS, { postId, days })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  }
});

test('who sees a public post may still not read its analytics: only its author and administrators', async () => {
  const author = person();
  const postId = await aPost(graph, { authorId: author.id });
  for (const allowed of [author.asking, person('admin').asking]) {
    expect(await analyticsFor(allowed, postId)).toMatchObject({ views: 0 });
    expect(await throughEntities(allowed, postId)).toEqual({ views: 0 });
    expect(await allowed.entity('Post', postId, 'id analytics { views }')).toEqual({
      id: postId,
      analytics: { views: 0 },
    });
  }
  for (const stranger of [person().asking, person('moderator').asking, graph.anonymously]) {
    expect(await codeFor(stranger, postId)).toBe('FORBIDDEN');
    expect(await throughEntities(stranger, postId)).toBeNull();
    expect(await stranger.entity('Post', postId, 'id analytics { views }')).toEqual({ id: postId, analytics: null });
  }
});

test('in a private community its moderators read them, members do not, to others the post is not there', async () => {
  const community = await aPrivateCommunity(graph);
  const postId = await aPost(graph, { communityId: community.id, authorId: community.memberId });
  const strange = await aPost(graph, { communityId: community.id });
  for (const allowed of [community.owner, community.moderator, person('admin').asking]) {
    expect(await analyticsFor(allowed, strange)).toMatchObject({ views: 0 });
    expect(await throughEntities(allowed, strange)).toEqual({ views: 0 });
  }
  expect(await analyticsFor(community.member, postId)).toMatchObject({ views: 0 });
  expect(await codeFor(community.member, strange)).toBe('FORBIDDEN');
  expect(await throughEntities(community.member, strange)).toBeNull();
  for (const stranger of [person().asking, graph.anonymously]) {
    expect(await codeFor(stranger, postId)).toBe('NOT_FOUND');
    expect(await throughEntities(stranger, postId)).toBeNull();
    expect(await stranger.entity('Post', postId, 'id analytics { views }')).toBeNull();
  }
});

test('who leaves loses what they could read there: the moderator and the author', async () => {
  const community = await aPrivateCommunity(graph);
  const postId = await aPost(graph, { communityId: community.id, authorId: community.memberId });
  await graph.deliver('content', 'member.left', { communityId: community.id, userId: community.memberId });
  expect(await codeFor(community.member, postId)).toBe('NOT_FOUND');
  expect(await throughEntities(community.member, postId)).toBeNull();
});

test('drafts of others, deleted and unknown posts have no analytics for anybody', async () => {
  const author = person();
  const admin = person('admin');
  const draft = await aPost(graph, { authorId: author.id, status: 'DRAFT' });
  expect(await analyticsFor(author.asking, draft)).toMatchObject({ views: 0 });
  const deleted = await aPost(graph, { authorId: author.id });
  await track(graph.anonymously, deleted, 'VIEW');
  await graph.deliver('content', 'post.deleted', { postId: deleted, authorId: author.id, communityId: null });
  for (const postId of [deleted, newId('post')]) expect(await codeFor(author.asking, postId)).toBe('NOT_FOUND');
  for (const postId of [draft, deleted, newId('post')]) {
    expect(await codeFor(admin.asking, postId)).toBe('NOT_FOUND');
    expect(await throughEntities(admin.asking, postId)).toBeNull();
  }
});

test('ids that are none are refused with their code', async () => {
  const { asking } = person();
  for (const id of ['', 'nonsense', '\u0000', `post_${'a'.repeat(100_000)}`])
    expect(await codeFor(asking, id)).toBe('INVALID_ID');
  expect(await codeFor(asking, newId('user'))).toBe('WRONG_ID_TYPE');
});

test('twenty posts cost as many statements as a hundred', async () => {
  const community = await aPrivateCommunity(graph);
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id sentiment { score } analytics { views byDay(days: 7) { views } } } } }`;
  const posts = await Promise.all(Array.from({ length: 100 }, () => aPost(graph, { communityId: community.id })));
  const costOf = (asking: Asking, some: readonly Id[]) =>
    asking.queriesOf(query, { r: some.map((id) => ({ __typename: 'Post', id })) });
  // Posts with their sentiments, who may see them, what the viewer moderates, the sums, the days.
  expect(await costOf(community.moderator, posts.slice(0, 20))).toBe(5);
  expect(await costOf(community.moderator, posts)).toBe(5);
  expect(await costOf(graph.anonymously, posts)).toBe(1);
});

test('counts of votes that are repeated or come late change nothing', async () => {
  const author = person();
  const postId = await aPost(graph, { authorId: author.id });
  const counted = (up: number) => ({ postId, up, down: 0, score: up, comments: 0, bookmarks: 0 });
  const id = crypto.randomUUID();
  await graph.deliver('engagement', 'post.counted', counted(5), { id, aggregateVersion: 50 });
  await graph.deliver('engagement', 'post.counted', counted(3), { aggregateVersion: 30 });
  await graph.deliver('engagement', 'post.counted', counted(6), { aggregateVersion: 60 });
  await graph.deliver('engagement', 'post.counted', counted(5), { id, aggregateVersion: 50 });
  await graph.deliver('engagement', 'post.counted', counted(5), { aggregateVersion: 50 });
  expect(await analyticsFor(author.asking, postId)).toMatchObject({ up: 6, score: 6, views: 0 });
});
