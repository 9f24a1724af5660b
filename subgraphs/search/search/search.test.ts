import { sql } from 'kit/database';
import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { find, givenIn, SEARCH } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);
const me = () => graph.anonymously;
const harpsichordAnywhere = sql`
  select title from document where title || body like '%harpsichord%' union all select word from term where word = 'harpsichord'`;

async function codeOf(variables: Record<string, unknown>): Promise<unknown> {
  const { errors } = await me().run(SEARCH, variables);
  return errors?.[0]?.extensions?.['code'];
}

describe('what was found is shown', () => {
  test('with marks around it, everything else escaped', async () => {
    await given.post({
      title: 'Lanterns & <b>lights</b>',
      text: 'Intro <script>alert("x")</script> then a lantern in the "dark" & more',
    });
    const { edges } = await find(me(), 'lantern dark');
    expect(edges[0]?.node.highlights).toEqual([
      { field: 'title', html: '<mark>Lanterns</mark> &amp; &lt;b&gt;lights&lt;/b&gt;' },
      {
        field: 'body',
        html: 'Intro &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; then a <mark>lantern</mark> in the &quot;<mark>dark</mark>&quot; &amp; more',
      },
    ]);
  });

  test('from the part of a long text that has most of the words', async () => {
    const filler = 'word '.repeat(200);
    await given.post({ title: 'Long', text: `${filler} abacus ${filler} an abacus beside a zither ${filler}` });
    const { edges } = await find(me(), 'abacus zither');
    const html = edges[0]?.node.highlights[0]?.html ?? '';
    expect(html).toContain('an <mark>abacus</mark> beside a <mark>zither</mark> word');
    expect(html).toMatch(/^… word.* …$/);
    expect(html.length).toBeLessThan(400);
  });

  test('with accents and misspelt words as they stand in the text', async () => {
    await given.post({ title: 'Über Straßenbahnen', text: '' });
    const { edges } = await find(me(), 'uber strassenbahnem');
    expect(edges[0]?.node.highlights).toEqual([
      { field: 'title', html: '<mark>Über</mark> <mark>Straßenbahnen</mark>' },
    ]);
  });
});

describe('hostile queries find nothing and break nothing', () => {
  const hostile = [
    "'",
    '\\',
    '%',
    '_',
    ':*',
    '!!!',
    '&',
    '|',
    '<->',
    '()',
    "a'b",
    "'; drop table document; --",
    'foo:*',
    '!foo',
    'a & | b',
    '"',
    '""',
    '-',
    '--',
    '-"',
    '"-',
    '🎉'.repeat(200),
    'שלום עולם',
    'مرحبا بالعالم',
    '\u202eabc',
    'a\u0000b',
    '\ud800',
    '(((((',
    '*:*',
    '{"match_all":{}}',
    '\n\t',
    'or',
    'and not',
    "\\' or 1=1",
    '%s%d',
    '$1',
    'a '.repeat(100),
    'é'.repeat(200),
    '1e309',
    '-1',
    '﷽'.repeat(50),
    'ﬀ'.repeat(200),
  ];
  test.each(hostile.map((query) => [query]))('%j', async (query) => {
    const { data, errors } = await me().run(SEARCH, { query, filter: null });
    const code = errors?.[0]?.extensions?.['code'];
    if (query.trim() === '') expect(code).toBe('BAD_USER_INPUT');
    else expect({ errors, found: data?.['search'] }).toMatchObject({ errors: undefined, found: { pageInfo: {} } });
  });

  test('right-to-left words are found', async () => {
    const post = await given.post({ title: 'שלום לכולם' });
    expect((await find(me(), 'שלום')).ids).toEqual([post]);
  });
});

describe('bad input has its code', () => {
  test.each([
    [{ query: '' }, 'BAD_USER_INPUT'],
    [{ query: '   ' }, 'BAD_USER_INPUT'],
    [{ query: 'a'.repeat(201) }, 'BAD_USER_INPUT'],
    [{ query: 'a'.repeat(1_000_000) }, 'BAD_USER_INPUT'],
    [{ query: 'a', first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ query: 'a', first: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ query: 'a', first: 1_000_000_000 }, 'PAGE_SIZE_OUT_OF_RANGE'],
    [{ query: 'a', first: 1, last: 1 }, 'BAD_USER_INPUT'],
    [{ query: 'a', after: 'nonsense' }, 'INVALID_CURSOR'],
    [{ query: 'a', filter: { authorId: 'nobody' } }, 'INVALID_ID'],
    [{ query: 'a', filter: { authorId: newId('post') } }, 'WRONG_ID_TYPE'],
    [{ query: 'a', filter: { communityId: newId('user') } }, 'WRONG_ID_TYPE'],
    [{ query: 'a', filter: { tag: 'a\u0000b' } }, 'BAD_USER_INPUT'],
    [{ query: 'a', filter: { tag: 'x'.repeat(100_000) } }, 'BAD_USER_INPUT'],
    [{ query: 'a', filter: { since: 'yesterday' } }, 'BAD_USER_INPUT'],
    [{ query: 'a', filter: { kinds: ['TAG'] } }, 'BAD_USER_INPUT'],
  ])('%j', async (variables, code) => {
    expect(await codeOf(variables)).toBe(code);
  });

  test('a cursor of another search is refused, as is one of ours that was changed', async () => {
    await given.posts([{ title: 'Cursor one' }, { title: 'Cursor two' }]);
    const { pageInfo } = await find(me(), 'cursor', { first: 1 });
    expect(await codeOf({ query: 'other', after: pageInfo.endCursor })).toBe('INVALID_CURSOR');
    expect(await codeOf({ query: 'cursor', filter: { kinds: ['POST'] }, after: pageInfo.endCursor })).toBe(
      'INVALID_CURSOR',
    );
    const [list] = JSON.parse(Buffer.from(pageInfo.endCursor, 'base64url').toString()) as unknown[];
    for (const key of [
      ['1', newId('post')],
      [1, 'x'],
      [1, newId('media')],
    ]) {
      const after = Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
      expect(await codeOf({ query: 'cursor', after })).toBe('INVALID_CURSOR');
    }
  });

  test('an id that nobody has is no error', async () => {
    expect(
      (await find(me(), 'cursor', { filter: { authorId: newId('user'), communityId: newId('community') } })).ids,
    ).toEqual([]);
  });
});

test('a search costs the same number of statements for one result and for fifty', async () => {
  await given.posts(Array.from({ length: 50 }, (_, index) => ({ title: `Statement ${index}`, tags: ['cost'] })));
  const member = graph.as(userViewer(newId('user')));
  const few = await member.queriesOf(SEARCH, { query: 'statement', first: 1 });
  expect(await member.queriesOf(SEARCH, { query: 'statement', first: 50 })).toBe(few);
  // Words looked up, a page found, counts, texts and stems for the marks.
  expect(few).toBe(5);
});

test('a draft is found by nobody, its author included', async () => {
  const author = userViewer(newId('user'));
  await given.post({ title: 'Unfinished harpsichord', status: 'DRAFT', authorId: author.userId ?? '' });
  expect((await find(graph.as(author), 'harpsichord')).ids).toEqual([]);
  expect(await graph.rows(harpsichordAnywhere)).toEqual([]);
});

test('a comment on what one may not see is not found, whichever came first', async () => {
  const post = newId('post');
  const comment = await given.comment(post, 'early clavichord');
  expect((await find(me(), 'clavichord')).ids).toEqual([]);
  await given.post({ id: post, title: 'Late' });
  expect((await find(me(), 'clavichord')).ids).toEqual([comment]);
  await given.deleteComment(comment, post);
  expect((await find(me(), 'clavichord')).ids).toEqual([]);
});
