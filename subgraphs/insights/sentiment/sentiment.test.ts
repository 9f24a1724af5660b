import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer, userViewer } from 'kit/viewer';
import { aComment, aPost, aPrivateCommunity, eventually } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';
import { reanalyseAfter } from './sentiment.actions.ts';
import { reanalyseOutdated } from './sentiment.jobs.ts';
import { analyseSentiment, modelVersion } from './sentiment.model.ts';

const graph = testSubgraph(insights);

const GOOD = 'What a wonderful, delightful day! I love this, thank you so much.';
const BAD = 'This is a terrible, disgusting disaster. I hate it, you horrible idiots!';
const SENTIMENT = `id sentiment {
  score label confidence modelVersion analysedAt emotions { joy sadness anger fear surprise disgust }
}`;

type Asking = ReturnType<typeof graph.as>;

interface Answered {
  readonly id: Id;
  readonly sentiment: ({ readonly label: string; readonly score: number } & Record<string, unknown>) | null;
}

const stranger = () => graph.as(userViewer(newId('user')));
const seenBy = async (asking: Asking, type: 'Post' | 'Comment', id: Id) =>
  (await asking.entity(type, id, SENTIMENT)) as Answered | null;
const labelOf = async (type: 'Post' | 'Comment', id: Id) => (await seenBy(stranger(), type, id))?.sentiment?.label;

const storedOf = async (targetId: Id) => {
  const [row] = await graph.rows<{ text: string | null; isFlagged: boolean | null; modelVersion: string | null }>(sql`
    select t.text, s.is_flagged as "isFlagged", s.model_version as "modelVersion"
    from sentiment_text t left join sentiment s using (target_id) where t.target_id = ${toUuid(targetId)}`);
  return row;
};

const deletePost = (postId: Id, options = {}) =>
  graph.deliver('content', 'post.deleted', { postId, authorId: newId('user'), communityId: null }, options);
const deleteComment = (commentId: Id, postId: Id, options = {}) =>
  graph.deliver('engagement', 'comment.deleted', { commentId, postId }, options);

test('a published post shows the mood of its title and text to whoever sees it', async () => {
  const postId = await aPost(graph, { title: 'Good news', text: GOOD });
  const expected = analyseSentiment(`Good news\n\n${GOOD}`);
  for (const asking of [stranger(), graph.anonymously]) {
    const answered = await seenBy(asking, 'Post', postId);
    const { analysedAt, ...rest } = answered?.sentiment ?? { analysedAt: null };
    expect(rest).toEqual({ ...expected, modelVersion });
    expect(Math.abs(Date.parse(String(analysedAt)) - Date.now())).toBeLessThan(10_000);
  }
  expect(expected.label).toBe('POSITIVE');
  const badTitle = await aPost(graph, { title: BAD, text: 'The meeting is on Monday.' });
  expect((await seenBy(stranger(), 'Post', badTitle))?.sentiment?.score).toBeLessThan(0);
});

test('a comment shows its own mood, and an edit judges it anew', async () => {
  const postId = await aPost(graph);
  const commentId = await aComment(graph, { postId, text: GOOD });
  expect(await labelOf('Comment', commentId)).toBe('POSITIVE');
  await aComment(graph, { id: commentId, postId, text: BAD });
  expect(await labelOf('Comment', commentId)).toBe('NEGATIVE');
  await aPost(graph, { id: postId, text: BAD });
  expect(await labelOf('Post', postId)).toBe('NEGATIVE');
});

test('only what is bad, and surely so, is flagged', async () => {
  const postId = await aPost(graph);
  const bad = await aComment(graph, { postId, text: BAD });
  const good = await aComment(graph, { postId, text: GOOD });
  const dry = await aComment(graph, { postId, text: 'The meeting is on Monday.' });
  const { score, confidence } = analyseSentiment(BAD);
  expect([score <= -0.6, confidence >= 0.6]).toEqual([true, true]);
  expect(await storedOf(bad)).toMatchObject({ isFlagged: true });
  expect(await storedOf(good)).toMatchObject({ isFlagged: false });
  expect(await storedOf(dry)).toMatchObject({ isFlagged: false });
  await aComment(graph, { id: bad, postId, text: GOOD });
  expect(await storedOf(bad)).toMatchObject({ isFlagged: false });
});

test('a draft is not analysed, not even for its author, until it is published', async () => {
  const authorId = newId('user');
  const id = await aPost(graph, { authorId, status: 'DRAFT', text: GOOD });
  expect(await seenBy(graph.as(userViewer(authorId)), 'Post', id)).toEqual({ id, sentiment: null });
  expect(await seenBy(stranger(), 'Post', id)).toBeNull();
  expect(await storedOf(id)).toMatchObject({ text: null });
  await aPost(graph, { id, authorId, text: GOOD });
  expect(await labelOf('Post', id)).toBe('POSITIVE');
});

test('what is in a private community is nothing to strangers, by any door', async () => {
  const community = await aPrivateCommunity(graph);
  const postId = await aPost(graph, { communityId: community.id, text: GOOD });
  const commentId = await aComment(graph, { postId, text: GOOD });
  for (const insider of [community.member, community.moderator, graph.as(userViewer(newId('user'), 'admin'))]) {
    expect((await seenBy(insider, 'Post', postId))?.sentiment?.label).toBe('POSITIVE');
    expect((await seenBy(insider, 'Comment', commentId))?.sentiment?.label).toBe('POSITIVE');
  }
  for (const outsider of [stranger(), graph.anonymously]) {
    expect(await seenBy(outsider, 'Post', postId)).toBeNull();
    expect(await seenBy(outsider, 'Comment', commentId)).toBeNull();
  }
  await graph.deliver('content', 'member.left', { communityId: community.id, userId: community.memberId });
  expect(await seenBy(community.member, 'Post', postId)).toBeNull();
  expect(await seenBy(community.member, 'Comment', commentId)).toBeNull();
});

test('a deleted comment leaves no word and no mood behind', async () => {
  const postId = await aPost(graph);
  const commentId = await aComment(graph, { postId, text: BAD });
  await deleteComment(commentId, postId);
  expect(await seenBy(stranger(), 'Comment', commentId)).toBeNull();
  expect(await storedOf(commentId)).toEqual({ text: null, isFlagged: null, modelVersion: null });
});

test('a deleted post takes the words under it along', async () => {
  const postId = await aPost(graph, { text: BAD });
  const commentId = await aComment(graph, { postId, text: BAD });
  const other = await aComment(graph, { postId: await aPost(graph), text: BAD });
  await deletePost(postId);
  for (const id of [postId, commentId])
    expect(await storedOf(id)).toEqual({ text: null, isFlagged: null, modelVersion: null });
  expect(await seenBy(graph.as(userViewer(newId('user'), 'admin')), 'Post', postId)).toBeNull();
  expect(await seenBy(graph.as(userViewer(newId('user'), 'admin')), 'Comment', commentId)).toBeNull();
  expect(await labelOf('Comment', other)).toBe('NEGATIVE');

  const late = await aComment(graph, { postId, text: BAD });
  await aComment(graph, { id: commentId, postId, text: BAD });
  expect(await storedOf(late)).toBeUndefined();
  expect(await storedOf(commentId)).toMatchObject({ text: null });
});

test('events that come twice, late or in the wrong order end in the same state', async () => {
  const id = await aPost(graph, { text: BAD }, { aggregateVersion: 20 });
  await aPost(graph, { id, text: GOOD }, { aggregateVersion: 10 });
  expect(await labelOf('Post', id)).toBe('NEGATIVE');
  const event = crypto.randomUUID();
  await aPost(graph, { id, text: GOOD }, { id: event, aggregateVersion: 30 });
  await aPost(graph, { id, text: BAD }, { id: event, aggregateVersion: 40 });
  expect(await labelOf('Post', id)).toBe('POSITIVE');
  await deletePost(id, { aggregateVersion: 50 });
  await aPost(graph, { id, text: GOOD }, { aggregateVersion: 45 });
  expect(await storedOf(id)).toMatchObject({ text: null, modelVersion: null });

  const postId = await aPost(graph);
  const commentId = newId('comment');
  await deleteComment(commentId, postId, { aggregateVersion: 20 });
  await aComment(graph, { id: commentId, postId, text: BAD }, { aggregateVersion: 10 });
  expect(await storedOf(commentId)).toEqual({ text: null, isFlagged: null, modelVersion: null });
  expect(await seenBy(stranger(), 'Comment', commentId)).toBeNull();
});

test('a comment that comes before its post is seen once the post is there', async () => {
  const postId = newId('post');
  const commentId = await aComment(graph, { postId, text: GOOD });
  expect(await seenBy(stranger(), 'Comment', commentId)).toBeNull();
  await aPost(graph, { id: postId });
  expect(await labelOf('Comment', commentId)).toBe('POSITIVE');
});

test('posts and their comments cost one statement each, twenty or a hundred', async () => {
  const postIds = await Promise.all(Array.from({ length: 100 }, () => aPost(graph, { text: GOOD })));
  const commentIds = await Promise.all(postIds.map((postId) => aComment(graph, { postId, text: BAD })));
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
    ... on Post { ${SENTIMENT} } ... on Comment { ${SENTIMENT} }
  } }`;
  const representations = (count: number) => [
    ...postIds.slice(0, count).map((id) => ({ __typename: 'Post', id })),
    ...commentIds.slice(0, count).map((id) => ({ __typename: 'Comment', id })),
  ];
  for (const count of [20, 100]) {
    expect(await stranger().queriesOf(query, { r: representations(count) })).toBe(2);
    expect(await graph.anonymously.queriesOf(query, { r: representations(count) })).toBe(2);
  }
  const { _entities: answered } = await stranger().data<{ _entities: Answered[] }>(query, { r: representations(100) });
  expect(answered.map(({ id }) => id)).toEqual([...postIds, ...commentIds]);
  expect(new Set(answered.slice(100).map(({ sentiment }) => sentiment?.label))).toEqual(new Set(['NEGATIVE']));
});

test('a new model judges everything anew, in batches, and only once', async () => {
  const postId = await aPost(graph, { text: GOOD });
  await graph.rows(sql`
    insert into sentiment_text (target_id, kind, post_id, text, version)
    select gen_random_uuid(), 'COMMENT', ${toUuid(postId)}, ${BAD}, 1 from generate_series(1, 1200)`);
  await graph.rows(sql`
    insert into sentiment (target_id, kind, post_id, text_version, score, label, confidence, emotions, is_flagged, model_version)
    select target_id, kind, post_id, version, 0, 'NEUTRAL', 0, '{}', false, 'coin-1' from sentiment_text t
    where post_id = ${toUuid(postId)} and kind = 'COMMENT'`);
  await graph.rows(
    sql`update sentiment set label = 'NEUTRAL', model_version = 'coin-1' where target_id = ${toUuid(postId)}`,
  );
  await reanalyseOutdated(graph.running().contextFor(systemViewer));
  await reanalyseOutdated(graph.running().contextFor(systemViewer));
  const models = () =>
    graph.rows<{ model: string; label: string; flagged: boolean; count: number }>(sql`
      select model_version as model, label, is_flagged as flagged, count(*) from sentiment
      where post_id = ${toUuid(postId)} group by 1, 2, 3 order by 4 desc`);
  const after = await eventually(models, (rows) => rows[0]?.model === modelVersion && rows[0].count === 1200, 12);
  expect(after).toEqual([
    { model: modelVersion, label: 'NEGATIVE', flagged: true, count: 1200 },
    { model: modelVersion, label: 'POSITIVE', flagged: false, count: 1 },
  ]);
  const waiting = () =>
    graph.rows(
      sql`select 1 from job.job where name = 'sentiment.reanalyse' and state in ('created', 'active', 'retry')`,
    );
  expect(await eventually(waiting, (jobs) => jobs.length === 0)).toEqual([]);
});

test('an edit while a new model judges the old text wins', async () => {
  const postId = await aPost(graph);
  const ids = await Promise.all(Array.from({ length: 40 }, () => aComment(graph, { postId, text: BAD })));
  await graph.rows(sql`update sentiment set model_version = 'coin-1' where post_id = ${toUuid(postId)}`);
  const system = graph.running().contextFor(systemViewer);
  const lowest = '00000000-0000-0000-0000-000000000000';
  const edits = ids.map((id) => aComment(graph, { id, postId, text: GOOD }));
  await Promise.all([...edits, ...Array.from({ length: 10 }, () => reanalyseAfter(system, lowest, 1000))]);
  for (const id of ids) expect(await labelOf('Comment', id)).toBe('POSITIVE');
});

test('texts of every kind are stored and judged, none breaks the queue', async () => {
  const postId = await aPost(graph);
  const texts = [
    '',
    ' ',
    '\ud800',
    '\u202e',
    '🙂'.repeat(5000),
    'ﷺ'.repeat(10_000),
    'a'.repeat(100_000),
    '你好，世界',
    "'; drop table sentiment; --",
    '!?'.repeat(5000),
  ];
  for (const text of texts) {
    const commentId = await aComment(graph, { postId, text });
    const { sentiment } = (await seenBy(stranger(), 'Comment', commentId)) ?? {};
    expect(['POSITIVE', 'NEUTRAL', 'NEGATIVE']).toContain(sentiment?.label);
  }
});

test('references that are none are refused with their code', async () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }`;
  const codeOf = async (__typename: string, id: string) =>
    (await stranger().run(query, { r: [{ __typename, id }] })).errors?.[0]?.extensions?.['code'];
  for (const type of ['Post', 'Comment']) {
    for (const id of ['', 'x', '\u0000', 'a'.repeat(100_000)]) expect(await codeOf(type, id)).toBe('INVALID_ID');
    expect(await codeOf(type, newId('user'))).toBe('WRONG_ID_TYPE');
  }
  expect(await seenBy(stranger(), 'Post', newId('post'))).toBeNull();
  expect(await seenBy(stranger(), 'Comment', newId('comment'))).toBeNull();
});
