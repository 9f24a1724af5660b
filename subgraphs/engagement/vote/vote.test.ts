import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import {
  aPerson,
  codesOf,
  eventsAbout,
  givenComment,
  givenCommunity,
  givenPost,
  givenPosts,
} from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';
import { castVote, storm, tallyOf, VOTE, wantedTally } from './vote.testing.ts';

const graph = testSubgraph(engagement);

test('a vote on a post is given, changed and taken back', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  const steps = [
    ['UP', { up: 1, down: 0, score: 1 }, 'UP'],
    ['UP', { up: 1, down: 0, score: 1 }, 'UP'],
    ['DOWN', { up: 0, down: 1, score: -1 }, 'DOWN'],
    ['NONE', { up: 0, down: 0, score: 0 }, null],
    ['NONE', { up: 0, down: 0, score: 0 }, null],
    ['DOWN', { up: 0, down: 1, score: -1 }, 'DOWN'],
    ['UP', { up: 1, down: 0, score: 1 }, 'UP'],
  ] as const;
  for (const [value, counts, viewerVote] of steps) {
    expect(await castVote(me, postId, value)).toEqual({
      counts,
      viewerVote,
      post: { id: postId, counts },
      comment: null,
      userErrors: [],
    });
  }
  expect(await me.entity('Post', postId, 'viewerVote counts { up score }')).toEqual({
    viewerVote: 'UP',
    counts: { up: 1, score: 1 },
  });
  // Five of the seven changed something.
  expect((await eventsAbout(graph, postId)).map(({ payload }) => payload['score'])).toEqual([1, -1, 0, -1, 1]);
});

test('a comment is voted on like a post', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  const id = await givenComment(me, postId);
  for (const [value, counts, viewerVote] of [
    ['DOWN', { up: 0, down: 1, score: -1 }, 'DOWN'],
    ['UP', { up: 1, down: 0, score: 1 }, 'UP'],
    ['NONE', { up: 0, down: 0, score: 0 }, null],
  ] as const) {
    expect(await castVote(me, id, value)).toEqual({
      counts,
      viewerVote,
      post: null,
      comment: { id, counts, viewerVote },
      userErrors: [],
    });
  }
  expect(await graph.anonymously.entity('Post', postId, 'counts { up down }')).toEqual({ counts: { up: 0, down: 0 } });
});

test('a withdrawn vote leaves no trace of who gave it', async () => {
  const [me, postId] = [aPerson(), await givenPost(graph)];
  await castVote(graph.as(me), postId, 'UP');
  await castVote(graph.as(me), postId, 'NONE');
  expect(await graph.rows(sql`select 1 from vote where voter_id = ${toUuid(me.userId)}`)).toEqual([]);
});

test('a vote is its voter’s secret', async () => {
  const [me, postId] = [aPerson(), await givenPost(graph)];
  const commentId = await givenComment(graph.as(me), postId);
  await castVote(graph.as(me), postId, 'UP');
  await castVote(graph.as(me), commentId, 'DOWN');
  expect(await graph.as(me).entity('Comment', commentId, 'viewerVote')).toEqual({ viewerVote: 'DOWN' });
  for (const asking of [graph.as(aPerson()), graph.anonymously, graph.as(aPerson('admin'))]) {
    expect(await asking.entity('Post', postId, 'viewerVote')).toEqual({ viewerVote: null });
    expect(await asking.entity('Comment', commentId, 'viewerVote')).toEqual({ viewerVote: null });
  }
});

test('a hundred posts ask for the viewer’s votes once', async () => {
  const [me, posts] = [graph.as(aPerson()), await givenPosts(graph, 100)];
  await castVote(me, posts[5] ?? '', 'DOWN');
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { viewerVote } } }`;
  const representations = (number: number) => ({ r: posts.slice(0, number).map((id) => ({ __typename: 'Post', id })) });
  expect(await me.queriesOf(query, representations(20))).toBe(2);
  expect(await me.queriesOf(query, representations(100))).toBe(2);
  const { _entities } = await me.data<{ _entities: { viewerVote: string | null }[] }>(query, representations(100));
  expect(_entities.flatMap(({ viewerVote }, index) => (viewerVote ? [[index, viewerVote]] : []))).toEqual([
    [5, 'DOWN'],
  ]);
});

test('a vote whose outcome is not asked for is two statements, its event among them', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  const bare = 'mutation ($input: VoteInput!) { vote(input: $input) { userErrors { code } } }';
  expect(await me.queriesOf(bare, { input: { targetId: postId, value: 'UP' } })).toBe(2);
  const counts = { postId, up: 1, down: 0, score: 1, comments: 0, bookmarks: 0 };
  expect(await eventsAbout(graph, postId)).toEqual([{ type: 'post.counted', payload: counts }]);
});

test('votes with a key and without one tell the same, and what changes nothing tells nothing', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  await castVote(me, postId, 'UP');
  await castVote(me, postId, 'DOWN', 'a key');
  await castVote(me, postId, 'DOWN');
  await castVote(me, postId, 'NONE', 'another key');
  await castVote(me, postId, 'NONE');
  const told = (await eventsAbout(graph, postId)).map(({ payload }) => payload);
  const counts = (up: number, down: number) => ({ postId, up, down, score: up - down, comments: 0, bookmarks: 0 });
  expect(told).toEqual([counts(1, 0), counts(0, 1), counts(0, 0)]);
});

describe('refusals', () => {
  test.each([
    ['an unknown post', newId('post'), 'NOT_FOUND'],
    ['an unknown comment', newId('comment'), 'NOT_FOUND'],
    ['a person', newId('user'), 'WRONG_ID_TYPE'],
    ['nothing', '', 'INVALID_ID'],
    ['nonsense', 'post_\0', 'INVALID_ID'],
  ])('%s takes no vote', async (_, targetId, code) => {
    const answer = await castVote(graph.as(aPerson()), targetId, 'UP');
    expect(answer).toMatchObject({ counts: null, viewerVote: null, userErrors: [{ code, field: ['targetId'] }] });
  });

  test('drafts, deleted comments and what is private to others take none', async () => {
    const [author, member, stranger] = [aPerson(), aPerson(), aPerson()];
    const draft = await givenPost(graph, { author, status: 'DRAFT' });
    expect((await castVote(graph.as(author), draft, 'UP')).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect((await castVote(graph.as(stranger), draft, 'UP')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const postId = await givenPost(graph, { communityId: await givenCommunity(graph, { members: [member] }) });
    const commentId = await givenComment(graph.as(member), postId);
    for (const target of [postId, commentId]) {
      expect((await castVote(graph.as(stranger), target, 'UP')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
      expect((await castVote(graph.as(member), target, 'UP')).counts).toEqual({ up: 1, down: 0, score: 1 });
    }
    await graph
      .as(member)
      .data(`mutation ($id: ID!) { deleteComment(input: { id: $id }) { userErrors { code } } }`, { id: commentId });
    expect((await castVote(graph.as(member), commentId, 'DOWN')).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  test('one has to sign in, and to know which way', async () => {
    const targetId = await givenPost(graph);
    expect(await codesOf(graph.anonymously, VOTE, { input: { targetId, value: 'UP' } })).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(graph.as(aPerson()), VOTE, { input: { targetId, value: 'SIDEWAYS' } })).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

describe('with a key', () => {
  test('a repetition does not undo what came after', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    await castVote(me, postId, 'UP', 'k');
    await castVote(me, postId, 'DOWN');
    expect(await castVote(me, postId, 'UP', 'k')).toMatchObject({
      viewerVote: 'DOWN',
      counts: { up: 0, down: 1, score: -1 },
    });
  });

  test('the key goes with one vote', async () => {
    const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
    await castVote(me, postId, 'UP', 'k');
    expect((await castVote(me, postId, 'DOWN', 'k')).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(await tallyOf(graph, postId)).toEqual({ up: 1, down: 0, score: 1 });
  });
});

test('a person who votes every way at once has one vote', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  for (const targetId of [postId, await givenComment(me, postId)]) {
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(
        (['DOWN', 'NONE', 'UP', 'NONE'] as const).map((value) => castVote(me, targetId, value)),
      );
      expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    }
    const { counts } = await castVote(me, targetId, 'DOWN');
    expect(counts).toEqual({ up: 0, down: 1, score: -1 });
  }
});

test('50 people and 1,000 votes, changes, withdrawals and repetitions count exactly', async () => {
  const postId = await givenPost(graph);
  const commentId = await givenComment(graph.as(aPerson()), postId);
  const last = await storm(graph, { targets: [postId, commentId], voters: 50, votes: 1000 });
  for (const [type, id] of [
    ['Post', postId],
    ['Comment', commentId],
  ] as const) {
    const answer = await graph.anonymously.entity(type, id, 'counts { up down score }');
    expect(answer).toEqual({ counts: await tallyOf(graph, id) });
    expect(answer).toEqual({ counts: wantedTally(last, id) });
  }
  const { payload } = (await eventsAbout(graph, postId)).at(-1) ?? {};
  expect(payload).toMatchObject({ ...(await tallyOf(graph, postId)), comments: 1 });
});
