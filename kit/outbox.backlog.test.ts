import type { Client } from 'pg';
import { newId } from './ids.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, taker } from './testing/widget.ts';

const stores = testStores();
let outbox: Client;

beforeAll(async () => {
  outbox = await stores.client(maker);
});
afterEach(async () => void (await outbox.query('delete from outbox')));

/** Events of a widget, sent long ago and confirmed by nobody, or never sent. */
const backlog = (events: number, sentAt: string, widgetId = newId('widget')) =>
  outbox.query(
    `insert into outbox (id, type, version, aggregate_id, payload, request_id, sent_at, awaiting, attempts)
     select gen_random_uuid(), 'widget.saved', 1, $1, $2, 'test', ${sentAt}, '{taker}', 1
     from generate_series(1, ${events})`,
    [widgetId, JSON.stringify({ widgetId, name: 'often', size: 0 })],
  );
const countOf = async (condition: string): Promise<number> =>
  Number((await outbox.query<{ count: string }>(`select count(*) from outbox where ${condition}`)).rows[0]?.count);

describe('a relay with a long backlog', () => {
  test('sends again what was never confirmed, however much that is', async () => {
    await backlog(400_000, `now() - interval '1 hour'`);
    const running = await stores.start(maker, { STATEMENT_TIMEOUT_SECONDS: '1' });
    await until('some of it is sent again', () => countOf('attempts > 1'), 60);
    await running.stop();
  });

  test('hears what is confirmed while it is still sending', async () => {
    await backlog(30_000, 'null');
    await stores.start(taker);
    const running = await stores.start(maker);
    await until('the first are confirmed', () => countOf(`awaiting = '{}'`), 60);
    expect(await countOf('sent_at is null')).toBeGreaterThan(0);
    await running.stop();
  });
});
