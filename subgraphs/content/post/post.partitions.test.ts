import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { ensureMonthlyPartitions, lowestUuid } from 'kit/partitions';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import { aPerson, aPost } from '../testing.ts';

const graph = testSubgraph(content);
const month = (offset: number, from = new Date()): string => {
  const first = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + offset, 1));
  return `post_${first.toISOString().slice(0, 7).replace('-', '_')}`;
};
const partitions = async (): Promise<string[]> => {
  const rows = await graph.rows<{ name: string }>(
    sql`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'post'::regclass order by 1`,
  );
  return rows.map((row) => row.name);
};

test('from the start there are partitions for last month, this one and three ahead', async () => {
  expect(await partitions()).toEqual([...[-1, 0, 1, 2, 3].map((offset) => month(offset)), 'post_other'].sort());
});

test('posts land in their month, and none in the rest', async () => {
  const author = aPerson();
  for (let n = 0; n < 5; n++) await aPost(graph, author);
  expect(await graph.rows(sql`select distinct tableoid::regclass::text as name from post`)).toEqual([
    { name: month(0) },
  ]);
});

test('making them again, at once and a year later, adds what is missing', async () => {
  const ctx = graph.as(systemViewer).context();
  await Promise.all([1, 2, 3, 4].map(() => ensureMonthlyPartitions(ctx, 'post')));
  const later = new Date('2031-12-31T23:59:59.999Z');
  await Promise.all([1, 2].map(() => ensureMonthlyPartitions(ctx, 'post', later)));
  expect(await partitions()).toEqual(
    expect.arrayContaining(['post_2031_11', 'post_2031_12', 'post_2032_01', 'post_2032_03']),
  );
});

test('what a clock that was ahead has put aside goes into its month once that is there', async () => {
  const ctx = graph.as(systemViewer).context();
  const ahead = new Date('2040-05-17T12:00:00.000Z');
  const { id } = await aPost(graph, aPerson());
  const uuid = lowestUuid(ahead).replace('-0000-0000-', '-7000-8000-');
  await graph.rows(sql`update post set id = ${uuid} where id = ${toUuid(id)}`);
  const home = () => graph.rows(sql`select tableoid::regclass::text as name from post where id = ${uuid}`);
  expect(await home()).toEqual([{ name: 'post_other' }]);
  await ensureMonthlyPartitions(ctx, 'post', ahead);
  expect(await home()).toEqual([{ name: 'post_2040_05' }]);
  const indexes = await graph.rows<{ tablename: string; count: number }>(sql`
    select tablename, count(*) from pg_indexes where tablename = any(${['post_2040_05', month(0)]}) group by 1`);
  expect(new Set(indexes.map(({ count }) => count)).size).toBe(1);
});

test('the lowest id of a moment is not above an id made then', () => {
  const before = lowestUuid(new Date(Date.now() - 1));
  const uuid = toUuid(newId('post'));
  expect(before < uuid).toBe(true);
  expect(uuid < lowestUuid(new Date(Date.now() + 1000))).toBe(true);
});
