import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client as Elasticsearch } from '@elastic/elasticsearch';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { workerRedisUrl } from 'kit/testing/engines';
import { freePort } from '../local/port.ts';
import { databasesOf, sleep } from './setup/client.ts';
import { prepareStores } from './setup/graph.ts';

/** A graph in a process of its own, of which every line it says is kept. */
export interface SpokenGraph {
  readonly url: string;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

export async function startSpokenGraph(overrides: Readonly<Record<string, string>>): Promise<SpokenGraph> {
  const stores = await prepareStores();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-canary-'));
  const child: ChildProcess = spawn(process.execPath, ['local/start.ts'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      PATH: process.env['PATH'] ?? '',
      ...stores.environment,
      LOG_LEVEL: 'trace',
      ...overrides,
      PORT: String(port),
      DATA_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  for (let waited = 0; !/^ready /m.test(text); waited += 100) {
    if (waited > 60_000 || child.exitCode !== null) throw new Error(`not ready: ${text.slice(-2000)}`);
    await sleep(100);
  }
  const url = `http://127.0.0.1:${port}/graphql`;
  databasesOf.set(url, stores.databaseUrls);
  return {
    url,
    databaseUrls: stores.databaseUrls,
    said: () => text,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      await stores.drop();
    },
  };
}

/** A word as a column of bytes is written when it is made a text. */
const hexOf = (word: string): string => Buffer.from(word).toString('hex');

/** Every row of every table of every database that holds one of the words, by the table's name. */
export async function rowsWith(urls: Readonly<Record<string, string>>, words: readonly string[]): Promise<string[]> {
  const like = words.flatMap((word) => [`%${word}%`, `%${hexOf(word)}%`]);
  const found: string[] = [];
  for (const [subgraph, connectionString] of Object.entries(urls)) {
    const client = new Client({ connectionString });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'`,
    );
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(
        `select t::text as text from ${name} t where t::text ilike any ($1) limit 3`,
        [like],
      );
      for (const { text } of rows) found.push(`${subgraph} ${name}: ${text.slice(0, 300)}`);
    }
    await client.end();
  }
  return found;
}

/** Every key of Redis that holds one of the words, in its name or in what it keeps. */
export async function keysWith(words: readonly string[]): Promise<string[]> {
  const redis = new Redis(workerRedisUrl());
  const readers: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, 0, '-1'),
    hash: (key) => redis.hgetall(key),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const kept = JSON.stringify(await readers[await redis.type(key)]?.(key)) ?? '';
    const text = `${key} ${kept}`.toLowerCase();
    const word = words.find((one) => text.includes(one.toLowerCase()));
    if (word) found.push(`${key}: …${text.slice(Math.max(0, text.indexOf(word) - 200), text.indexOf(word) + 100)}`);
  }
  redis.disconnect();
  return found;
}

/** Every document of every index under an alias that holds one of the words. */
export async function documentsWith(
  { ELASTICSEARCH_URL: node = '', ELASTICSEARCH_INDEX: alias = '' }: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<string[]> {
  const client = new Elasticsearch({ node });
  const { hits } = await client.search({ index: `${alias}-*`, size: 10_000 });
  await client.close();
  return hits.hits
    .map((hit) => JSON.stringify(hit))
    .filter((text) => words.some((word) => text.toLowerCase().includes(word.toLowerCase())));
}
