import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { sql } from './database.ts';
import { startSubgraph } from './running.ts';
import { workerRedisUrl } from './testing/engines.ts';
import { testStores } from './testing/stores.ts';
import { until } from './testing/until.ts';
import { maker, widgetRoutes } from './testing/widget.ts';
import { systemViewer } from './viewer.ts';

const stores = testStores();

/** Stands before a server; on request it carries nothing any more on the connections that there are, and says so to nobody. */
async function startSilencer(target: URL): Promise<{ server: Server; port: number; silence: () => number }> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const one of [near, far]) one.on('error', () => undefined);
    pairs.add([near, far]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const silence = (): number => {
    for (const [near, far] of pairs) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
    return pairs.size;
  };
  return { server, port: (server.address() as AddressInfo).port, silence };
}

test('a database that moves away without a word is found at its new place', async () => {
  const url = new URL(await stores.urlOf(maker));
  const { server, port, silence } = await startSilencer(new URL(url));
  url.port = String(port);
  const running = await startSubgraph(maker, {
    databaseUrl: url.href,
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
  await asked;
  await Promise.all(Array.from({ length: 20 }, ask));
  await running.stop();
  server.close();
}, 60_000);

const wait = (milliseconds: number): Promise<null> => new Promise((resolve) => setTimeout(resolve, milliseconds, null));
