import { testSubgraph } from 'kit/testing/subgraph';
import { ADD, aPerson, codesOf, givenComment, givenPost } from './engagement.testing.ts';
import { engagement } from './subgraph.ts';
import { castVote, VOTE } from './vote/vote.testing.ts';

const graph = testSubgraph(engagement, { LIMIT_COMMENTS_PER_HOUR: '3', LIMIT_VOTES_PER_HOUR: '3' });

test('a person comments so often an hour; repetitions of one comment are one', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  for (let time = 0; time < 5; time++) await givenComment(me, postId, { idempotencyKey: 'one' });
  await givenComment(me, postId);
  await givenComment(me, postId);
  const input = { postId, markdown: 'one more' };
  const { errors } = await me.run(ADD, { input });
  expect(errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) as number } },
  ]);
  expect(await graph.anonymously.entity('Post', postId, 'counts { comments }')).toEqual({ counts: { comments: 3 } });
  expect(await codesOf(graph.as(aPerson()), ADD, { input })).toEqual([]);
});

test('a person votes so often an hour', async () => {
  const [me, targetId] = [graph.as(aPerson()), await givenPost(graph)];
  for (const value of ['UP', 'DOWN', 'NONE'] as const) await castVote(me, targetId, value);
  expect(await codesOf(me, VOTE, { input: { targetId, value: 'UP' } })).toEqual(['RATE_LIMITED']);
  expect(await graph.anonymously.entity('Post', targetId, 'counts { up down }')).toEqual({
    counts: { up: 0, down: 0 },
  });
});
