import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { cursorOf } from 'kit/page';
import { testSubgraph } from 'kit/testing/subgraph';
import { aPerson, codesOf, givenComment, givenPost, givenPosts } from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';

const graph = testSubgraph(engagement);

const COMMENTS = `query ($postId: ID!, $parentId: ID, $sort: CommentSort, $first: Int, $after: String, $last: Int, $before: String) {
  comments(postId: $postId, parentId: $parentId, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id counts { score } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: Id; readonly counts: { readonly score: number } };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}

const pageOf = async (variables: Record<string, unknown>): Promise<Page> =>
  (await graph.anonymously.data<{ comments: Page }>(COMMENTS, variables)).comments;
const idsOf = (page: Page): Id[] => page.edges.map(({ node }) => node.id);

/** The whole list, page by page. */
async function walk(variables: Record<string, unknown>, isBackward: boolean): Promise<Id[]> {
  const found: Id[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 50; pages++) {
    const page: Page = await pageOf({
      ...variables,
      ...(isBackward ? { last: 30, before: cursor } : { first: 30, after: cursor }),
    });
    if (isBackward) found.unshift(...idsOf(page));
    else found.push(...idsOf(page));
    if (!(isBackward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage)) return found;
    cursor = isBackward ? page.pageInfo.startCursor : page.pageInfo.endCursor;
  }
  throw new Error('the list does not end');
}

describe('a thread of 500', () => {
  let postId: Id;
  let parentId: Id;
  /** Oldest first. */
  let answers: { id: Id; score: number }[];

  beforeAll(async () => {
    const me = graph.as(aPerson());
    postId = await givenPost(graph);
    parentId = await givenComment(me, postId);
    const ids: Id[] = [];
    for (let batch = 0; batch < 50; batch++) {
      ids.push(...(await Promise.all(Array.from({ length: 10 }, () => givenComment(me, postId, { parentId })))));
    }
    // Few different scores, so that most comments share theirs with many others.
    answers = ids.sort().map((id, index) => ({ id, score: (index * 7) % 5 }));
    await Promise.all(
      answers.map(({ id, score }) =>
        graph.rows(sql`update comment set up = ${score}, score = ${score} where id = ${toUuid(id)}`),
      ),
    );
  });

  const expected = (sort: string): Id[] => {
    const newest = [...answers].reverse();
    if (sort === 'TOP') newest.sort((a, b) => b.score - a.score);
    const ids = newest.map(({ id }) => id);
    return sort === 'OLD' ? ids.reverse() : ids;
  };

  test.each(['TOP', 'NEW', 'OLD'])('is walked whole and in order, both ways: %s', async (sort) => {
    expect(await walk({ postId, parentId, sort }, false)).toEqual(expected(sort));
    expect(await walk({ postId, parentId, sort }, true)).toEqual(expected(sort));
  });

  test('comes by score where nothing else is said', async () => {
    expect(idsOf(await pageOf({ postId, parentId }))).toEqual(expected('TOP').slice(0, 20));
    expect(idsOf(await pageOf({ postId, parentId, sort: null }))).toEqual(expected('TOP').slice(0, 20));
  });

  test('is counted', async () => {
    const data = await graph.anonymously.data(
      `query ($id: ID!) { comment(id: $id) { repliesCount post { counts { comments } } } }`,
      { id: parentId },
    );
    expect(data).toEqual({ comment: { repliesCount: 500, post: { counts: { comments: 501 } } } });
  });

  test('its hundredth comment costs what its first does', async () => {
    const { pageInfo } = await pageOf({ postId, parentId, first: 100 });
    const first = await graph.anonymously.queriesOf(COMMENTS, { postId, parentId, first: 100 });
    expect(first).toBe(3);
    expect(
      await graph.anonymously.queriesOf(COMMENTS, { postId, parentId, first: 100, after: pageInfo.endCursor }),
    ).toBe(first);
  });

  test('a level is its own: the post has one first comment', async () => {
    expect(idsOf(await pageOf({ postId }))).toEqual([parentId]);
  });

  test.each([
    [{ first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ first: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ first: 1e9 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ last: 101 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ first: 1, last: 1 }, 'BAD_USER_INPUT'],
    [{ after: 'nonsense' }, 'INVALID_CURSOR'],
    [{ after: '' }, 'INVALID_CURSOR'],
    [{ after: cursorOf('posts', [1, newId('comment')]) }, 'INVALID_CURSOR'],
    [{ sort: 'BEST' }, 'BAD_USER_INPUT'],
  ])('%j is refused', async (args, code) => {
    expect(await codesOf(graph.anonymously, COMMENTS, { postId, parentId, ...args })).toEqual([code]);
  });

  test('cursors of another level or order, and made-up ones, are refused', async () => {
    const { pageInfo } = await pageOf({ postId, parentId, first: 1 });
    const list = `comments:${parentId}:TOP`;
    for (const variables of [
      { postId, after: pageInfo.endCursor },
      { postId, parentId, sort: 'NEW', after: pageInfo.endCursor },
      { postId, parentId, after: cursorOf(list, ['x', newId('comment')]) },
      { postId, parentId, after: cursorOf(list, [1e300, newId('comment')]) },
      { postId, parentId, after: cursorOf(list, [1, 'nonsense']) },
    ]) {
      expect(await codesOf(graph.anonymously, COMMENTS, variables)).toEqual(['INVALID_CURSOR']);
    }
  });

  test.each([
    [{ postId: newId('post') }, 'NOT_FOUND'],
    [{ postId: newId('comment') }, 'WRONG_ID_TYPE'],
    [{ parentId: newId('comment') }, 'NOT_FOUND'],
    [{ parentId: newId('post') }, 'WRONG_ID_TYPE'],
    [{ parentId: '' }, 'INVALID_ID'],
  ])('%j is not found', async (args, code) => {
    expect(await codesOf(graph.anonymously, COMMENTS, { postId, ...args })).toEqual([code]);
  });
});

test('many posts ask for their comments once, and for the answers once more', async () => {
  const me = graph.as(aPerson());
  const posts = await givenPosts(graph, 100);
  for (const postId of posts.slice(0, 30)) {
    const [parentId] = [await givenComment(me, postId), await givenComment(me, postId)];
    await givenComment(me, postId, { parentId });
  }
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post {
    id comments(first: 1, sort: OLD) { edges { node { id author { id } counts { up } replies(first: 3) { edges { node { id } } } } } pageInfo { hasNextPage } }
  } } }`;
  const representations = (ids: Id[]) => ({ r: ids.map((id) => ({ __typename: 'Post', id })) });
  expect(await me.queriesOf(query, representations(posts.slice(0, 20)))).toBe(3);
  expect(await me.queriesOf(query, representations(posts))).toBe(3);
  const { _entities: answer } = await me.data<{
    _entities: { id: Id; comments: Page & { edges: { node: { replies: Page } }[] } }[];
  }>(query, representations(posts));
  expect(answer.map(({ id }) => id)).toEqual(posts);
  expect(answer.map(({ comments }) => comments.edges.length)).toEqual(posts.map((_, index) => (index < 30 ? 1 : 0)));
  expect(answer[0]?.comments.edges[0]?.node.replies.edges).toHaveLength(1);
  expect(answer[0]?.comments.pageInfo.hasNextPage).toBe(true);
});

test('pages of different sizes and orders asked for at once do not mix', async () => {
  const [me, postId] = [graph.as(aPerson()), await givenPost(graph)];
  const ids = [await givenComment(me, postId), await givenComment(me, postId), await givenComment(me, postId)].sort();
  const data = await me.entity(
    'Post',
    postId,
    `a: comments(first: 1, sort: NEW) { edges { node { id } } } b: comments(first: 2, sort: NEW) { edges { node { id } } }
     c: comments(last: 1, sort: NEW) { edges { node { id } } } d: comments(sort: OLD) { edges { node { id } } }`,
  );
  const page = (...numbers: number[]) => ({ edges: numbers.map((number) => ({ node: { id: ids[number] } })) });
  expect(data).toEqual({ a: page(2), b: page(2, 1), c: page(0), d: page(0, 1, 2) });
});
