import type { Client } from 'pg';
import { newId, toUuid } from './ids.ts';
import type { RunningSubgraph } from './running.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker } from './testing/widget.ts';
import { userViewer } from './viewer.ts';

const stores = testStores();
const viewer = userViewer(newId('user'));
let makers: RunningSubgraph[];
let outbox: Client;
let shelf: Client;

beforeAll(async () => {
  makers = [await stores.start(maker), await stores.start(maker)];
  outbox = await stores.client(maker);
  shelf = await stores.client(taker);
});

const save = async (name: string, id?: string, by = makers[0]): Promise<string> => {
  const ctx = by?.contextFor(viewer);
  const saved = ctx && (await saveWidget(ctx, { name, ...(id === undefined ? {} : { id }) }));
  return String(saved?.id);
};
const rowsOf = async (client: Client, text: string, values: unknown[] = []) =>
  (await client.query<Record<string, unknown>>(text, values)).rows;
const eventsOf = (id: string) => rowsOf(outbox, 'select * from outbox where aggregate_id = $1 order by position', [id]);
const effectsOf = (id: string) =>
  rowsOf(shelf, 'select name, version from effect where widget_id = $1 order by position', [toUuid(id)]);
const isConfirmed = async (id: string) =>
  (await eventsOf(id)).every((row) => (row['awaiting'] as string[]).length === 0);

test('without its consumer an event waits, sent and unconfirmed; the consumer finds it when it comes', async () => {
  const id = await save('early');
  await until('the event is sent', async () => (await eventsOf(id))[0]?.['sent_at']);
  expect(await eventsOf(id)).toMatchObject([
    { type: 'widget.saved', awaiting: ['taker'], attempts: 1, actor_id: viewer.userId },
  ]);
  await stores.start(taker);
  await until('the effect', async () => (await effectsOf(id)).length === 1);
  await until('the confirmation clears what was awaited', () => isConfirmed(id));
});

test('what two instances change at once arrives in the order of the rows, each event once', async () => {
  const [first, second] = [await save('ordered'), await save('ordered too')];
  await Promise.all(Array.from({ length: 60 }, (_, n) => save(`save ${n}`, n % 3 ? first : second, makers[n % 2])));
  for (const [id, times] of [
    [first, 41],
    [second, 21],
  ] as const) {
    await until('all of it has arrived', async () => (await effectsOf(id)).length >= times);
    const versions = (await effectsOf(id)).map((row) => Number(row['version']));
    expect(versions).toEqual([...versions].sort((one, other) => one - other));
    expect(versions).toEqual((await eventsOf(id)).map((row) => Number(row['position'])));
    const [made] = await rowsOf(outbox, 'select name, size from widget where id = $1', [toUuid(id)]);
    expect(await rowsOf(shelf, 'select name, size from shelf where widget_id = $1', [toUuid(id)])).toEqual([made]);
  }
});

test('Redis emptied between sending and handling loses nothing', async () => {
  await until('the relay knows its stream', () => stores.redis.exists('bus:epoch:maker'));
  await shelf.query('begin');
  await shelf.query('select 1 from gate for update');
  const ids = [await save('held up'), await save('held up too')];
  await until(
    'they are sent',
    async () => (await rowsOf(outbox, 'select 1 from outbox where sent_at is null')).length === 0,
  );
  await stores.redis.flushdb();
  ids.push(await save('after it'));
  await shelf.query('commit');
  for (const id of ids) {
    await until('the effect', async () => (await effectsOf(id)).length > 0);
    await until('the confirmation', () => isConfirmed(id));
    expect(await effectsOf(id)).toHaveLength(1);
  }
});

test('what stays unconfirmed is sent again, and has its effect once', async () => {
  const id = await save('unconfirmed');
  await until('the confirmation', () => isConfirmed(id));
  await outbox.query(
    `update outbox set awaiting = '{taker}', sent_at = now() - interval '31 seconds' where aggregate_id = $1`,
    [id],
  );
  await until(
    'it is sent again and confirmed',
    async () => (await isConfirmed(id)) && Number((await eventsOf(id))[0]?.['attempts']) > 1,
  );
  expect(await effectsOf(id)).toHaveLength(1);
});

test('only what is old and confirmed is cleared away', async () => {
  const [old, young, unconfirmed] = [await save('old'), await save('young'), await save('unconfirmed')];
  for (const id of [old, young, unconfirmed]) await until('the confirmation', () => isConfirmed(id));
  await outbox.query(`update outbox set sent_at = now() - interval '8 days' where aggregate_id = $1`, [old]);
  await outbox.query(`update outbox set sent_at = now() - interval '6 days' where aggregate_id = $1`, [young]);
  await outbox.query(
    `update outbox set awaiting = '{somebody else}', occurred_at = now() - interval '8 days' where aggregate_id = $1`,
    [unconfirmed],
  );
  await until('the old one is gone', async () => (await eventsOf(old)).length === 0);
  expect(await eventsOf(young)).toHaveLength(1);
  expect(await eventsOf(unconfirmed)).toHaveLength(1);
});

test('what nobody confirms keeps nothing behind it from being cleared away', async () => {
  // What was before is older still.
  await outbox.query(`update outbox set occurred_at = now() - interval '10 days'`);
  await outbox.query(`
    insert into outbox (id, type, version, aggregate_id, payload, request_id, occurred_at, sent_at, awaiting, attempts)
    select gen_random_uuid(), 'widget.saved', 1, case when n > 10000 then 'behind' else 'stuck' end, '{}', 'test',
      now() - interval '9 days', case when n > 10000 then now() - interval '9 days' else now() end,
      case when n > 10000 then '{}'::text[] else '{somebody else}' end, 5
    from generate_series(1, 10001) n`);
  await until('the one behind them is gone', async () => (await eventsOf('behind')).length === 0, 20);
  expect(await eventsOf('stuck')).toHaveLength(10_000);
  await outbox.query(`delete from outbox where aggregate_id = 'stuck'`);
});

test('answers to retried mutations are kept as long as events, records of handled events four times as long', async () => {
  const day = (days: number) => `now() - interval '${days} days'`;
  await outbox.query(`
    insert into idempotency (actor_id, operation, key, request_hash, answer, created_at)
    values ('x', 'x', 'old', '', 'null', ${day(8)}), ('x', 'x', 'young', '', 'null', ${day(6)})`);
  await shelf.query(
    `insert into inbox (event_id, processed_at) values (gen_random_uuid(), ${day(29)}), (gen_random_uuid(), ${day(27)})`,
  );
  const answers = () => rowsOf(outbox, `select key from idempotency where actor_id = 'x'`);
  const records = () => rowsOf(shelf, `select 1 from inbox where processed_at < ${day(26)}`);
  await until('the old ones are gone', async () => (await answers()).length === 1 && (await records()).length === 1);
  expect(await answers()).toEqual([{ key: 'young' }]);
  expect(await rowsOf(shelf, `select 1 from inbox where processed_at < ${day(28)}`)).toEqual([]);
});

test('an event leaves with its transaction or not at all', async () => {
  const id = newId('widget');
  const { data } =
    (await makers[0]?.execute(
      {
        query: 'mutation ($input: SaveWidgetInput!) { saveWidget(input: $input) { userErrors { code } } }',
        variables: { input: { id, name: 'refused' } },
      },
      testHop(viewer),
    )) ?? {};
  expect(data).toEqual({ saveWidget: { userErrors: [{ code: 'CONFLICT' }] } });
  expect(await rowsOf(outbox, 'select 1 from widget where id = $1', [toUuid(id)])).toEqual([]);
  expect(await eventsOf(id)).toEqual([]);
});
