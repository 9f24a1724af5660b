import type { SubgraphRequest } from 'kit/request';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import {
  addComment,
  aPerson,
  codesOf,
  givenComment,
  givenCommunity,
  givenPost,
  type Person,
} from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const block = (blocker: Person, blocked: Person) =>
  graph.deliver('users', 'user.blocked', { blockerId: blocker.userId, blockedId: blocked.userId });
const unblock = (blocker: Person, blocked: Person) =>
  graph.deliver('users', 'user.unblocked', { blockerId: blocker.userId, blockedId: blocked.userId });
const mute = (muter: Person, muted: Person) =>
  graph.deliver('users', 'user.muted', { muterId: muter.userId, mutedId: muted.userId });
const unmute = (muter: Person, muted: Person) =>
  graph.deliver('users', 'user.unmuted', { muterId: muter.userId, mutedId: muted.userId });

const SHOWN = 'id html markdown isDeleted author { id }';
interface Shown {
  readonly id: string;
  readonly html: string | null;
  readonly isDeleted: boolean;
  readonly author: { readonly id: string } | null;
}

/** A thread: one by `author`, an answer to it by `other`. */
async function aThread(author: Person, other: Person, communityId: string | null = null) {
  const postId = await givenPost(graph, { communityId });
  const commentId = await givenComment(graph.as(author), postId, { markdown: 'to be hidden' });
  const answerId = await givenComment(graph.as(other), postId, { parentId: commentId, markdown: 'to be read' });
  return { postId, commentId, answerId };
}

const THREAD = `query ($postId: ID!) { comments(postId: $postId) { edges { node { ${SHOWN} replies { edges { node { ${SHOWN} } } } } } } }`;

async function threadOf(asking: Asking, postId: string): Promise<{ first: Shown; answers: Shown[] }> {
  type Level = { edges: { node: Shown & { replies: Level } }[] };
  const { comments } = await asking.data<{ comments: Level }>(THREAD, { postId });
  const [edge] = comments.edges;
  if (!edge) throw new Error('no thread');
  return { first: edge.node, answers: edge.node.replies.edges.map(({ node }) => node) };
}

const hidden = { html: null, markdown: null, isDeleted: true, author: null };
const shown = (author: Person) => ({ html: '<p>to be hidden</p>', isDeleted: false, author: { id: author.userId } });

test('a blocked person’s comment keeps its place in the thread like a deleted one, with what others answered', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId, commentId, answerId } = await aThread(author, other);
  await block(author, reader);
  for (const [viewer, expected] of [
    [reader, hidden],
    [other, shown(author)],
    [author, shown(author)],
  ] as const) {
    const { first, answers } = await threadOf(graph.as(viewer), postId);
    expect(first).toMatchObject({ id: commentId, ...expected });
    expect(answers).toMatchObject([{ id: answerId, html: '<p>to be read</p>', author: { id: other.userId } }]);
    expect(await graph.as(viewer).entity('Comment', commentId, SHOWN)).toMatchObject({ id: commentId, ...expected });
    expect(
      await graph.as(viewer).data(`query ($id: ID!) { comment(id: $id) { ${SHOWN} } }`, { id: commentId }),
    ).toMatchObject({ comment: expected });
    expect(
      await graph.as(viewer).data(`query ($id: ID!) { comment(id: $id) { parent { ${SHOWN} } } }`, { id: answerId }),
    ).toMatchObject({ comment: { parent: expected } });
  }
  expect((await threadOf(graph.anonymously, postId)).first).toMatchObject(shown(author));
});

test('a block hides both ways, whoever made it, until it is taken back', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId, answerId } = await aThread(author, other);
  await block(reader, author);
  expect((await threadOf(graph.as(reader), postId)).first).toMatchObject(hidden);
  const own = await givenComment(graph.as(reader), postId, { parentId: answerId, markdown: 'mine' });
  expect(await graph.as(author).entity('Comment', own, SHOWN)).toMatchObject(hidden);
  expect(await graph.as(reader).entity('Comment', own, 'isDeleted')).toEqual({ isDeleted: false });
  await unblock(reader, author);
  expect((await threadOf(graph.as(reader), postId)).first).toMatchObject(shown(author));
  expect(await graph.as(author).entity('Comment', own, 'isDeleted')).toEqual({ isDeleted: false });
});

test('a block that arrives after it was taken back changes nothing', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId } = await aThread(author, other);
  const pair = { blockerId: author.userId, blockedId: reader.userId };
  await graph.deliver('users', 'user.unblocked', pair, { aggregateVersion: 20 });
  await graph.deliver('users', 'user.blocked', pair, { aggregateVersion: 10 });
  expect((await threadOf(graph.as(reader), postId)).first).toMatchObject(shown(author));
  await graph.deliver('users', 'user.blocked', pair, { aggregateVersion: 30 });
  expect((await threadOf(graph.as(reader), postId)).first).toMatchObject(hidden);
});

test('a post behind a block is not there: not its counts, its thread, a bookmark, a vote or an answer', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const postId = await givenPost(graph, { author });
  const remark = await givenComment(graph.as(other), postId);
  const bookmark = `mutation ($postId: ID!) { bookmarkPost(input: { postId: $postId }) { userErrors { code } } }`;
  const bookmarks = async (viewer: Viewer) =>
    (await graph.as(viewer).data<{ bookmarks: { edges: unknown[] } }>('{ bookmarks { edges { node { id } } } }'))
      .bookmarks.edges.length;
  await graph.as(reader).data(bookmark, { postId });
  const VOTE = `mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { field code } } }`;
  const refused = { userErrors: [{ field: ['targetId'], code: 'NOT_FOUND' }] };

  const doors = async (viewer: Viewer) => ({
    entity: (await graph.as(viewer).entity('Post', postId, 'counts { score }')) !== null,
    thread: (await codesOf(graph.as(viewer), THREAD, { postId })).length === 0,
    comment: (await graph.as(viewer).entity('Comment', remark)) !== null,
    bookmarks: await bookmarks(viewer),
  });
  expect(await doors(reader)).toEqual({ entity: true, thread: true, comment: true, bookmarks: 1 });
  await block(author, reader);
  expect(await doors(reader)).toEqual({ entity: false, thread: false, comment: false, bookmarks: 0 });
  expect(await graph.as(reader).data(VOTE, { id: postId })).toEqual({ vote: refused });
  expect(await graph.as(reader).data(VOTE, { id: remark })).toEqual({ vote: refused });
  expect((await addComment(graph.as(reader), { postId })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await addComment(graph.as(reader), { postId, parentId: remark })).userErrors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
  expect(await graph.as(reader).data(bookmark, { postId })).toMatchObject({
    bookmarkPost: { userErrors: [{ code: 'NOT_FOUND' }] },
  });
  expect(await doors(other)).toMatchObject({ entity: true, thread: true, comment: true });
  await unblock(author, reader);
  expect(await doors(reader)).toEqual({ entity: true, thread: true, comment: true, bookmarks: 1 });
  expect(await graph.as(reader).data(VOTE, { id: postId })).toEqual({ vote: { userErrors: [] } });
});

test('nobody answers or votes on a comment behind a block; the answers of others they do', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId, commentId, answerId } = await aThread(author, other);
  await block(author, reader);
  const VOTE = `mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { code } } }`;
  const answer = async (parentId: string) =>
    (await addComment(graph.as(reader), { postId, parentId })).userErrors.map(({ code }) => code);
  const vote = async (id: string) =>
    (await graph.as(reader).data<{ vote: { userErrors: { code: string }[] } }>(VOTE, { id })).vote.userErrors.map(
      ({ code }) => code,
    );
  expect([await answer(commentId), await vote(commentId)]).toEqual([['CONFLICT'], ['CONFLICT']]);
  expect([await answer(answerId), await vote(answerId)]).toEqual([[], []]);
});

test('those who look after the site, or after the community, see behind a block and take no part there', async () => {
  const [author, other, keeper] = [aPerson(), aPerson(), aPerson()];
  const communityId = await givenCommunity(graph, { members: [author, other], moderators: [keeper] });
  const { postId, commentId } = await aThread(author, other, communityId);
  const elsewhere = await aThread(author, other);
  await block(author, keeper);
  expect((await threadOf(graph.as(keeper), postId)).first).toMatchObject(shown(author));
  expect((await threadOf(graph.as(keeper), elsewhere.postId)).first).toMatchObject(hidden);
  expect((await addComment(graph.as(keeper), { postId, parentId: commentId })).userErrors).toMatchObject([
    { code: 'CONFLICT' },
  ]);
  for (const role of ['moderator', 'admin']) {
    const staff: Person = { ...keeper, role };
    expect((await threadOf(graph.as(staff), elsewhere.postId)).first).toMatchObject(shown(author));
    const own = await givenPost(graph, { author });
    expect(await graph.as(staff).entity('Post', own)).not.toBeNull();
    expect((await addComment(graph.as(staff), { postId: own })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  }
  const DELETE = `mutation ($id: ID!) { deleteComment(input: { id: $id }) { userErrors { code } } }`;
  expect(await graph.as(keeper).data(DELETE, { id: commentId })).toEqual({ deleteComment: { userErrors: [] } });
});

const follow = (viewer: Viewer, postId: string, live: NonNullable<SubgraphRequest['live']>) =>
  graph.running().execute(
    {
      query: 'subscription ($postId: ID!) { newComment(postId: $postId) { id author { id } } }',
      variables: { postId },
      live,
    },
    { viewer, requestId: 'live', client: { address: '', userAgent: '' }, after: [] },
  );

test('there is no live news of people behind a block, from the next event on, nor of those one has muted', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId, commentId, answerId } = await aThread(author, other);
  const news = async (viewer: Viewer, id: string) =>
    (await follow(viewer, postId, { event: { commentId: id, postId } })).data?.['newComment'] ?? null;
  expect(await news(reader, commentId)).toMatchObject({ id: commentId });
  await block(author, reader);
  expect(await news(reader, commentId)).toBeNull();
  expect(await news(reader, answerId)).toMatchObject({ id: answerId });
  expect(await news(other, commentId)).toMatchObject({ id: commentId });
  await unblock(author, reader);
  expect(await news(reader, commentId)).toMatchObject({ id: commentId });
  await mute(reader, author);
  expect(await news(reader, commentId)).toBeNull();
  expect(await news(author, answerId)).toMatchObject({ id: answerId });
  // A mute is for news only, and the muted notice nothing.
  expect((await threadOf(graph.as(reader), postId)).first).toMatchObject(shown(author));
  expect(await news(author, await givenComment(graph.as(reader), postId))).not.toBeNull();
  await unmute(reader, author);
  expect(await news(reader, commentId)).toMatchObject({ id: commentId });
});

test('nobody follows a post behind a block', async () => {
  const [author, reader] = [aPerson(), aPerson()];
  const postId = await givenPost(graph, { author });
  expect((await follow(reader, postId, 'subscribe')).errors).toBeUndefined();
  await block(reader, author);
  expect((await follow(reader, postId, 'subscribe')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  expect((await follow(author, postId, 'subscribe')).errors).toBeUndefined();
});

test('a thread costs as many statements with blocks as without', async () => {
  const [author, other, reader] = [aPerson(), aPerson(), aPerson()];
  const { postId } = await aThread(author, other);
  for (let index = 0; index < 3; index++) await givenComment(graph.as(author), postId);
  const without = await graph.as(reader).queriesOf(THREAD, { postId });
  await block(author, reader);
  expect(await graph.as(reader).queriesOf(THREAD, { postId })).toBe(without);
  expect(without).toBe(3);
});
