import { type Database, rowsOf, sql } from './database.ts';
import { newId } from './ids.ts';
import type { RunningSubgraph } from './running.ts';
import { testStores } from './testing/stores.ts';
import { maker } from './testing/widget.ts';
import { userViewer } from './viewer.ts';

const stores = testStores();
let running: RunningSubgraph;
let database: Database;

beforeAll(async () => {
  running = await stores.start(maker);
  ({ database } = running.contextFor(userViewer(newId('user'))).services);
  await database.pool.query('create table item (id int primary key, name text)');
});

/** On one connection, where what is kept can be seen. */
const onOne = async <Answer>(work: (ask: (text: string, values: unknown[]) => Promise<unknown>) => Promise<Answer>) => {
  const client = await database.pool.connect();
  try {
    return await work(async (text, values) => (await client.query<Record<string, unknown>>(text, values)).rows);
  } finally {
    client.release();
  }
};

test('what comes again is kept parsed, what comes once is not, nor what is to be planned anew', async () => {
  await onOne(async (ask) => {
    const kept = async (text: string) =>
      ((await ask('select 1 from pg_prepared_statements where statement = $1', [text])) as unknown[]).length;
    const [often, once, anew] = ['select $1::int + 1', 'select $1::int + 2', 'select /* planned anew */ $1::int + 3'];
    for (let n = 0; n < 10; n++) await ask(often, [n]);
    await ask(once, [1]);
    for (let n = 0; n < 10; n++) await ask(anew, [n]);
    expect([await kept(often), await kept(once), await kept(anew)]).toEqual([1, 0, 0]);
  });
});

test('what comes again is planned once, whatever it asks; what is to be planned anew is, and nothing after it', async () => {
  await onOne(async (ask) => {
    const many = 'select name from item where id = any($1::int[])';
    for (let n = 0; n < 20; n++) await ask(many, [[n]]);
    const plans = 'select generic_plans::int, custom_plans::int from pg_prepared_statements where statement = $1';
    const [row] = (await ask(plans, [many])) as { generic_plans: number; custom_plans: number }[];
    expect(row?.custom_plans).toBe(0);
    expect(row?.generic_plans).toBeGreaterThan(10);
    const mode = `select current_setting('plan_cache_mode') as mode, $1::int`;
    expect(await ask(`/* planned anew */ ${mode}`, [1])).toMatchObject([{ mode: 'force_custom_plan' }]);
    expect(await ask(mode, [1])).toMatchObject([{ mode: 'force_generic_plan' }]);
    await expect(ask('/* planned anew */ select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
    expect(await ask(mode, [1])).toMatchObject([{ mode: 'force_generic_plan' }]);
    await ask('begin', []);
    await expect(ask('/* planned anew */ select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
    await ask('rollback', []);
    expect(await ask(mode, [1])).toMatchObject([{ mode: 'force_generic_plan' }]);
  });
});

test('behind a pooler that keeps no statements none is named', async () => {
  const other = await stores.start(maker, { PREPARED_STATEMENTS: 'false' });
  const { pool } = other.contextFor(userViewer(newId('user'))).services.database;
  const client = await pool.connect();
  try {
    for (let n = 0; n < 10; n++) await client.query('select $1::int + 4', [n]);
    expect((await client.query('select 1 from pg_prepared_statements')).rows).toEqual([]);
    expect((await client.query('show plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
  } finally {
    client.release();
  }
});

test('a table that changes under a kept plan costs nobody an answer', async () => {
  const text = 'select * from item where id = $1';
  await onOne(async (ask) => {
    for (let n = 0; n < 10; n++) await ask(text, [n]);
    await database.pool.query('alter table item add column size int');
    expect(await ask(text, [1])).toEqual([]);
    await ask('begin', []);
    for (let n = 0; n < 10; n++) await ask('select name, * from item where id = $1', [n]);
    await database.pool.query('select 1');
    await ask('commit', []);
    await database.pool.query('alter table item add column weight int');
    await ask('begin', []);
    await expect(ask('select name, * from item where id = $1', [1])).rejects.toMatchObject({ code: '0A000' });
    await ask('rollback', []);
    expect(await ask('select name, * from item where id = $1', [1])).toEqual([]);
  });
});

test('a transaction that fails leaves nothing behind, though it began with its first statement', async () => {
  const ctx = running.contextFor(userViewer(newId('user')));
  const failing = ctx.change(async (tx) => {
    await tx.rows(sql`insert into item (id) values (1)`);
    await tx.rows(sql`insert into item (id) values (1)`);
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  await expect(
    ctx.change(async (tx) => {
      await tx.rows(sql`insert into item (id) values (2)`);
      throw new Error('changed its mind');
    }),
  ).rejects.toThrow('changed its mind');
  await ctx.change(() => Promise.resolve());
  expect(await rowsOf(database.connection, sql`select id from item`)).toEqual([]);
});

test('many transactions at once keep apart', async () => {
  const ctx = running.contextFor(userViewer(newId('user')));
  await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      ctx
        .change(async (tx) => {
          await tx.rows(sql`insert into item (id) values (${100 + n})`);
          if (n % 2) throw new Error('not this one');
        })
        .catch(() => undefined),
    ),
  );
  const [row] = await rowsOf<{ count: number }>(
    database.connection,
    sql`select count(*) as count from item where id >= 100`,
  );
  expect(row?.count).toBe(50);
});
