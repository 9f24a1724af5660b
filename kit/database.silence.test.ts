import { sql } from './database.ts';
import { isStoreAway } from './inbox.ts';
import { startSubgraph } from './running.ts';
import { workerRedisUrl } from './testing/engines.ts';
import { startSilencer } from './testing/silencer.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, widgetRoutes } from './testing/widget.ts';
import { systemViewer } from './viewer.ts';

const stores = testStores();

test('a database that moves away without a word is found at its new place', async () => {
  const { url, silence, stop } = await startSilencer(await stores.urlOf(maker));
  const running = await startSubgraph(maker, {
    databaseUrl: url,
    environment: { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), STATEMENT_TIMEOUT_SECONDS: '1' },
    ...widgetRoutes,
  });
  const ctx = running.contextFor(systemViewer);
  const ask = () => ctx.rows<{ one: number }>(sql`select 1 as one, pg_sleep(0.05)`);
  const change = () => ctx.change((tx) => tx.rows(sql`select 1 as one, pg_sleep(0.05)`));
  // As many connections as there can be.
  await Promise.all(Array.from({ length: 20 }, ask));
  expect(silence()).toBeGreaterThan(7);
  const asked = Promise.allSettled(Array.from({ length: 10 }, (_, n) => (n % 2 ? ask() : change())));
  expect(await until('there is an answer', () => Promise.race([ask().catch(() => null), wait(200)]), 25)).toMatchObject(
    [{ one: 1 }],
  );
  const reasons = (await asked).flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  await Promise.all(Array.from({ length: 20 }, ask));
  await running.stop();
  await stop();
  expect(reasons.length).toBeGreaterThan(0);
  // Whoever was cut off while handling an event has met no poison.
  expect(reasons.filter((reason) => !isStoreAway(reason))).toEqual([]);
}, 60_000);

test('connections that were asked for while nobody answered are given up too', async () => {
  const { url, silence, mute, stop } = await startSilencer(await stores.urlOf(maker));
  const running = await startSubgraph(maker, {
    databaseUrl: url,
    environment: { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), STATEMENT_TIMEOUT_SECONDS: '1' },
    ...widgetRoutes,
  });
  const ctx = running.contextFor(systemViewer);
  const ask = () => ctx.rows<{ one: number }>(sql`select 1 as one, pg_sleep(0.05)`);
  mute(true);
  silence();
  const asked = Promise.allSettled(Array.from({ length: 20 }, ask));
  // All there were are given up by now, and as many as there can be are asked for.
  await wait(9000);
  mute(false);
  expect(await until('there is an answer', () => Promise.race([ask().catch(() => null), wait(200)]), 15)).toMatchObject(
    [{ one: 1 }],
  );
  const reasons = (await asked).flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  await running.stop();
  await stop();
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.filter((reason) => !isStoreAway(reason))).toEqual([]);
}, 60_000);

const wait = (milliseconds: number): Promise<null> => new Promise((resolve) => setTimeout(resolve, milliseconds, null));
