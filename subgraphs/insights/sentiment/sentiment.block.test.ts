import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { aComment, aPost, aPrivateCommunity } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';

const graph = testSubgraph(insights);
const GOOD = 'What a wonderful, delightful day! I love this, thank you so much.';
const block = (blockerId: string, blockedId: string) =>
  graph.deliver('users', 'user.blocked', { blockerId, blockedId });
const isSeen = async (asking: Asking, type: 'Post' | 'Comment', id: string) =>
  (await asking.entity(type, id, 'sentiment { label }')) !== null;

test('the mood of what is behind a block is nobody’s to know there, and everybody else’s', async () => {
  const [authorId, readerId] = [newId('user'), newId('user')];
  const own = await aPost(graph, { authorId, text: GOOD });
  const under = await aComment(graph, { postId: own, text: GOOD });
  const others = await aPost(graph, { text: GOOD });
  const comment = await aComment(graph, { postId: others, authorId, text: GOOD });
  const things = [
    ['Post', own],
    ['Comment', under],
    ['Comment', comment],
  ] as const;
  const reader = graph.as(userViewer(readerId));
  for (const [type, id] of things) expect(await isSeen(reader, type, id)).toBe(true);
  await block(authorId, readerId);
  for (const [type, id] of things) {
    expect(await isSeen(reader, type, id)).toBe(false);
    for (const other of [graph.anonymously, graph.as(userViewer(newId('user'))), graph.as(userViewer(authorId))])
      expect(await isSeen(other, type, id)).toBe(true);
    expect(await isSeen(graph.as(userViewer(readerId, 'moderator')), type, id)).toBe(true);
  }
  expect(await isSeen(reader, 'Post', others)).toBe(true);
  await graph.deliver('users', 'user.unblocked', { blockerId: authorId, blockedId: readerId });
  for (const [type, id] of things) expect(await isSeen(reader, type, id)).toBe(true);
});

test('whose comment is unknown is hidden from who blocks anybody, and from nobody else', async () => {
  const readerId = newId('user');
  const comment = await aComment(graph, { postId: await aPost(graph), text: GOOD });
  // As it was before authors were kept.
  await graph.rows(sql`update sentiment_text set author_id = null where target_id = ${toUuid(comment)}`);
  const reader = graph.as(userViewer(readerId));
  expect(await isSeen(reader, 'Comment', comment)).toBe(true);
  await block(readerId, newId('user'));
  expect(await isSeen(reader, 'Comment', comment)).toBe(false);
  expect(await isSeen(graph.anonymously, 'Comment', comment)).toBe(true);
});

test('those who look after a community see behind a block there, its analytics included', async () => {
  const authorId = newId('user');
  const { id: communityId, memberId, member, moderator } = await aPrivateCommunity(graph);
  const post = await aPost(graph, { authorId, communityId, text: GOOD });
  const moderatorId = moderator.context().viewer.userId ?? '';
  await block(authorId, memberId);
  await block(authorId, moderatorId);
  expect(await isSeen(member, 'Post', post)).toBe(false);
  expect(await isSeen(moderator, 'Post', post)).toBe(true);
  const ANALYTICS = 'query ($id: ID!) { analytics(postId: $id) { views } }';
  expect((await moderator.run(ANALYTICS, { id: post })).errors).toBeUndefined();
  expect((await member.run(ANALYTICS, { id: post })).errors?.[0]?.extensions?.['code']).toBe('NOT_FOUND');
});
