import { sql } from 'kit/database';
import { type Id, newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { aPerson, givenComment, givenCommunity, givenPost, givenPosts } from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const EVERYTHING = `id counts { up down score comments bookmarks views } viewerVote viewerHasBookmarked
  comments(first: 3) { edges { node { id html createdAt author { id } counts { score } } } }`;
const none = { up: 0, down: 0, score: 0, comments: 0, bookmarks: 0, views: 0 };

test('a post nobody has touched counts nothing', async () => {
  const postId = await givenPost(graph);
  expect(await graph.anonymously.entity('Post', postId, EVERYTHING)).toEqual({
    id: postId,
    counts: none,
    viewerVote: null,
    viewerHasBookmarked: false,
    comments: { edges: [] },
  });
});

describe('what the viewer may not see', () => {
  test('has no counts and no comments, however it is asked for', async () => {
    const [member, stranger] = [aPerson(), aPerson()];
    const communityId = await givenCommunity(graph, { members: [member] });
    const postId = await givenPost(graph, { communityId });
    await givenComment(graph.as(member), postId);
    expect(await graph.as(member).entity('Post', postId, EVERYTHING)).toMatchObject({
      counts: { ...none, comments: 1 },
    });
    expect(await graph.as(aPerson('admin')).entity('Post', postId, EVERYTHING)).toMatchObject({
      counts: { comments: 1 },
    });
    for (const asking of [graph.as(stranger), graph.anonymously, graph.as(aPerson('moderator'))]) {
      expect(await asking.entity('Post', postId, EVERYTHING)).toBeNull();
    }
    await graph.deliver('content', 'member.left', { communityId, userId: member.userId });
    expect(await graph.as(member).entity('Post', postId, EVERYTHING)).toBeNull();
  });

  test('is a draft of another, a deleted post, and one never heard of', async () => {
    const author = aPerson();
    const draft = await givenPost(graph, { author, status: 'DRAFT' });
    expect(await graph.as(author).entity('Post', draft, EVERYTHING)).toMatchObject({ counts: none });
    expect(await graph.as(aPerson('admin')).entity('Post', draft)).toBeNull();
    const deleted = await givenPost(graph, { author });
    await graph.deliver('content', 'post.deleted', { postId: deleted, authorId: author.userId, communityId: null });
    expect(await graph.as(author).entity('Post', deleted)).toBeNull();
    expect(await graph.as(author).entity('Post', newId('post'))).toBeNull();
  });

  test('does not keep the rest of a list from being answered', async () => {
    const communityId = await givenCommunity(graph);
    const [open, hidden] = [await givenPost(graph), await givenPost(graph, { communityId })];
    const { data, errors } = await graph.anonymously.run(LIST, {
      r: [open, hidden, open].map((id) => ({ __typename: 'Post', id })),
    });
    expect(errors).toBeUndefined();
    expect(data?.['_entities']).toEqual([{ id: open, counts: none }, null, { id: open, counts: none }]);
  });
});

const LIST = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id counts { up down score comments bookmarks views } } } }`;

test.each([
  ['nonsense', 'INVALID_ID'],
  [newId('user'), 'WRONG_ID_TYPE'],
])('the entity door names what is wrong with %s', async (id, code) => {
  const { data, errors } = await graph.anonymously.run(LIST, { r: [{ __typename: 'Post', id }] });
  expect(data?.['_entities']).toEqual([null]);
  expect(errors).toMatchObject([{ extensions: { code } }]);
});

test('twenty posts and a hundred ask the same four times, in a private community too', async () => {
  const member = aPerson();
  const communityId = await givenCommunity(graph, { members: [member] });
  const posts = [...(await givenPosts(graph, 60)), ...(await givenPosts(graph, 40, { communityId }))];
  for (const postId of [...posts.slice(0, 3), ...posts.slice(-3)]) await givenComment(graph.as(member), postId);
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { ${EVERYTHING} } } }`;
  const representations = (ids: readonly Id[]) => ({ r: ids.map((id) => ({ __typename: 'Post', id })) });
  expect(await graph.as(member).queriesOf(query, representations(posts.slice(50, 70)))).toBe(4);
  expect(await graph.as(member).queriesOf(query, representations(posts))).toBe(4);
  expect(await graph.anonymously.queriesOf(query, representations(posts))).toBe(2);
});

describe('views', () => {
  const viewsOf = async (postId: Id) =>
    (await graph.anonymously.entity('Post', postId, 'counts { views }'))?.['counts'];

  test('are what insights last said', async () => {
    const postId = await givenPost(graph);
    await graph.deliver('insights', 'views.counted', { postId, views: 7 }, { aggregateVersion: 20 });
    expect(await viewsOf(postId)).toEqual({ views: 7 });
    await graph.deliver('insights', 'views.counted', { postId, views: 5 }, { aggregateVersion: 10 });
    expect(await viewsOf(postId)).toEqual({ views: 7 });
    await graph.deliver('insights', 'views.counted', { postId, views: 9 }, { aggregateVersion: 30 });
    expect(await viewsOf(postId)).toEqual({ views: 9 });
  });

  test('may come before the post does, and do not hinder other counts', async () => {
    const postId = newId('post');
    await graph.deliver('insights', 'views.counted', { postId, views: 3 });
    expect(await graph.anonymously.entity('Post', postId)).toBeNull();
    await graph.deliver('content', 'post.saved', {
      postId,
      authorId: newId('user'),
      communityId: null,
      status: 'PUBLISHED',
      publishedAt: new Date().toISOString(),
    });
    await givenComment(graph.as(aPerson()), postId);
    expect(await graph.anonymously.entity('Post', postId, 'counts { views comments }')).toEqual({
      counts: { views: 3, comments: 1 },
    });
  });

  test('an event that comes again changes nothing', async () => {
    const [postId, id] = [await givenPost(graph), crypto.randomUUID()];
    await graph.deliver('insights', 'views.counted', { postId, views: 1 }, { id, aggregateVersion: 1 });
    await graph.deliver('insights', 'views.counted', { postId, views: 1000 }, { id, aggregateVersion: 2 });
    expect(await viewsOf(postId)).toEqual({ views: 1 });
  });

  test('an event of a version we do not know waits among the dead letters', async () => {
    const [postId, id] = [await givenPost(graph), crypto.randomUUID()];
    await graph.deliver('insights', 'views.counted', { postId, views: 1 }, { id, version: 2 });
    expect(await viewsOf(postId)).toEqual({ views: 0 });
    expect(await graph.rows(sql`select producer, error from dead_letter where event_id = ${id}`)).toEqual([
      { producer: 'insights', error: 'Error: no handler knows version 2 of views.counted' },
    ]);
  });
});
