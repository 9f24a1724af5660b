import { Client } from 'pg';
import { ConfigError } from './config.ts';
import { defineFeature } from './feature.ts';
import { startSubgraph } from './running.ts';
import { defineSubgraph, type SubgraphDefinition } from './subgraph.ts';
import { testEngines, workerRedisUrl } from './testing/engines.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, taker, widget, widgetRoutes } from './testing/widget.ts';

const stores = testStores();
const environment = { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl() };
const clientOf = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
};
/** A database that has run nothing yet. */
const emptyUrl = (name: string) => stores.urlOf({ ...maker, name, migrations: [] });
const start = (definition: SubgraphDefinition, databaseUrl: string, more: Record<string, string> = {}) =>
  startSubgraph(definition, { databaseUrl, environment: { ...environment, ...more }, ...widgetRoutes });
const connectionsTo = async (url: string): Promise<number> => {
  const client = await clientOf(url);
  const { rowCount } = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and application_name = 'broadsheet'`,
  );
  await client.end();
  return Number(rowCount);
};

test('five who start at once on an empty database migrate it once, and all run', async () => {
  const url = await emptyUrl('racing');
  const running = await Promise.all([1, 2, 3, 4, 5].map(() => start(maker, url)));
  expect(await Promise.all(running.map(async (one) => (await one.health()).status))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
    'ok',
  ]);
  const client = await clientOf(url);
  const { rows } = await client.query<{ name: string }>('select name from migration order by id');
  expect(rows.map((row) => row.name)).toEqual(['0001-kit', 'maker-0001']);
  await client.end();
  await Promise.all(running.map((one) => one.stop()));
  expect(await connectionsTo(url)).toBe(0);
});

test('a database of a newer version is refused untouched, and nothing stays open', async () => {
  const url = await stores.urlOf(taker);
  const client = await clientOf(url);
  await client.query(`insert into migration (name) values ('0099-from-the-future')`);
  await expect(start(taker, url)).rejects.toThrow(/newer version of Broadsheet.*0099-from-the-future/);
  expect((await client.query('select 1 from shelf')).rowCount).toBe(0);
  await client.query(`delete from migration where name = '0099-from-the-future'`);
  await client.end();
  expect(await connectionsTo(url)).toBe(0);
  await (await start(taker, url)).stop();
});

test('who waits for another’s long migration is given up neither by the database nor by itself', async () => {
  const url = await emptyUrl('patient');
  const client = await clientOf(url);
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock(7130514)');
  const starting = start(maker, url, { STATEMENT_TIMEOUT_SECONDS: '1' });
  const beside = await clientOf(url);
  const waitedLong = `select 1 from pg_stat_activity where wait_event = 'advisory' and datname = current_database() and now() - query_start > interval '6.2 s'`;
  await Promise.race([starting, until('it has waited longer', async () => (await beside.query(waitedLong)).rowCount)]);
  await client.query('commit');
  await (await starting).stop();
  await client.end();
  await beside.end();
});

test('a feature that cannot prepare itself stops the start, and nothing stays open', async () => {
  const url = await stores.urlOf(maker);
  const failing = defineFeature({ name: 'failing', prepare: () => Promise.reject(new Error('not prepared')) });
  await expect(start(defineSubgraph({ name: 'maker', features: [widget, failing] }), url)).rejects.toThrow(
    'not prepared',
  );
  expect(await connectionsTo(url)).toBe(0);
});

test('a migration that fails stops the start and leaves the database as it was', async () => {
  const url = await emptyUrl('failing');
  const client = await clientOf(url);
  await client.query('create table widget (id int)');
  await expect(start(maker, url)).rejects.toThrow(/widget/);
  expect((await client.query(`select 1 from pg_tables where tablename = 'outbox'`)).rowCount).toBe(0);
  await client.end();
  expect(await connectionsTo(url)).toBe(0);
});

test.each([
  ['nobody listens', () => 'postgresql://postgres@127.0.0.1:1/nothing', /ECONNREFUSED/],
  [
    'there is no such database',
    () => new URL('/no_such_database', testEngines().postgresUrl).toString(),
    /no_such_database/,
  ],
])('an address where %s is told', async (_, url, message) => {
  await expect(start(maker, url())).rejects.toThrow(message);
});

test.each([
  ['REDIS_URL', 'here'],
  ['REDIS_URL', ''],
  ['LOG_LEVEL', 'loud'],
  ['DATABASE_POOL_SIZE', '1'],
  ['STATEMENT_TIMEOUT_SECONDS', '-1'],
  ['EVENT_RETENTION_DAYS', 'x'],
])('a bad %s (%j) stops the start and is named', async (name, value) => {
  const starting = start(maker, 'postgresql://postgres@127.0.0.1:1/nothing', { [name]: value });
  await expect(starting).rejects.toThrow(ConfigError);
  await expect(starting).rejects.toThrow(name);
});

test('idle connections that the database closes harm nobody', async () => {
  const running = await stores.start(maker);
  const client = await stores.client(maker);
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'broadsheet' and datname = current_database()`,
  );
  await until('it is well again', async () => (await running.health()).status === 'ok');
});

test('stopping twice is stopping once', async () => {
  const running = await start(maker, await stores.urlOf(maker));
  await Promise.all([running.stop(), running.stop()]);
  await running.stop();
});
