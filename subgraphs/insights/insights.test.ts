import { count, id, onMany } from 'kit/events';
import { type Id, newId } from 'kit/ids';
import { deadLetters, replayDeadLetters } from 'kit/inbox';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer, userViewer } from 'kit/viewer';
import { analyticsByPost } from './analytics/analytics.loaders.ts';
import { takeStandings } from './analytics/analytics.actions.ts';
import { aComment, aPost } from './insights.testing.ts';
import { insights } from './subgraph.ts';

const graph = testSubgraph(insights);

const lettersOf = async () => deadLetters(graph.running().contextFor(systemViewer));

const upVotesOf = async (postId: Id, authorId: Id): Promise<number | undefined> =>
  (await analyticsByPost(graph.running().contextFor(userViewer(authorId)), postId))?.up;

test('an event of a version nobody knows waits as a dead letter, what follows is not held up', async () => {
  const authorId = newId('user');
  const postId = await aPost(graph, { authorId });
  const counted = { postId, up: 7, down: 0, score: 7, comments: 0, bookmarks: 0 };
  const { id: eventId } = await graph.deliver('engagement', 'post.counted', counted, {
    version: 2,
    aggregateVersion: 10,
  });
  expect(await lettersOf()).toMatchObject([{ eventId, producer: 'engagement', type: 'post.counted' }]);
  await graph.deliver('engagement', 'post.counted', { ...counted, up: 1 }, { aggregateVersion: 5 });
  expect(await upVotesOf(postId, authorId)).toBe(1);

  const options = graph.running().inboxOptions;
  expect(await replayDeadLetters(options)).toEqual({ replayed: 0, failed: 1 });
  expect(await lettersOf()).toHaveLength(1);

  // A release that knows version 2.
  const second = onMany(
    'post.counted',
    2,
    { postId: id, up: count, down: count, score: count, comments: count, bookmarks: count },
    takeStandings,
  );
  const newer = { ...options, subscribers: [...options.subscribers, second] };
  expect(await replayDeadLetters(newer)).toEqual({ replayed: 1, failed: 0 });
  expect(await lettersOf()).toEqual([]);
  expect(await upVotesOf(postId, authorId)).toBe(7);
  expect(await replayDeadLetters(newer)).toEqual({ replayed: 0, failed: 0 });
});

test('an event whose payload is not what was agreed is buried alone, its neighbours are handled', async () => {
  const postId = await aPost(graph);
  const poisoned = [
    graph.deliver('engagement', 'post.counted', { postId, up: 'many' }),
    graph.deliver('engagement', 'comment.saved', { commentId: 'nonsense', postId, text: 'x' }),
    graph.deliver('content', 'post.saved', { postId: newId('post') }),
  ];
  const commentId = await aComment(graph, { postId, text: 'What a wonderful day!' });
  const events = await Promise.all(poisoned);
  expect((await lettersOf()).map(({ eventId }) => eventId).sort()).toEqual(events.map((event) => event.id).sort());
  const reader = graph.as(userViewer(newId('user')));
  expect(await reader.entity('Comment', commentId, 'sentiment { label }')).toEqual({
    sentiment: { label: 'POSITIVE' },
  });
});
