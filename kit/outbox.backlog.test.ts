import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { newId } from './ids.ts';
import { liveKey } from './live.ts';
import { startTestRedis, type TestRedis } from './live.testing.ts';
import { createLogger } from './logger.ts';
import { connectRedis } from './redis.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, saveWidget, taker } from './testing/widget.ts';
import { userViewer } from './viewer.ts';

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

test('a day’s events of a busy site are cleared away within minutes', async () => {
  const running = await stores.start(maker);
  await backlog(20_000, `now() - interval '8 days'`);
  await outbox.query(`update outbox set awaiting = '{}', occurred_at = sent_at`);
  await until('six thousand are gone', async () => (await countOf('true')) < 14_000, 15);
  await running.stop();
});

describe('where Redis takes events and no live messages', () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = connectRedis(server.url, createLogger('test', 'silent'));
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('none is lost: they follow once it does', async () => {
    const running = await stores.start(maker, { REDIS_URL: server.url });
    await redis.call('ACL', 'SETUSER', 'default', '-eval');
    const saved = await saveWidget(running.contextFor(userViewer(newId('user'))), { name: 'live' });
    await until('the event is on the bus', () => redis.xlen('bus:maker'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await redis.call('ACL', 'SETUSER', 'default', '+eval');
    await until('the message is there', () => redis.xlen(liveKey(`widget:${saved?.id}`)), 10);
    await running.stop();
  });
});
