import { testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import { newId } from 'kit/ids';
import { cursorOf } from 'kit/page';
import { content } from '../subgraph.ts';
import {
  act,
  ADD_MEMBER,
  aCommunity,
  aDraft,
  aPerson,
  aPost,
  codeOf,
  DELETE_POST,
  type PostAnswer,
  UPDATE_POST,
} from '../testing.ts';

const graph = testSubgraph(content);
const LIST = `query ($filter: PostFilter, $first: Int, $after: String, $last: Int, $before: String) {
  posts(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Listing {
  posts: {
    edges: { cursor: string; node: { id: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  };
}
const page = async (viewer: Viewer, variables: object) => {
  const { posts } = await graph.as(viewer).data<Listing>(LIST, { ...variables });
  return { ids: posts.edges.map((edge) => edge.node.id), ...posts.pageInfo };
};

/** All pages of two, walked to the end. */
async function walk(viewer: Viewer, filter: object, direction: 'forward' | 'backward'): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | null = null; ;) {
    const variables =
      direction === 'forward' ? { filter, first: 2, after: cursor } : { filter, last: 2, before: cursor };
    const { ids, hasNextPage, hasPreviousPage, startCursor, endCursor } = await page(viewer, variables);
    seen.splice(direction === 'forward' ? seen.length : 0, 0, ...ids);
    if (!(direction === 'forward' ? hasNextPage : hasPreviousPage)) return seen;
    cursor = direction === 'forward' ? endCursor : startCursor;
  }
}

const [ada, grace] = [aPerson(), aPerson()];
let communityId = '';
/** Oldest first: 0–2 Ada's, 3–4 Ada's in the community, 5–6 Grace's; odd ones are about `odd`. */
const posts: PostAnswer[] = [];
const drafts: PostAnswer[] = [];
const idsOf = (...indexes: number[]) => indexes.map((index) => posts[index]?.id);

beforeAll(async () => {
  communityId = (await aCommunity(graph, ada)).id;
  for (let n = 0; n < 7; n++) {
    const input = { tags: n % 2 ? ['Odd', 'all'] : ['all'], ...(n === 3 || n === 4 ? { communityId } : {}) };
    posts.push(await aPost(graph, n < 5 ? ada : grace, input));
  }
  for (const author of [ada, ada, ada, grace]) drafts.push(await aDraft(graph, author, { tags: ['all'] }));
});

test.each([
  ['nothing', () => ({}), [6, 5, 4, 3, 2, 1, 0]],
  ['the author', () => ({ authorId: ada.userId }), [4, 3, 2, 1, 0]],
  ['the community', () => ({ communityId }), [4, 3]],
  ['a tag in any case and width', () => ({ tag: ' ＯＤＤ ' }), [5, 3, 1]],
  ['tag and author', () => ({ tag: 'all', authorId: grace.userId }), [6, 5]],
  ['tag and community', () => ({ tag: 'odd', communityId }), [3]],
  ['all of them', () => ({ tag: 'all', communityId, authorId: ada.userId, status: 'PUBLISHED' }), [4, 3]],
  ['a tag nobody uses', () => ({ tag: 'nothing' }), []],
  ['an empty tag', () => ({ tag: '' }), []],
  ['somebody who wrote nothing', () => ({ authorId: newId('user') }), []],
  ['a community that is none', () => ({ communityId: newId('community') }), []],
])('filtered by %s, posts come newest first and page both ways without gap or repeat', async (_, filter, expected) => {
  for (const viewer of [ada, aPerson()]) {
    expect((await page(viewer, { filter: filter(), first: 100 })).ids).toEqual(idsOf(...expected));
    expect(await walk(viewer, filter(), 'forward')).toEqual(idsOf(...expected));
    expect(await walk(viewer, filter(), 'backward')).toEqual(idsOf(...expected));
  }
});

test.each([{}, { tag: 'all' }, { authorId: ada.userId }])(
  'drafts filtered by %o are the viewer’s own',
  async (filter) => {
    const own = { ...filter, status: 'DRAFT' };
    const mine = drafts
      .slice(0, 3)
      .map((draft) => draft.id)
      .reverse();
    expect(await walk(ada, own, 'forward')).toEqual(mine);
    expect(await walk(ada, own, 'backward')).toEqual(mine);
    for (const viewer of [aPerson(), aPerson('moderator'), aPerson('admin')])
      expect((await page(viewer, { filter: own })).ids).toEqual([]);
  },
);

test('a page says what goes before and after', async () => {
  const first = await page(ada, { first: 3 });
  expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  const second = await page(ada, { first: 3, after: first.endCursor });
  expect(second).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  expect(await page(ada, { first: 3, after: second.endCursor })).toMatchObject({ hasNextPage: false, ids: idsOf(0) });
  expect((await page(ada, { last: 3, before: second.startCursor })).ids).toEqual(first.ids);
  expect(await page(ada, { filter: { tag: 'nothing' } })).toEqual({
    ids: [],
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  });
});

test('posts that come and go while one pages neither repeat nor hide the others', async () => {
  const author = aPerson();
  const own: string[] = [];
  for (let n = 0; n < 5; n++) own.unshift((await aPost(graph, author)).id);
  const filter = { authorId: author.userId };
  const first = await page(ada, { filter, first: 2 });
  await aPost(graph, author);
  await act(graph, author, DELETE_POST, { id: own[1] });
  await act(graph, author, DELETE_POST, { id: own[2] });
  const second = await page(ada, { filter, first: 2, after: first.endCursor });
  expect([...first.ids, ...second.ids]).toEqual([own[0], own[1], own[3], own[4]]);
});

test('a post is found by the tags it has now', async () => {
  const author = aPerson();
  const { id } = await aPost(graph, author, { tags: ['before', 'kept'] });
  await act(graph, author, UPDATE_POST, { id, version: 1, tags: ['after', 'kept'] });
  for (const [tag, expected] of [
    ['before', []],
    ['after', [id]],
    ['kept', [id]],
  ] as const) {
    expect((await page(ada, { filter: { tag } })).ids).toEqual(expected);
  }
  await act(graph, author, DELETE_POST, { id });
  expect((await page(ada, { filter: { tag: 'kept' } })).ids).toEqual([]);
});

test.each([
  ['another filter’s cursor', () => ({ filter: { authorId: ada.userId } })],
  ['another tag’s cursor', () => ({ filter: { tag: 'all' } })],
  ['another status’ cursor', () => ({ filter: { status: 'DRAFT' } })],
])('%s is refused', async (_, other) => {
  const { endCursor } = await page(ada, { first: 1 });
  expect(codeOf(await graph.as(ada).run(LIST, { ...other(), after: endCursor }))).toBe('INVALID_CURSOR');
});

test.each([
  ['no cursor', 'x'],
  ['an empty one', ''],
  ['a huge one', 'x'.repeat(100_000)],
  ['no moment', cursorOf('posts:PUBLISHED:::', ['yesterday', newId('post')])],
  ['NUL for a moment', cursorOf('posts:PUBLISHED:::', ['\0', newId('post')])],
  ['no id', cursorOf('posts:PUBLISHED:::', ['2026-01-01T00:00:00.000Z', 'x'])],
  ['a missing part', cursorOf('posts:PUBLISHED:::', ['2026-01-01T00:00:00.000Z'])],
  ['its parts turned round', cursorOf('posts:PUBLISHED:::', [newId('post'), '2026-01-01T00:00:00.000Z'])],
  ['a cursor of people', cursorOf('users', [newId('user')])],
])('%s is refused as a cursor', async (_, after) => {
  expect(codeOf(await graph.as(ada).run(LIST, { after }))).toBe('INVALID_CURSOR');
});

test.each([
  ['no page', { first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  ['a negative page', { last: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  ['101', { first: 101 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  ['a huge page', { first: 1e9 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  ['both ends', { first: 1, last: 1 }, 'BAD_USER_INPUT'],
  ['no id as author', { filter: { authorId: 'x' } }, 'INVALID_ID'],
  ['a post as author', { filter: { authorId: newId('post') } }, 'WRONG_ID_TYPE'],
  ['a person as community', { filter: { communityId: newId('user') } }, 'WRONG_ID_TYPE'],
  ['NUL as tag', { filter: { tag: 'a\0b' } }, 'BAD_USER_INPUT'],
  ['deleted posts', { filter: { status: 'DELETED' } }, 'BAD_USER_INPUT'],
])('%s is refused', async (_, variables, code) => {
  expect(codeOf(await graph.as(ada).run(LIST, variables))).toBe(code);
});

test('a hundred posts with their communities cost as many statements as twenty', async () => {
  const [owner, member] = [aPerson(), aPerson()];
  const communities = await Promise.all([1, 2, 3].map(() => aCommunity(graph, owner, { isPrivate: true })));
  for (const community of communities)
    await act(graph, owner, ADD_MEMBER, { communityId: community.id, userId: member.userId });
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      aPost(graph, owner, { communityId: communities[n % 3]?.id, tags: ['counted'] }),
    ),
  );
  const query = `query ($first: Int) { posts(first: $first, filter: { tag: "counted" }) { edges { node {
    id title html author { id } community { id name viewerRole owner { id } } } } } }`;
  expect(await graph.as(member).queriesOf(query, { first: 20 })).toBe(3);
  expect(await graph.as(member).queriesOf(query, { first: 100 })).toBe(3);
  expect((await page(member, { filter: { tag: 'counted' }, first: 100 })).ids).toHaveLength(100);
});
