import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../local/port.ts';
import { prepareStores } from './setup/graph.ts';

test('a subgraph that is not ready in time ends with the start that gave it up', async () => {
  const stores = await prepareStores();
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-late-'));
  const store = new Client({ connectionString: stores.databaseUrls['users'] });
  await store.connect();
  // As another process that migrates does, for a long time.
  await store.query('select pg_advisory_lock(7130514)');
  const child = spawn(process.execPath, ['local/start.ts', '--distributed'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env['PATH'] ?? '',
      ...stores.environment,
      PORT: String(await freePort()),
      DATA_DIR: folder,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(said).toContain('users was not ready within 60 s');
  await store.query('select pg_advisory_unlock(7130514)');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const query = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'broadsheet'`;
  const { rows } = await store.query<{ count: number }>(query);
  await store.end();
  rmSync(folder, { recursive: true });
  expect(rows).toEqual([{ count: 0 }]);
  await stores.drop();
}, 120_000);
