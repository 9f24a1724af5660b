import { createLiveFollower } from 'kit/live';
import { createLogger } from 'kit/logger';
import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { testSubgraph } from 'kit/testing/subgraph';
import { workerRedisUrl } from 'kit/testing/engines';
import { anonymous, type Viewer } from 'kit/viewer';
import { newId } from 'kit/ids';
import { aPerson, givenComment, givenCommunity, givenPost } from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const FOLLOW = `subscription ($postId: ID!) { newComment(postId: $postId) { id html author { id } } }`;

const ask = (viewer: Viewer, postId: string, live: NonNullable<SubgraphRequest['live']>): Promise<SubgraphResponse> =>
  graph
    .running()
    .execute(
      { query: FOLLOW, variables: { postId }, live },
      { viewer, requestId: 'live', client: { address: '', userAgent: '' }, after: [] },
    );

test('a new comment reaches those who follow its post; an edit or a vote does not', async () => {
  const [author, postId] = [aPerson(), await givenPost(graph)];
  const { extensions } = await ask(anonymous, postId, 'subscribe');
  const topic = extensions?.topic ?? '';
  expect(topic).toBe(`new-comment:${postId}`);
  const follower = createLiveFollower(workerRedisUrl(), createLogger('test', 'silent'));
  const follow = follower.follow(topic, { from: '0-0' });
  try {
    const next = follow.next();
    const first = await givenComment(graph.as(author), postId, { markdown: 'first' });
    expect((await next).value?.payload).toEqual({ commentId: first, postId });
    await graph
      .as(author)
      .data(`mutation ($id: ID!) { editComment(input: { id: $id, markdown: "edited" }) { userErrors { code } } }`, {
        id: first,
      });
    const second = await givenComment(graph.as(author), postId, { parentId: first });
    expect((await follow.next()).value?.payload).toEqual({ commentId: second, postId });
  } finally {
    await follow.return?.();
    follower.close();
  }
});

test('each event is answered as its follower may see it', async () => {
  const [member, stranger] = [aPerson(), aPerson()];
  const communityId = await givenCommunity(graph, { members: [member] });
  const postId = await givenPost(graph, { communityId });
  expect((await ask(stranger, postId, 'subscribe')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  expect((await ask(member, newId('post'), 'subscribe')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  expect((await ask(member, newId('user'), 'subscribe')).errors).toMatchObject([
    { extensions: { code: 'WRONG_ID_TYPE' } },
  ]);
  const commentId = await givenComment(graph.as(member), postId, { markdown: 'among us' });
  const event = { commentId, postId };
  expect((await ask(member, postId, { event })).data).toEqual({
    newComment: { id: commentId, html: '<p>among us</p>', author: { id: member.userId } },
  });
  expect((await ask(stranger, postId, { event })).data).toEqual({ newComment: null });
  await graph.deliver('content', 'member.left', { communityId, userId: member.userId });
  expect((await ask(member, postId, { event })).data).toEqual({ newComment: null });
});
