import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInProcess } from 'local/in-process';
import { freePort } from 'local/port';
import { startPostgres } from 'local/postgres';
import { startRedis } from 'local/redis';
import { databaseVariable } from 'local/stores';
import { wideLimits } from 'kit/testing/subgraph';
import { subgraphs } from 'subgraphs/start';
import { type Feed, type FeedSize, makeFeed, untilConsumed } from './feed.ts';

export interface BenchStores {
  /** A folder of this run only. */
  readonly folder: string;
  /** What leads every set-up to the same five databases and the same Redis. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Three set-ups times five pools stay below PostgreSQL's 100 connections. */
const POOL_SIZE = '6';

/** Starts a PostgreSQL and a Redis of this run's own. */
export async function startBenchStores(log: (line: string) => void): Promise<BenchStores> {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-bench-'));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const names = subgraphs.map(({ name }) => name);
    const redis = await startRedis({ directory: folder, log });
    stops.push(redis.stop);
    log(redis.description);
    const postgres = await startPostgres({ directory: folder, databases: names, fast: true, log });
    stops.push(postgres.stop);
    const environment = {
      ...(Object.assign({}, ...subgraphs.map(wideLimits)) as Record<string, string>),
      ...Object.fromEntries(names.map((name) => [databaseVariable(name), postgres.url(name)])),
      PATH: process.env['PATH'] ?? '',
      REDIS_URL: redis.url,
      HOP_SECRET: randomBytes(24).toString('base64url'),
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      // Limits are on and none is reached; every request is answered from the stores.
      RATE_SIGNED_IN_REQUESTS: '1000000000',
      RATE_SIGNED_IN_COST: '1000000000000',
      FETCH_SHARING: 'off',
      RESPONSE_CACHE: 'off',
      ENTITY_CACHE: 'off',
      DATABASE_POOL_SIZE: POOL_SIZE,
      // No set-up speaks to anything but the loopback address.
      APOLLO_TELEMETRY_DISABLED: 'true',
    };
    return { folder, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Migrates the five databases and fills them. */
export async function fill(stores: BenchStores, size: FeedSize): Promise<Feed> {
  const graph = await startInProcess({ ...stores.environment, PORT: String(await freePort()) });
  try {
    const feed = await makeFeed(graph.transports, size, 'bench');
    await untilConsumed(graph.running);
    return feed;
  } finally {
    await graph.stop();
  }
}
