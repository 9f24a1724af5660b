import type { Context } from './context.ts';
import { newId, toUuid } from './ids.ts';
import { defineLoader, grouped, inOrder } from './loaders.ts';
import { sql } from './database.ts';
import { testSubgraph } from './testing/subgraph.ts';
import { maker, saveWidget, widgetById } from './testing/widget.ts';
import { anonymous } from './viewer.ts';

const graph = testSubgraph(maker);
const contextOf = (): Context => graph.as(anonymous).context();
const save = async (name: string): Promise<string> => String((await saveWidget(contextOf(), { name }))?.id);

test('what is asked for in one tick is read together, once per request, in the order of the keys', async () => {
  const reads: (readonly string[])[] = [];
  const loader = defineLoader<string, string>((_, keys) => {
    reads.push(keys);
    return Promise.resolve(keys.map((key) => key.toUpperCase()));
  });
  const [one, other] = [contextOf(), contextOf()];
  expect(
    await Promise.all([loader(one, 'b'), loader(one, 'a'), loader(one, 'b'), loader.many(one, ['c', 'a'])]),
  ).toEqual(['B', 'A', 'B', ['C', 'A']]);
  await loader(one, 'a');
  expect(reads).toEqual([['b', 'a', 'c']]);
  await loader(other, 'a');
  expect(reads).toHaveLength(2);
  loader.clear(one, 'a');
  await loader(one, 'a');
  expect(reads).toHaveLength(3);
});

test('what does not exist is null, in its place', async () => {
  const [first, second] = [await save('first'), await save('second')];
  const found = await widgetById.many(contextOf(), [second, newId('widget'), first, second]);
  expect(found.map((widget) => widget?.name ?? null)).toEqual(['second', null, 'first', 'second']);
});

test('many fields of one request cost one statement', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => save(`widget ${n}`)));
  const query = `{ ${ids.map((id, n) => `w${n}: widget(id: "${id}") { name }`).join(' ')} }`;
  expect(await graph.anonymously.queriesOf(query)).toBe(1);
});

test('a loader that fails fails for those who asked, and is asked again by the next request', async () => {
  const broken = defineLoader<string, unknown>((ctx) => ctx.rows(sql`select ${toUuid(newId('widget'))}::int`));
  const ctx = contextOf();
  await expect(Promise.all([broken(ctx, 'a'), broken(ctx, 'b')])).rejects.toThrow();
});

test('rows are put in order, or in groups, of the keys they were asked by', () => {
  const rows = [
    { key: 'b', n: 1 },
    { key: 'a', n: 2 },
    { key: 'b', n: 3 },
  ];
  expect(inOrder(['a', 'x', 'a'], rows, (row) => row.key)).toEqual([rows[1], null, rows[1]]);
  expect(grouped(['b', 'x', 'a'], rows, (row) => row.key)).toEqual([[rows[0], rows[2]], [], [rows[1]]]);
});
