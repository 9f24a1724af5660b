import { openDatabase } from './database.ts';
import { createLogger } from './logger.ts';
import { cloneDatabase } from './testing/database.ts';
import { until } from './testing/until.ts';
import { maker } from './testing/widget.ts';

test.each([1, 600])('a connection that nobody uses is kept for %s s', async (idleSeconds) => {
  const store = await cloneDatabase(maker);
  const { pool, close } = await openDatabase({
    url: store.url,
    entities: [],
    migrations: [],
    poolSize: 3,
    idleSeconds,
    statementTimeoutSeconds: 30,
    keepsStatements: true,
    log: createLogger('database-test', 'silent'),
  });
  try {
    await Promise.all(Array.from({ length: 9 }, () => pool.query('select pg_sleep(0.1)')));
    expect(pool.totalCount).toBe(3);
    if (idleSeconds === 1) await until('all are closed', () => pool.totalCount === 0);
    expect(pool.options.idleTimeoutMillis).toBe(idleSeconds * 1000);
  } finally {
    await close();
    await store.drop();
  }
});
