import { testSubgraph } from 'kit/testing/subgraph';
import { aPerson, eventsAbout, givenComment, givenPost } from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';
import { storm, tallyOf, wantedTally } from './vote.testing.ts';

const graph = testSubgraph(engagement);

test('50 people and 10,000 votes on one post count exactly', async () => {
  const postId = await givenPost(graph);
  const last = await storm(graph, { targets: [postId], voters: 50, votes: 10_000 });
  const answer = await graph.anonymously.entity('Post', postId, 'counts { up down score }');
  expect(answer).toEqual({ counts: await tallyOf(graph, postId) });
  expect(answer).toEqual({ counts: wantedTally(last, postId) });
  const events = await eventsAbout(graph, postId);
  expect(events.at(-1)?.payload).toMatchObject(await tallyOf(graph, postId));
  // Each event is one vote away from the one before it: none was lost, none counted twice.
  const scores = [0, ...events.map(({ payload }) => Number(payload['score']))];
  expect(scores.slice(1).every((score, index) => [1, 2].includes(Math.abs(score - (scores[index] ?? 0))))).toBe(true);
});

test('votes, comments and deletions at once wait for each other in no circle', async () => {
  const author = graph.as(aPerson());
  const posts = [await givenPost(graph), await givenPost(graph)];
  const comments = await Promise.all(posts.map((postId) => givenComment(author, postId)));
  const talk = async (index: number): Promise<void> => {
    const [postId, parentId] = [posts[index % 2] ?? '', comments[index % 2] ?? ''];
    const id = await givenComment(author, postId, { parentId });
    await author.data(`mutation ($id: ID!) { deleteComment(input: { id: $id }) { userErrors { code } } }`, { id });
  };
  const [last] = await Promise.all([
    storm(graph, { targets: [...posts, ...comments], voters: 20, votes: 2000 }),
    Promise.all(Array.from({ length: 100 }, (_, index) => talk(index))),
  ]);
  for (const id of posts) {
    const answer = await graph.anonymously.entity('Post', id, 'counts { up down score comments }');
    expect(answer).toEqual({ counts: { ...wantedTally(last, id), comments: 1 } });
  }
  for (const id of comments) {
    const answer = await graph.anonymously.entity('Comment', id, 'counts { up down score } repliesCount');
    expect(answer).toEqual({ counts: wantedTally(last, id), repliesCount: 50 });
  }
});
