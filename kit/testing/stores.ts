import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { EmittedEvent, Hop } from '../hop.ts';
import { type RunningSubgraph, startSubgraph } from '../running.ts';
import type { SubgraphDefinition } from '../subgraph.ts';
import { anonymous, type Viewer } from '../viewer.ts';
import { cloneDatabase } from './database.ts';
import { workerRedisUrl } from './engines.ts';
import { widgetRoutes } from './widget.ts';

/** Real stores for the kit's tests of starting and stopping: each subgraph has one database, whichever instances run on it. */
export interface TestStores {
  readonly redis: Redis;
  readonly urlOf: (definition: SubgraphDefinition) => Promise<string>;
  readonly start: (
    definition: SubgraphDefinition,
    environment?: Readonly<Record<string, string>>,
  ) => Promise<RunningSubgraph>;
  /** A connection of the test's own to a subgraph's database. */
  readonly client: (definition: SubgraphDefinition) => Promise<Client>;
}

/** Opens them before the tests of a file, and drops them after all that was started is stopped. */
export function testStores(): TestStores {
  const redis = new Redis(workerRedisUrl(), { lazyConnect: true });
  const databases = new Map<string, Promise<{ url: string; drop: () => Promise<void> }>>();
  const running: RunningSubgraph[] = [];
  const clients: Client[] = [];
  const urlOf = async (definition: SubgraphDefinition): Promise<string> => {
    const known = databases.get(definition.name) ?? cloneDatabase(definition);
    databases.set(definition.name, known);
    return (await known).url;
  };
  beforeAll(async () => {
    await redis.connect();
    await redis.flushdb();
  });
  afterAll(async () => {
    for (const client of clients) await client.end();
    for (const one of running.reverse()) await one.stop();
    for (const database of databases.values()) await (await database).drop();
    redis.disconnect();
  });
  return {
    redis,
    urlOf,
    start: async (definition, environment = {}) => {
      const started = await startSubgraph(definition, {
        databaseUrl: await urlOf(definition),
        environment: { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), ...environment },
        ...widgetRoutes,
      });
      running.push(started);
      return started;
    },
    client: async (definition) => {
      const client = new Client({ connectionString: await urlOf(definition) });
      await client.connect();
      clients.push(client);
      return client;
    },
  };
}

/** What a gateway sends along: who asks, and which of their events they must be able to read back. */
export const testHop = (viewer: Viewer = anonymous, after: readonly EmittedEvent[] = []): Hop => ({
  viewer,
  requestId: crypto.randomUUID(),
  client: { address: '127.0.0.1', userAgent: 'test' },
  after,
});
