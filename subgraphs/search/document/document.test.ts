import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { find, givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';
import { type Document, rebuildDocuments, saveDocument } from './document.actions.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);
const me = () => graph.anonymously;
const titlesOf = async (word: string) =>
  (await graph.rows<{ titles: number }>(sql`select titles from term where word = ${word}`))[0]?.titles;

test('an older event changes nothing', async () => {
  const id = await given.post({ title: 'Newest' }, { aggregateVersion: 10 });
  await given.post({ id, title: 'Outdated' }, { aggregateVersion: 9 });
  expect((await find(me(), 'newest')).ids).toEqual([id]);
  expect((await find(me(), '"outdated"')).ids).toEqual([]);
  await given.count(id, { score: 5 }, { aggregateVersion: 7 });
  await given.count(id, { score: 1 }, { aggregateVersion: 6 });
  expect(await graph.rows(sql`select score from post_count where post_id = ${toUuid(id)}`)).toEqual([{ score: 5 }]);
});

test('of two first events that are heard at once, the older one changes nothing either', async () => {
  const id = toUuid(newId('post'));
  const first: Document = {
    ...{
      id,
      kind: 'POST',
      title: 'Overtaken',
      body: '',
      tags: ['late'],
      authorId: null,
      communityId: null,
      postId: id,
    },
    ...{ isPrivate: null, publishedAt: new Date().toISOString(), isVisible: true, version: 1 },
  };
  const newer = await me()
    .context()
    .change(async (tx) => {
      await saveDocument(tx, { ...first, title: 'Overtaking', tags: [], version: 2 });
      const meanwhile = saveDocument(me().context(), first);
      // It waits for this one's commit, with what it has read before.
      while (
        (
          await graph.rows(
            sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).length === 0
      );
      return { meanwhile };
    });
  await newer.meanwhile;
  const kept = sql`select title, title_folded, words @@ 'overtaken'::tsquery as "isStale" from document where id = ${id}`;
  expect(await graph.rows(kept)).toEqual([{ title: 'Overtaking', title_folded: 'overtaking', isStale: false }]);
  expect(await graph.rows(sql`select tag from tagged where document_id = ${id}`)).toEqual([]);
});

test('a repeated event is one event', async () => {
  const options = { id: crypto.randomUUID() };
  const id = await given.post({ title: 'Repeated' }, options);
  await given.post({ id, title: 'Repeated otherwise' }, options);
  expect((await find(me(), '"repeated otherwise"')).ids).toEqual([]);
  expect(await titlesOf('repeated')).toBe(1);
});

test('what was deleted does not come back by an event that comes late', async () => {
  const id = await given.post({ title: 'Departed' });
  await given.deletePost(id);
  await given.post({ id, title: 'Departed' }, { aggregateVersion: 1 });
  expect((await find(me(), 'departed')).ids).toEqual([]);
  expect(await graph.rows(sql`select title, body, tags from document where id = ${toUuid(id)}`)).toEqual([
    { title: '', body: '', tags: [] },
  ]);
});

test('an unknown version of an event becomes a dead letter, and those after it are heard', async () => {
  const { id } = await graph.deliver('content', 'post.saved', { postId: newId('post') }, { version: 99 });
  const next = await given.post({ title: 'Afterwards' });
  expect(await graph.rows(sql`select error from dead_letter where event_id = ${id}`)).toEqual([
    { error: expect.stringContaining('no handler knows version 99') as string },
  ]);
  expect((await find(me(), 'afterwards')).ids).toEqual([next]);
});

test('the vocabulary knows in how many titles a word is', async () => {
  const id = await given.post({ title: 'Dulcimer', text: 'psaltery', tags: ['strings'] });
  await given.post({ title: 'Another dulcimer' });
  expect(await Promise.all(['dulcimer', 'psaltery', 'strings'].map(titlesOf))).toEqual([2, 0, 1]);
  await given.post({ id, title: 'Psaltery' });
  expect(await Promise.all(['dulcimer', 'psaltery', 'strings'].map(titlesOf))).toEqual([1, 1, 0]);
  await rebuildDocuments(me().context());
  expect(await Promise.all(['dulcimer', 'psaltery', 'strings'].map(titlesOf))).toEqual([1, 1, undefined]);
});

const han = (index: number): string => String.fromCodePoint(0x4e00 + index);

test.each([
  ['one word without end', 'x'.repeat(100_000)],
  [
    'different words of a script of four bytes',
    Array.from({ length: 16_000 }, (_, i) =>
      String.fromCodePoint(0x12000 + (i % 900), 0x12000 + Math.floor(i / 900)),
    ).join(' '),
  ],
  ['different words', Array.from({ length: 20_000 }, (_, i) => i.toString(36).padStart(4, 'q')).join(' ')],
  ['text without spaces', '漢字仮名交じり文'.repeat(12_000)],
  ['different pairs of letters', Array.from({ length: 100_000 }, (_, i) => han((i * i * 7 + i) % 20_000)).join('')],
  [
    'letters that are two',
    Array.from({ length: 50_000 }, (_, i) => `${'ヿゟ'[i % 2]}${han((i >> 1) % 20_000)}`).join(''),
  ],
  ['letters that are eighteen', Array.from({ length: 15_000 }, (_, i) => `ﷺﷺﷺ${i.toString(36)}`).join(' ')],
  ['half a letter at the cut', `${'a '.repeat(49_999)}x😀`],
  ['marks and no letters', '\u0301'.repeat(100_000)],
  ['NUL', 'a\u0000b'],
])('a text of %s is kept', async (name, text) => {
  const id = await given.post({ title: `Extreme ${name}`, text });
  expect((await find(me(), `"Extreme ${name}"`)).ids).toContain(id);
  expect(await graph.rows(sql`select event_id from dead_letter where error not like '%version 99%'`)).toEqual([]);
});

test('a post may be asked for by its entity by those who may see it only', async () => {
  const community = await given.community('closed', true);
  const [open, hidden] = [await given.post({}), await given.post({ communityId: community })];
  expect(await me().entity('Post', open)).toEqual({ id: open });
  expect(await me().entity('Post', hidden)).toBeNull();
  expect(await me().entity('Post', newId('post'))).toBeNull();
});
