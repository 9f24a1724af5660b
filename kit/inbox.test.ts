import type { Client } from 'pg';
import { createRedisBus } from './bus.ts';
import type { Envelope } from './events.ts';
import type { EmittedEvent } from './hop.ts';
import { newId, toUuid } from './ids.ts';
import { deadLetters, replayDeadLetters } from './inbox.ts';
import { metrics } from './metrics.ts';
import type { RunningSubgraph } from './running.ts';
import { testHop, testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker, widgetSavedNewly } from './testing/widget.ts';
import { anonymous, systemViewer, userViewer } from './viewer.ts';

const stores = testStores();
const viewer = userViewer(newId('user'));
let making: RunningSubgraph;
let taking: RunningSubgraph;
let outbox: Client;
let shelf: Client;

beforeAll(async () => {
  making = await stores.start(maker);
  taking = await stores.start(taker);
  outbox = await stores.client(maker);
  shelf = await stores.client(taker);
});

interface Saved {
  readonly id: string;
  readonly emitted: readonly EmittedEvent[];
}
const save = async (name: string, id?: string): Promise<Saved> => {
  const ctx = making.contextFor(viewer);
  const saved = await saveWidget(ctx, { name, ...(id === undefined ? {} : { id }) });
  return { id: String(saved?.id), emitted: ctx.emitted };
};
const effectsOf = async (id: string) =>
  (await shelf.query<{ name: string }>('select name from effect where widget_id = $1 order by position', [toUuid(id)]))
    .rows;
const lettersOf = async (id: string) =>
  (await shelf.query(`select * from dead_letter where envelope->>'aggregateId' = $1`, [id])).rows as Record<
    string,
    unknown
  >[];
const ask = (id: string, after: readonly EmittedEvent[], by = taking) =>
  by.execute(
    { query: 'query ($id: ID!) { shelved(id: $id) { name size } }', variables: { id } },
    testHop(anonymous, after),
  );
/** Asks again where this machine is held up for longer than a reader is let wait. */
const read = (...asked: Parameters<typeof ask>) =>
  until('an answer', async () => {
    const answer = await ask(...asked);
    return answer.errors?.[0]?.extensions?.['code'] === 'RETRY_LATER' ? null : answer;
  });
const isConfirmed = async (id: string): Promise<boolean> => {
  const { rows } = await outbox.query<{ awaiting: string[] }>('select awaiting from outbox where aggregate_id = $1', [
    id,
  ]);
  return rows.every(({ awaiting }) => awaiting.length === 0);
};
/** Holds up whoever handles an event until `open` is called. */
async function closeGate(): Promise<() => Promise<unknown>> {
  await shelf.query('begin');
  await shelf.query('select 1 from gate for update');
  return () => shelf.query('commit');
}
const replay = () => replayDeadLetters(taking.inboxOptions);

test('one reads one’s own writes across subgraphs, a hundred times in a row', async () => {
  let { id, emitted } = await save('read 0');
  for (let n = 1; n <= 100; n++) {
    ({ id, emitted } = await save(`read ${n}`, id));
    expect(await read(id, emitted)).toEqual({ data: { shelved: { name: `read ${n}`, size: n } } });
  }
});

test('who waits longer than 2 s for their write is told to come again', async () => {
  const open = await closeGate();
  const { id, emitted } = await save('late');
  const started = Date.now();
  const { errors } = await ask(id, emitted);
  const waited = Date.now() - started;
  await open();
  expect(errors?.[0]?.extensions?.['code']).toBe('RETRY_LATER');
  expect(waited).toBeGreaterThanOrEqual(2000);
  expect(waited).toBeLessThan(20_000);
  expect(await read(id, emitted)).toMatchObject({ data: { shelved: { name: 'late' } } });
});

test('fifty who wait for one event ask PostgreSQL no more often than one', async () => {
  const statements = async (): Promise<number> =>
    ((await metrics.getSingleMetric('broadsheet_sql_statements_total')?.get())?.values ?? []).reduce(
      (sum, { value }) => sum + value,
      0,
    );
  const open = await closeGate();
  const { id, emitted } = await save('awaited by many');
  const [before, startedAt] = [await statements(), performance.now()];
  const reads = Promise.all(Array.from({ length: 50 }, () => read(id, emitted)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await open();
  const shelved = { name: 'awaited by many', size: 0 };
  expect(await reads).toEqual(Array.from({ length: 50 }, () => ({ data: { shelved } })));
  // One each for what they ask, and a look every 40 ms for all of them.
  const looks = (performance.now() - startedAt) / 40;
  expect((await statements()) - before).toBeLessThan(80 + looks);
});

test('events that are not consumed here are not waited for', async () => {
  const others = await read(newId('widget'), [{ id: crypto.randomUUID(), type: 'somebody.elses' }]);
  // Nobody has sent it: where it is waited for, it is for nothing.
  expect(others).toEqual({ data: { shelved: null } });
});

test('an event delivered again has no second effect, in one batch or in several', async () => {
  const { id, emitted } = await save('repeated');
  await read(id, emitted);
  const [[, fields] = ['', []]] = await stores.redis.xrevrange('bus:maker', '+', '-', 'COUNT', 1);
  const again = JSON.parse(String(fields[1])) as Envelope;
  const bus = createRedisBus(stores.redis);
  await bus.publish('maker', [again, again]);
  await bus.publish('maker', [again]);
  const after = await save('after the repeats');
  await read(after.id, after.emitted);
  expect(await effectsOf(id)).toHaveLength(1);
});

test('an event that cannot be handled is a dead letter after five tries, and holds up nobody', async () => {
  const poison = await save('poison');
  const next = await save('next');
  expect(await read(next.id, next.emitted)).toMatchObject({ data: { shelved: { name: 'next' } } });
  await until('the dead letter', async () => (await lettersOf(poison.id)).length > 0);
  expect(await lettersOf(poison.id)).toMatchObject([
    { producer: 'maker', attempts: 5, error: 'Error: that cannot be shelved' },
  ]);
  expect(await effectsOf(poison.id)).toEqual([]);
  expect(await read(poison.id, poison.emitted)).toEqual({ data: { shelved: null } });
  await until('the confirmation: the consumer has it', () => isConfirmed(poison.id));
});

test('a dead letter is replayed once its handler is mended, with one effect', async () => {
  const { id } = await save('poison');
  await until('the dead letter', async () => (await lettersOf(id)).length > 0);
  const ctx = taking.contextFor(systemViewer);
  const before = (await deadLetters(ctx)).length;
  expect(await replay()).toEqual({ replayed: 0, failed: before });
  expect(await deadLetters(ctx)).toHaveLength(before);
  await shelf.query('update gate set is_healed = true');
  expect(await replay()).toEqual({ replayed: before, failed: 0 });
  await shelf.query('update gate set is_healed = false');
  expect(await effectsOf(id)).toEqual([{ name: 'poison' }]);
  expect(await deadLetters(ctx)).toEqual([]);
  expect(await replay()).toEqual({ replayed: 0, failed: 0 });
});

test('a dead letter that is older than what came since changes nothing when it is replayed', async () => {
  const { id } = await save('poison');
  await until('the dead letter', async () => (await lettersOf(id)).length > 0);
  const { emitted } = await save('newer', id);
  await read(id, emitted);
  await shelf.query('update gate set is_healed = true');
  expect(await replay()).toEqual({ replayed: 1, failed: 0 });
  await shelf.query('update gate set is_healed = false');
  expect(await read(id, [])).toEqual({ data: { shelved: { name: 'newer', size: 1 } } });
});

test.each([
  [
    'of a version nobody knows',
    (id: string) => ({ version: 2, payload: { widgetId: id } }),
    'no handler knows version 2',
    1,
  ],
  [
    'whose payload lacks what is needed',
    (id: string) => ({ version: 1, payload: { widgetId: id } }),
    'expected string',
    5,
  ],
  ['that names no widget', () => ({ version: 1, payload: { widgetId: 'x', name: 'x', size: 0 } }), 'Error', 5],
])('an event %s is a dead letter', async (_, of, error, attempts) => {
  const id = newId('widget');
  const envelope: Envelope = {
    id: crypto.randomUUID(),
    type: 'widget.saved',
    aggregateId: id,
    aggregateVersion: 1,
    occurredAt: new Date().toISOString(),
    actorId: null,
    requestId: 'test',
    ...of(id),
  };
  await createRedisBus(stores.redis).publish('maker', [envelope]);
  const [letter] = await until('the dead letter', async () =>
    (await lettersOf(id)).length > 0 ? lettersOf(id) : null,
  );
  expect(letter).toMatchObject({ attempts, event_id: envelope.id });
  expect(String(letter?.['error'])).toContain(error);
  expect(await replay()).toMatchObject({ replayed: 0 });
  await shelf.query('delete from dead_letter');
});

test('a producer ahead of its consumers loses nothing: its new version waits as a dead letter', async () => {
  const id = newId('widget');
  await making.contextFor(viewer).change(async (tx) => tx.emit(widgetSavedNewly, { widgetId: id }));
  await until('the dead letter', async () => (await lettersOf(id)).length > 0);
  await shelf.query('delete from dead_letter');
});

test('what is no event at all is passed over', async () => {
  await stores.redis.xadd('bus:maker', '*', 'event', 'no json');
  await stores.redis.xadd('bus:maker', '*', 'something', 'else');
  await stores.redis.xadd('bus:maker', '*', 'event', '{"id":"no uuid","type":"widget.saved","version":1}');
  const { id, emitted } = await save('after the rubbish');
  expect(await read(id, emitted)).toMatchObject({ data: { shelved: { name: 'after the rubbish' } } });
});

test('a database that goes away in the middle is nobody’s poison', async () => {
  const open = await closeGate();
  const { id, emitted } = await save('cut off');
  const beside = await stores.client(taker);
  const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await until('the handler waits', async () => (await beside.query(waiting)).rowCount);
  await beside.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'broadsheet' and datname = current_database()`);
  await open();
  expect(await until('it is read', async () => ((await read(id, emitted)).data ? read(id, []) : null))).toMatchObject({
    data: { shelved: { name: 'cut off' } },
  });
  expect(await effectsOf(id)).toHaveLength(1);
  expect(await lettersOf(id)).toEqual([]);
});

test('what one instance was given and did not finish is finished by the next, once', async () => {
  await taking.stop();
  const unhandled = await save('given, not handled');
  await until(
    'it is on the bus',
    async () => (await outbox.query('select 1 from outbox where sent_at is null')).rowCount === 0,
  );
  await stores.redis.xreadgroup('GROUP', 'taker', 'crashed', 'COUNT', 10, 'STREAMS', 'bus:maker', '>');
  taking = await stores.start(taker);
  expect(await read(unhandled.id, unhandled.emitted)).toMatchObject({
    data: { shelved: { name: 'given, not handled' } },
  });

  await taking.stop();
  // As if it had crashed between its commit and its word to the stream: all that was ever sent is pending.
  await stores.redis.xgroup('SETID', 'bus:maker', 'taker', '0');
  await stores.redis.xreadgroup('GROUP', 'taker', 'crashed', 'COUNT', 1000, 'STREAMS', 'bus:maker', '>');
  const before = await shelf.query('select 1 from effect');
  taking = await stores.start(taker);
  const next = await save('after the crash');
  await read(next.id, next.emitted);
  expect((await shelf.query('select 1 from effect')).rowCount).toBe(Number(before.rowCount) + 1);
  await until('all is acknowledged', async () => (await stores.redis.xpending('bus:maker', 'taker'))[0] === 0);
});

test('of two instances one consumes; when it stops the other takes over, and both know what has arrived', async () => {
  const second = await stores.start(taker);
  const first = await save('by the first');
  for (const by of [taking, second])
    expect(await read(first.id, first.emitted, by)).toMatchObject({ data: { shelved: { name: 'by the first' } } });
  const leader = await stores.redis.get('bus:lease:taker');
  await taking.stop();
  const next = await save('by the second');
  expect(await read(next.id, next.emitted, second)).toMatchObject({ data: { shelved: { name: 'by the second' } } });
  expect(await stores.redis.get('bus:lease:taker')).not.toBe(leader);
  expect([...(await effectsOf(first.id)), ...(await effectsOf(next.id))]).toHaveLength(2);
});
