import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { cursorOf } from 'kit/page';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import {
  aPerson,
  codesOf,
  eventsAbout,
  givenCommunity,
  givenPost,
  givenPosts,
  type Payload,
} from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const SAVE = `mutation ($input: BookmarkPostInput!) {
  bookmarkPost(input: $input) {
    bookmark { id post { id } savedAt } post { counts { bookmarks } viewerHasBookmarked } userErrors { code field }
  }
}`;
const FORGET = `mutation ($input: UnbookmarkPostInput!) {
  unbookmarkPost(input: $input) { post { counts { bookmarks } viewerHasBookmarked } userErrors { code field } }
}`;
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  bookmarks(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id post { id } savedAt } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Saved extends Payload<never> {
  readonly bookmark: { readonly id: Id; readonly savedAt: string } | null;
  readonly post: { readonly counts: { readonly bookmarks: number }; readonly viewerHasBookmarked: boolean } | null;
}
const save = async (asking: Asking, postId: Id): Promise<Saved> =>
  (await asking.data<{ bookmarkPost: Saved }>(SAVE, { input: { postId } })).bookmarkPost;
const forget = async (asking: Asking, postId: Id): Promise<Saved> =>
  (await asking.data<{ unbookmarkPost: Saved }>(FORGET, { input: { postId } })).unbookmarkPost;

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly post: { readonly id: Id } } }[];
  readonly pageInfo: Readonly<Record<string, unknown>>;
}
const listOf = async (asking: Asking, variables = {}): Promise<Page> =>
  (await asking.data<{ bookmarks: Page }>(LIST, variables)).bookmarks;
const savedPosts = async (asking: Asking, variables = {}): Promise<Id[]> =>
  (await listOf(asking, variables)).edges.map(({ node }) => node.post.id);

test('a post is kept, found again and let go', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  const saved = await save(me, postId);
  expect(saved).toEqual({
    bookmark: {
      id: expect.stringMatching(/^bookmark_/) as string,
      post: { id: postId },
      savedAt: expect.any(String) as string,
    },
    post: { counts: { bookmarks: 1 }, viewerHasBookmarked: true },
    userErrors: [],
  });
  expect(await savedPosts(me)).toEqual([postId]);
  expect(await forget(me, postId)).toEqual({
    post: { counts: { bookmarks: 0 }, viewerHasBookmarked: false },
    userErrors: [],
  });
  expect(await savedPosts(me)).toEqual([]);
  expect((await eventsAbout(graph, postId)).map(({ payload }) => payload['bookmarks'])).toEqual([1, 0]);
});

test('keeping twice is keeping once, ten times at once too', async () => {
  const [me, other, postId] = [graph.as(aPerson()), graph.as(aPerson()), await givenPost(graph)];
  const first = await save(me, postId);
  const answers = await Promise.all(Array.from({ length: 10 }, () => save(me, postId)));
  expect(new Set(answers.map(({ bookmark }) => bookmark?.id))).toEqual(new Set([first.bookmark?.id]));
  await Promise.all(Array.from({ length: 10 }, () => save(other, postId)));
  expect(await graph.rows(sql`select bookmarks from post_counter where post_id = ${toUuid(postId)}`)).toEqual([
    { bookmarks: 2 },
  ]);
  await Promise.all(Array.from({ length: 10 }, () => forget(other, postId)));
  expect(await graph.rows(sql`select bookmarks from post_counter where post_id = ${toUuid(postId)}`)).toEqual([
    { bookmarks: 1 },
  ]);
});

test('bookmarks are nobody else’s', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  await save(me, postId);
  for (const other of [graph.as(aPerson()), graph.as(aPerson('admin'))]) {
    expect(await savedPosts(other)).toEqual([]);
    expect(await other.entity('Post', postId, 'viewerHasBookmarked')).toEqual({ viewerHasBookmarked: false });
  }
  expect(await graph.anonymously.entity('Post', postId, 'viewerHasBookmarked')).toEqual({ viewerHasBookmarked: false });
  for (const [document, variables] of [
    [LIST, {}],
    [SAVE, { input: { postId } }],
    [FORGET, { input: { postId } }],
  ] as const) {
    expect(await codesOf(graph.anonymously, document, variables)).toEqual(['UNAUTHENTICATED']);
  }
});

test('a list is walked whole, newest first, both ways', async () => {
  const [me, posts] = [graph.as(aPerson()), await givenPosts(graph, 7)];
  for (const postId of posts) {
    await save(me, postId);
    // Ids of one millisecond have no order among themselves.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const newest = [...posts].reverse();
  const first = await listOf(me, { first: 3 });
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  expect(first.edges.map(({ node }) => node.post.id)).toEqual(newest.slice(0, 3));
  expect(await savedPosts(me, { first: 100, after: first.pageInfo['endCursor'] })).toEqual(newest.slice(3));
  const last = await listOf(me, { last: 3 });
  expect(last.edges.map(({ node }) => node.post.id)).toEqual(newest.slice(4));
  expect(await savedPosts(me, { last: 100, before: last.pageInfo['startCursor'] })).toEqual(newest.slice(0, 4));
  expect(await me.queriesOf(LIST, { first: 100 })).toBe(1);
});

test('what can no longer be seen is left out, can be let go, and is back when it can be seen again', async () => {
  const me = aPerson();
  const communityId = await givenCommunity(graph, { members: [me] });
  const [open, hidden] = [await givenPost(graph), await givenPost(graph, { communityId })];
  await save(graph.as(me), hidden);
  await save(graph.as(me), open);
  await graph.deliver('content', 'member.left', { communityId, userId: me.userId });
  expect(await savedPosts(graph.as(me))).toEqual([open]);
  await graph.deliver('content', 'member.joined', { communityId, userId: me.userId, role: 'member' });
  expect(new Set(await savedPosts(graph.as(me)))).toEqual(new Set([hidden, open]));
  await graph.deliver('content', 'member.left', { communityId, userId: me.userId });
  expect(await forget(graph.as(me), hidden)).toEqual({ post: null, userErrors: [] });
  expect((await forget(graph.as(me), hidden)).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['postId'] }]);
  expect((await save(graph.as(me), hidden)).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['postId'] }]);
});

test.each([
  [newId('post'), 'NOT_FOUND'],
  [newId('comment'), 'WRONG_ID_TYPE'],
  ['', 'INVALID_ID'],
])('%j cannot be kept nor let go', async (postId, code) => {
  for (const act of [save, forget]) {
    expect(await act(graph.as(aPerson()), postId)).toMatchObject({
      post: null,
      userErrors: [{ code, field: ['postId'] }],
    });
  }
});

test.each([
  [{ first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ first: 1e9 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ after: 'nonsense' }, 'INVALID_CURSOR'],
  [{ after: cursorOf('posts', [newId('bookmark')]) }, 'INVALID_CURSOR'],
  [{ after: cursorOf('bookmarks', ['nonsense']) }, 'INVALID_CURSOR'],
])('a list of %j is refused', async (variables, code) => {
  expect(await codesOf(graph.as(aPerson()), LIST, variables)).toEqual([code]);
});
