import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { content } from '../subgraph.ts';
import { act, aPerson, complaints, codeOf, CREATE_POST, PUBLISH_POST, DELETE_POST } from '../testing.ts';

const graph = testSubgraph(content);
const admin = aPerson('admin');
const fileOf = (importedFrom: string, more: object = {}) => ({
  title: 'Imported',
  markdown: 'x',
  importedFrom,
  ...more,
});

test('an import asked twice, even at once, makes one post', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => act(graph, admin, CREATE_POST, fileOf('notes/one.md'))),
  );
  const again = await act(graph, admin, CREATE_POST, fileOf('notes/one.md', { title: 'Changed since' }));
  expect([...answers, again].flatMap(complaints)).toEqual([]);
  expect(new Set([...answers, again].map(({ post }) => post?.id)).size).toBe(1);
  expect(await graph.rows(sql`select 1 from post where imported_from = 'notes/one.md'`)).toHaveLength(1);
});

test('each importer has imports of their own', async () => {
  const [mine, theirs] = [
    await act(graph, admin, CREATE_POST, fileOf('notes/two.md')),
    await act(graph, aPerson('admin'), CREATE_POST, fileOf('notes/two.md')),
  ];
  expect(mine.post?.id).not.toBe(theirs.post?.id);
});

test('only administrators import', async () => {
  for (const viewer of [aPerson(), aPerson('moderator')]) {
    expect(codeOf(await graph.as(viewer).run(CREATE_POST, { input: fileOf('notes/three.md') }))).toBe('FORBIDDEN');
  }
  expect(await graph.rows(sql`select 1 from post_import where imported_from = 'notes/three.md'`)).toEqual([]);
});

test('a deleted import stays deleted', async () => {
  const { post } = await act(graph, admin, CREATE_POST, fileOf('notes/four.md'));
  await act(graph, admin, DELETE_POST, { id: post?.id });
  expect(complaints(await act(graph, admin, CREATE_POST, fileOf('notes/four.md')))).toEqual(['importedFrom: CONFLICT']);
});

test('an import is published as of when it was written', async () => {
  const writtenAt = '2019-05-06T07:08:09.000Z';
  const { post } = await act(graph, admin, CREATE_POST, fileOf('notes/five.md', { writtenAt }));
  await act(graph, admin, PUBLISH_POST, { id: post?.id });
  const query = 'query ($id: ID) { post(id: $id) { createdAt publishedAt } }';
  expect(await graph.anonymously.data(query, { id: post?.id })).toEqual({
    post: { createdAt: writtenAt, publishedAt: writtenAt },
  });
});

test('nobody writes in the future, and only an import in the past', async () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect(complaints(await act(graph, admin, CREATE_POST, fileOf('notes/six.md', { writtenAt: tomorrow })))).toEqual([
    'writtenAt: BAD_USER_INPUT',
  ]);
  const plain = { title: 'x', markdown: 'x', writtenAt: '2019-05-06T07:08:09Z' };
  expect(complaints(await act(graph, admin, CREATE_POST, plain))).toEqual(['writtenAt: BAD_USER_INPUT']);
});

test.each(['yesterday', '2019-05-06', '', '2019-13-45T00:00:00Z'])('%j is no moment', async (writtenAt) => {
  expect(codeOf(await graph.as(admin).run(CREATE_POST, { input: fileOf('notes/seven.md', { writtenAt }) }))).toBe(
    'BAD_USER_INPUT',
  );
});

test.each(['', 'x'.repeat(501), 'a\u0000b', 'a\nb'])('importedFrom %j is refused', async (importedFrom) => {
  expect(complaints(await act(graph, admin, CREATE_POST, fileOf(importedFrom)))).toEqual([
    'importedFrom: BAD_USER_INPUT',
  ]);
});
