import { Migration } from '@mikro-orm/migrations';
import type { Client } from 'pg';
import { sql } from './database.ts';
import { defineFeature } from './feature.ts';
import { defineJob, type JobOptions } from './jobs.ts';
import type { RunningSubgraph } from './running.ts';
import { defineSubgraph } from './subgraph.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { systemViewer } from './viewer.ts';

class Worker0001 extends Migration {
  override up(): void {
    this.addSql('create table done (position bigint generated always as identity primary key, what text not null)');
    this.addSql('create table prepared (at timestamptz not null)');
  }

  override down(): void {
    this.addSql('drop table prepared, done');
  }
}

/** Notes what it was given; `fail:N` fails until it was tried N times. */
const note = defineJob<{ what: string }>('worker.note', async (ctx, { what }) => {
  const [row] = await ctx.change((tx) =>
    tx.rows<{ tries: number }>(sql`
    with one as (insert into done (what) values (${what}) returning what)
    select 1 + (select count(*) from done d where d.what = one.what) as tries from one`),
  );
  const failures = /^fail:(\d+)/.exec(what)?.[1];
  if (failures !== undefined && Number(row?.tries) <= Number(failures)) throw new Error(`${what} fails`);
});
const nightly = defineJob('worker.nightly', () => Promise.resolve(), { cron: '17 3 * * *' });

const feature = defineFeature({
  name: 'worker',
  migrations: [{ name: 'worker-0001', class: Worker0001 }],
  jobs: [note, nightly],
  prepare: async (ctx) => {
    await ctx.rows(sql`select pg_sleep(0.3)`);
    await ctx.change((tx) => tx.rows(sql`insert into prepared values (clock_timestamp())`));
  },
});
const worker = defineSubgraph({ name: 'worker', features: [feature] });

const stores = testStores();
let running: RunningSubgraph;
let store: Client;

beforeAll(async () => {
  running = await stores.start(worker);
  store = await stores.client(worker);
});

const enqueue = (what: string, options: JobOptions = {}) =>
  running.contextFor(systemViewer).change((tx) => tx.enqueue(note, { what }, options));
const done = async (): Promise<string[]> =>
  (await store.query<{ what: string }>('select what from done order by position')).rows.map((row) => row.what);
const timesOf = async (what: string) => (await done()).filter((one) => one === what).length;
const jobsOf = async (what: string) =>
  (
    await store.query<{ name: string; state: string; retries: number }>(
      `select name, state::text, retry_count as retries from job.job where data->>'what' = $1 order by name`,
      [what],
    )
  ).rows;
/** Back-off takes seconds; a test need not. */
const hurry = () => store.query(`update job.job set start_after = now() where state = 'retry'`);

test('a job runs once its transaction is committed, and never where it is rolled back', async () => {
  const work = running.contextFor(systemViewer).change(async (tx) => {
    await tx.enqueue(note, { what: 'rolled back' });
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await jobsOf('rolled back')).toEqual([]);
  await enqueue('committed');
  await until('it is done', () => timesOf('committed'));
  expect(await timesOf('rolled back')).toBe(0);
});

test('a job that fails is tried three times more and then kept as a dead letter; it takes none of its batch with it', async () => {
  const batch = ['fine:1', 'fail:2', 'fine:2', 'fail:100', 'fine:3'];
  await running.contextFor(systemViewer).change(async (tx) => {
    for (const what of batch) await tx.enqueue(note, { what });
  });
  await until('one is given up', async () => (await hurry()) && (await jobsOf('fail:100')).length === 2);
  expect(await jobsOf('fail:100')).toEqual([
    { name: 'worker.note', state: 'failed', retries: 3 },
    { name: 'worker.note.failed', state: 'created', retries: 0 },
  ]);
  expect(await jobsOf('fail:2')).toEqual([{ name: 'worker.note', state: 'completed', retries: 2 }]);
  const all = await done();
  expect(batch.map((what) => all.filter((one) => one === what).length)).toEqual([1, 3, 1, 4, 1]);
});

test('a second job of one key is not queued while the first one waits', async () => {
  for (let n = 0; n < 3; n++) await enqueue('single', { singletonKey: 'one', startAfterSeconds: 60 });
  expect(await jobsOf('single')).toHaveLength(1);
});

test('the more urgent runs first', async () => {
  await running.contextFor(systemViewer).change(async (tx) => {
    await tx.enqueue(note, { what: 'later' }, { priority: 1 });
    await tx.enqueue(note, { what: 'sooner' }, { priority: 10 });
  });
  await until('both are done', async () => (await timesOf('later')) && (await timesOf('sooner')));
  const order = await done();
  expect(order.indexOf('sooner')).toBeLessThan(order.indexOf('later'));
});

test('what comes round by itself is scheduled once, however often one starts', async () => {
  const schedules = async () => (await store.query('select name, cron from job.schedule')).rows as unknown[];
  expect(await schedules()).toEqual([{ name: 'worker.nightly', cron: '17 3 * * *' }]);
});

test('what waits while nobody works is done by the next to start, after it has prepared itself', async () => {
  await running.stop();
  const idle = await stores.start(defineSubgraph({ name: 'worker', features: [{ ...feature, jobs: [] }] }));
  const queued = idle.contextFor(systemViewer).change((tx) => tx.enqueue(note, { what: 'x' }));
  await expect(queued).rejects.toThrow('no jobs');
  await store.query(`update job.job set start_after = now() where data->>'what' = 'single'`);
  running = await stores.start(worker);
  // Its effect is seen before it is settled.
  await until('it is done', async () => (await jobsOf('single')).every(({ state }) => state === 'completed'));
  expect(await jobsOf('single')).toEqual([{ name: 'worker.note', state: 'completed', retries: 0 }]);
  expect(await timesOf('single')).toBe(1);
  const { rowCount } = await store.query(`
    select 1 from job.job where data->>'what' = 'single' and started_on < (select max(at) from prepared)`);
  expect(rowCount).toBe(0);
});
