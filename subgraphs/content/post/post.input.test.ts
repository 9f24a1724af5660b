import { sql } from 'kit/database';
import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { content } from '../subgraph.ts';
import {
  act,
  aDraft,
  aPerson,
  aPost,
  complaints,
  codeOf,
  CREATE_POST,
  DELETE_POST,
  PUBLISH_POST,
  UPDATE_POST,
} from '../testing.ts';

const graph = testSubgraph(content);
const author = aPerson();
const SURROGATE = '\ud800';

test.each([
  ['an empty title', { title: '' }, ['title']],
  ['a title of spaces', { title: ' \t ' }, ['title']],
  ['a title of 201 characters', { title: '𝕏'.repeat(201) }, ['title']],
  ['a huge title', { title: 'x'.repeat(1_000_000) }, ['title']],
  ['a line break in the title', { title: 'a\nb' }, ['title']],
  ['a control character in the title', { title: 'a\u0007b' }, ['title']],
  ['NUL in the title', { title: 'a\0b' }, ['title']],
  ['half a character in the title', { title: `a${SURROGATE}b` }, ['title']],
  ['a title that turns its direction', { title: 'a\u202eb' }, ['title']],
  ['a text of 200,001 characters', { markdown: 'x'.repeat(200_001) }, ['markdown']],
  ['eleven tags', { tags: Array.from({ length: 11 }, (_, n) => `tag${n}`) }, ['tags']],
  ['a tag of 41 letters', { tags: ['x'.repeat(41)] }, ['tags']],
  ['a tag with a bracket', { tags: ['<b>'] }, ['tags']],
  ['a tag with a control character', { tags: ['a\u0007b'] }, ['tags']],
  ['a tag with NUL', { tags: ['a\0b'] }, ['tags']],
  ['a tag with half a character', { tags: [`a${SURROGATE}`] }, ['tags']],
  ['all of it at once', { title: '', markdown: 'x'.repeat(300_000), tags: ['<'] }, ['title', 'markdown', 'tags']],
])('%s is refused and names the field', async (_, input, fields) => {
  const wrong = { title: 'x', markdown: 'x', ...input };
  const expected = fields.map((field) => `${field}: BAD_USER_INPUT`);
  const created = await act(graph, author, CREATE_POST, wrong);
  expect(created.post).toBeNull();
  expect(complaints(created)).toEqual(expected);
  const { id } = await aDraft(graph, author);
  expect(complaints(await act(graph, author, UPDATE_POST, { id, version: 1, ...input, reason: 'x' }))).toEqual(
    expected,
  );
});

test('a bad reason is told together with the rest', async () => {
  const { id } = await aDraft(graph, author);
  const answer = await act(graph, author, UPDATE_POST, { id, version: 1, title: '', reason: 'x'.repeat(501) });
  expect(complaints(answer)).toEqual(['title: BAD_USER_INPUT', 'reason: BAD_USER_INPUT']);
});

test.each([
  ['200 characters outside the basic plane', { title: '𝕏'.repeat(200) }],
  ['200,000 characters', { markdown: 'x'.repeat(200_000) }],
  ['no text', { markdown: '' }],
  ['control characters and NUL in the text', { markdown: 'a\0b\u0007c\u001b[31m' }],
  ['half a character in the text', { markdown: `a${SURROGATE}b` }],
  [
    'ten tags, repeated in other cases',
    { tags: Array.from({ length: 20 }, (_, n) => (n % 2 ? `Tag${n >> 1}` : `tag${n >> 1}`)) },
  ],
  ['empty tags, which are none', { tags: ['', '  '] }],
  ['tags of other scripts', { tags: ['日本語', 'Ёлка', 'c++', 'c#', 'node.js', 'हिन्दी'] }],
])('%s is taken', async (_, input) => {
  const { post, ...answer } = await act(graph, author, CREATE_POST, { title: 'x', markdown: 'x', ...input });
  expect(complaints(answer)).toEqual([]);
  expect(post?.html).not.toMatch(/[\0\u0007\u001b]/);
  expect(post?.html.isWellFormed()).toBe(true);
});

test('tags are one whatever their case and width', async () => {
  const { tags } = await aDraft(graph, author, { tags: ['TypeScript', 'ＴｙｐｅＳｃｒｉｐｔ', ' typescript '] });
  expect(tags).toEqual(['typescript']);
});

test.each([
  ['an unknown id', () => newId('post'), 'NOT_FOUND'],
  ['the id of a person', () => newId('user'), 'WRONG_ID_TYPE'],
  ['no id', () => 'x', 'INVALID_ID'],
  ['an empty id', () => '', 'INVALID_ID'],
  ['a huge id', () => 'post_'.repeat(10_000), 'INVALID_ID'],
  ['an id with NUL', () => 'post_\0', 'INVALID_ID'],
  ['an id of no UUID', () => 'post_00000000000000000000000001', 'INVALID_ID'],
  ['an id out of range', () => 'post_8zzzzzzzzzzzzzzzzzzzzzzzzz', 'INVALID_ID'],
])('%s is refused by each mutation', async (_, id, code) => {
  const [given] = [id()];
  expect(complaints(await act(graph, author, UPDATE_POST, { id: given, version: 1 }))).toEqual([`id: ${code}`]);
  expect(complaints(await act(graph, author, PUBLISH_POST, { id: given }))).toEqual([`id: ${code}`]);
  expect(complaints(await act(graph, author, DELETE_POST, { id: given }))).toEqual([`id: ${code}`]);
});

test('an id that is none fails its own object only', async () => {
  const { id } = await aPost(graph, author);
  const representations = [id, 'post_00000000000000000000000001'].map((one) => ({ __typename: 'Post', id: one }));
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { id } } }';
  const answer = await graph.as(author).run(query, { r: representations });
  expect(answer).toMatchObject({ data: { _entities: [{ id }, null] } });
  expect(codeOf(answer)).toBe('INVALID_ID');
});

test.each([
  ['neither', {}, 'BAD_USER_INPUT'],
  ['both', { id: newId('post'), slug: 'x' }, 'BAD_USER_INPUT'],
  ['no id', { id: 'x' }, 'INVALID_ID'],
  ['the id of a person', { id: newId('user') }, 'WRONG_ID_TYPE'],
])('post by %s is refused', async (_, variables, code) => {
  expect(
    codeOf(
      await graph.anonymously.run('query ($id: ID, $slug: String) { post(id: $id, slug: $slug) { id } }', variables),
    ),
  ).toBe(code);
});

test.each(['', 'nothing-of-that-name', 'x'.repeat(100_000), SURROGATE, "'; drop table post; --", '%'])(
  'a slug that is none finds nothing: %j',
  async (slug) => {
    expect(await graph.anonymously.data('query ($slug: String) { post(slug: $slug) { id } }', { slug })).toEqual({
      post: null,
    });
  },
);

test('a slug with NUL, which no text holds, is bad input', async () => {
  expect(
    codeOf(await graph.anonymously.run('query ($slug: String) { post(slug: $slug) { id } }', { slug: 'a\0b' })),
  ).toBe('BAD_USER_INPUT');
});

test('a field that is not the client’s to set is refused', async () => {
  const { errors } = await graph
    .as(author)
    .run(CREATE_POST, { input: { title: 'x', markdown: 'x', authorId: newId('user') } });
  expect(errors?.[0]?.message).toContain('"authorId" is not defined');
});

test('nothing that was refused left a row', async () => {
  expect(
    await graph.rows(sql`select 1 from post_slug s left join post p on p.id = s.post_id where p.id is null`),
  ).toEqual([]);
});
