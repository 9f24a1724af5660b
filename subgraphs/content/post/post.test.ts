import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { content } from '../subgraph.ts';
import {
  act,
  ADD_MEMBER,
  aCommunity,
  aDraft,
  aPerson,
  aPost,
  complaints,
  codeOf,
  CREATE_POST,
  DELETE_POST,
  type Person,
  PUBLISH_POST,
  UPDATE_POST,
} from '../testing.ts';

const graph = testSubgraph(content);
const author = aPerson();

test('a post begins as its author’s draft, sanitised, with a slug, an excerpt and a reading time', async () => {
  const { post } = await act(graph, author, CREATE_POST, {
    title: '  Crème Brûlée  ',
    markdown: 'Hello *world*<script>alert(1)</script>',
    tags: ['TypeScript', 'typescript', ' Web  Design '],
  });
  expect(post).toMatchObject({
    title: 'Crème Brûlée',
    slug: 'creme-brulee',
    status: 'DRAFT',
    version: 1,
    tags: ['typescript', 'web-design'],
    excerpt: 'Hello world',
    publishedAt: null,
  });
  expect(post?.html).toBe('<p>Hello <em>world</em></p>');
  const query =
    'query ($id: ID, $slug: String) { post(id: $id, slug: $slug) { id readingMinutes author { id } community { id } } }';
  const expected = { post: { id: post?.id, readingMinutes: 1, author: { id: author.userId }, community: null } };
  expect(await graph.as(author).data(query, { id: post?.id })).toEqual(expected);
  expect(await graph.as(author).data(query, { slug: post?.slug })).toEqual(expected);
});

test('each save keeps what was before, with who and why', async () => {
  const { id } = await aDraft(graph, author, { title: 'One', markdown: 'first', tags: ['a'] });
  await act(graph, author, UPDATE_POST, { id, version: 1, title: 'Two', reason: 'a better title' });
  const { post } = await act(graph, author, UPDATE_POST, { id, version: 2, markdown: 'second', tags: [] });
  expect(post).toMatchObject({ title: 'Two', slug: 'one', markdown: 'second', tags: [], version: 3 });
  const { post: read } = await graph.as(author).data<{ post: unknown }>(
    `query ($id: ID) { post(id: $id) { revisions(first: 10) {
      edges { node { number title markdown tags reason editor { id } } } pageInfo { hasNextPage } } } }`,
    { id },
  );
  expect(read).toEqual({
    revisions: {
      edges: [
        {
          node: { number: 2, title: 'Two', markdown: 'first', tags: ['a'], reason: '', editor: { id: author.userId } },
        },
        {
          node: {
            number: 1,
            title: 'One',
            markdown: 'first',
            tags: ['a'],
            reason: 'a better title',
            editor: { id: author.userId },
          },
        },
      ],
      pageInfo: { hasNextPage: false },
    },
  });
});

test('the revisions of ten posts are read at once', async () => {
  const writer = aPerson();
  const posts = await Promise.all(Array.from({ length: 10 }, () => aDraft(graph, writer)));
  for (const { id } of posts.slice(0, 5)) await act(graph, writer, UPDATE_POST, { id, version: 1, title: `Of ${id}` });
  await act(graph, writer, UPDATE_POST, { id: posts[0]?.id, version: 2, title: 'Once more' });
  const query = `query ($first: Int) { posts(first: $first, filter: { status: DRAFT }) {
    edges { node { id title revisions(first: 1) { edges { node { number title } } pageInfo { hasNextPage } } } } } }`;
  const { posts: list } = await graph.as(writer).data<{
    posts: {
      edges: { node: { id: string; revisions: { edges: { node: { number: number } }[]; pageInfo: object } } }[];
    };
  }>(query, { first: 10 });
  const newest = list.edges.map(({ node: { id, revisions } }) => [
    id,
    revisions.edges[0]?.node.number,
    revisions.pageInfo,
  ]);
  expect(new Map(newest.map(([id, ...rest]) => [id, rest]))).toEqual(
    new Map(
      posts.map(({ id }, index) => [id, [index === 0 ? 2 : index < 5 ? 1 : undefined, { hasNextPage: index === 0 }]]),
    ),
  );
  expect(await graph.as(writer).queriesOf(query, { first: 1 })).toBe(2);
  expect(await graph.as(writer).queriesOf(query, { first: 10 })).toBe(2);
});

test('revisions are paged both ways', async () => {
  const { id } = await aDraft(graph, author);
  for (let version = 1; version <= 5; version++)
    await act(graph, author, UPDATE_POST, { id, version, markdown: `text ${version}` });
  const query = `query ($id: ID, $first: Int, $after: String, $last: Int, $before: String) { post(id: $id) {
    revisions(first: $first, after: $after, last: $last, before: $before) { edges { node { number } } pageInfo { startCursor endCursor hasNextPage } } } }`;
  interface Page {
    post: {
      revisions: {
        edges: { node: { number: number } }[];
        pageInfo: { startCursor: string; endCursor: string; hasNextPage: boolean };
      };
    };
  }
  const page = async (args: object) => {
    const { post } = await graph.as(author).data<Page>(query, { id, ...args });
    return { numbers: post.revisions.edges.map((edge) => edge.node.number), ...post.revisions.pageInfo };
  };
  const first = await page({ first: 2 });
  expect(first).toMatchObject({ numbers: [5, 4], hasNextPage: true });
  expect((await page({ first: 2, after: first.endCursor })).numbers).toEqual([3, 2]);
  const last = await page({ last: 2 });
  expect(last.numbers).toEqual([2, 1]);
  expect((await page({ last: 2, before: last.startCursor })).numbers).toEqual([4, 3]);
});

test('an edit of an older version is told, and nothing of it is kept', async () => {
  const { id } = await aDraft(graph, author, { title: 'Kept' });
  await act(graph, author, UPDATE_POST, { id, version: 1, title: 'First' });
  const late = await act(graph, author, UPDATE_POST, { id, version: 1, title: 'Second' });
  expect(complaints(late)).toEqual(['version: VERSION_CONFLICT']);
  expect(await graph.rows(sql`select title, version from post where id = ${toUuid(id)}`)).toEqual([
    { title: 'First', version: 2 },
  ]);
  expect(await graph.rows(sql`select number from post_revision where post_id = ${toUuid(id)}`)).toEqual([
    { number: 1 },
  ]);
});

test('of ten edits at once from one version one is saved', async () => {
  const { id } = await aDraft(graph, author);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => act(graph, author, UPDATE_POST, { id, version: 1, title: `Edit ${n}` })),
  );
  const saved = answers.filter((answer) => answer.userErrors.length === 0);
  expect(saved).toHaveLength(1);
  expect(answers.flatMap(complaints)).toEqual(Array.from({ length: 9 }, () => 'version: VERSION_CONFLICT'));
  expect(await graph.rows(sql`select title, version from post where id = ${toUuid(id)}`)).toEqual([
    { title: saved[0]?.post?.title, version: 2 },
  ]);
});

test('publishing twice, even at once, is publishing once', async () => {
  const { id } = await aDraft(graph, author);
  const answers = await Promise.all([1, 2, 3].map(() => act(graph, author, PUBLISH_POST, { id })));
  const again = await act(graph, author, PUBLISH_POST, { id });
  expect(new Set([...answers, again].map(({ post }) => post?.publishedAt)).size).toBe(1);
  expect(again.post).toMatchObject({ status: 'PUBLISHED', version: 1 });
});

test('only the author changes a post: strangers learn that it exists only where they may see it', async () => {
  const [draft, published] = [await aDraft(graph, author), await aPost(graph, author)];
  for (const viewer of [aPerson(), aPerson('moderator'), aPerson('admin')]) {
    expect(complaints(await act(graph, viewer, UPDATE_POST, { id: draft.id, version: 1, title: 'Mine' }))).toEqual([
      'id: NOT_FOUND',
    ]);
    expect(complaints(await act(graph, viewer, PUBLISH_POST, { id: draft.id }))).toEqual(['id: NOT_FOUND']);
    expect(complaints(await act(graph, viewer, DELETE_POST, { id: draft.id }))).toEqual(['id: NOT_FOUND']);
    expect(
      codeOf(await graph.as(viewer).run(UPDATE_POST, { input: { id: published.id, version: 1, title: 'Mine' } })),
    ).toBe('FORBIDDEN');
  }
  expect(codeOf(await graph.as(aPerson()).run(DELETE_POST, { input: { id: published.id } }))).toBe('FORBIDDEN');
});

test.each([CREATE_POST, UPDATE_POST, PUBLISH_POST, DELETE_POST])('nobody writes unsigned: %s', async (mutation) => {
  const id = newId('post');
  const input = {
    ...(mutation === CREATE_POST ? { title: 'x', markdown: 'x' } : { id }),
    ...(mutation === UPDATE_POST ? { version: 1 } : {}),
  };
  expect(codeOf(await graph.anonymously.run(mutation, { input }))).toBe('UNAUTHENTICATED');
});

test('a post is deleted by its author, its community’s owner and moderators, and the site’s staff', async () => {
  const [owner, moderator, writer, member] = [aPerson(), aPerson(), aPerson(), aPerson()];
  const community = await aCommunity(graph, owner);
  const add = (userId: string, role: string) =>
    act(graph, owner, ADD_MEMBER, { communityId: community.id, userId, role });
  await add(moderator.userId, 'moderator');
  await add(writer.userId, 'member');
  await add(member.userId, 'member');
  for (const deleter of [writer, owner, moderator, aPerson('moderator'), aPerson('admin')] satisfies Person[]) {
    const { id, slug } = await aPost(graph, writer, {
      communityId: community.id,
      title: 'Secret words',
      markdown: 'Secret words',
    });
    await act(graph, writer, UPDATE_POST, { id, version: 1, markdown: 'Other words', tags: ['secret'] });
    expect(codeOf(await graph.as(member).run(DELETE_POST, { input: { id } }))).toBe('FORBIDDEN');
    expect(await act(graph, deleter, DELETE_POST, { id })).toEqual({ deletedId: id, userErrors: [] });
    expect(await graph.as(writer).entity('Post', id)).toBeNull();
    expect(await graph.as(writer).data('query ($slug: String) { post(slug: $slug) { id } }', { slug })).toEqual({
      post: null,
    });
    expect(complaints(await act(graph, deleter, DELETE_POST, { id }))).toEqual(['id: NOT_FOUND']);
    expect(complaints(await act(graph, writer, UPDATE_POST, { id, version: 2, title: 'Back' }))).toEqual([
      'id: NOT_FOUND',
    ]);
    const [kept] = await graph.rows<{ words: string }>(
      sql`select concat(title, markdown, html, excerpt, tags::text) as words from post where id = ${toUuid(id)}`,
    );
    expect(kept?.words).toBe('{}');
    const left = sql`select 1 from post_tag where post_id = ${toUuid(id)} union all select 1 from post_revision where post_id = ${toUuid(id)}`;
    expect(await graph.rows(left)).toEqual([]);
  }
});

test('twenty posts of one title at once get twenty slugs, and a deleted post’s slug is never another’s', async () => {
  const posts = await Promise.all(Array.from({ length: 20 }, () => aDraft(graph, author, { title: 'Weekly notes' })));
  const slugs = new Set(posts.map((post) => post.slug));
  expect(slugs.size).toBe(20);
  expect(slugs).toContain('weekly-notes');
  const first = posts.find((post) => post.slug === 'weekly-notes');
  await act(graph, author, DELETE_POST, { id: first?.id });
  expect((await aDraft(graph, author, { title: 'Weekly notes' })).slug).not.toBe('weekly-notes');
});

test('a retried createPost answers the first post; the key with another body is a conflict', async () => {
  const input = { title: 'Once', markdown: 'x', idempotencyKey: 'key-1' };
  const first = await act(graph, author, CREATE_POST, input);
  expect((await act(graph, author, CREATE_POST, input)).post?.id).toBe(first.post?.id);
  expect(complaints(await act(graph, author, CREATE_POST, { ...input, title: 'Twice' }))).toEqual([
    'idempotencyKey: IDEMPOTENCY_KEY_REUSED',
  ]);
  const other = await act(graph, aPerson(), CREATE_POST, input);
  expect(other.post?.id).not.toBe(first.post?.id);
});

test('ten retries at once make one post', async () => {
  const input = { title: 'At once', markdown: 'x', idempotencyKey: 'key-2' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => act(graph, author, CREATE_POST, input)));
  expect(new Set(answers.map(({ post }) => post?.id)).size).toBe(1);
  expect(await graph.rows(sql`select 1 from post where title = 'At once'`)).toHaveLength(1);
});

test('a refused post does not burn its key', async () => {
  const input = { title: '', markdown: 'x', idempotencyKey: 'key-3' };
  expect(complaints(await act(graph, author, CREATE_POST, input))).toEqual(['title: BAD_USER_INPUT']);
  expect(complaints(await act(graph, author, CREATE_POST, { ...input, title: 'Right' }))).toEqual([]);
});

test.each(['', 'x'.repeat(201), 'nul\0', '\ud800'])('an idempotency key %j is refused', async (idempotencyKey) => {
  expect(complaints(await act(graph, author, CREATE_POST, { title: 'x', markdown: 'x', idempotencyKey }))).toEqual([
    'idempotencyKey: BAD_USER_INPUT',
  ]);
});

test('a post goes into a community of one’s own only', async () => {
  const [owner, stranger] = [aPerson(), aPerson()];
  const { id: communityId } = await aCommunity(graph, owner);
  const input = { title: 'x', markdown: 'x', communityId };
  expect(complaints(await act(graph, stranger, CREATE_POST, input))).toEqual(['communityId: NOT_FOUND']);
  expect(complaints(await act(graph, owner, CREATE_POST, { ...input, communityId: newId('community') }))).toEqual([
    'communityId: NOT_FOUND',
  ]);
  expect(complaints(await act(graph, owner, CREATE_POST, { ...input, communityId: owner.userId }))).toEqual([
    'communityId: WRONG_ID_TYPE',
  ]);
  expect(complaints(await act(graph, owner, CREATE_POST, input))).toEqual([]);
});
