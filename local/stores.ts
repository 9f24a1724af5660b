import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { type Environment, keptSecret, localSettings } from './config.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** Running stores, and the environment that leads subgraphs and gateway to them. */
export interface Stores {
  readonly environment: Environment;
  readonly stop: () => Promise<void>;
}

export const databaseVariable = (subgraph: string): string => `${subgraph.toUpperCase()}_DATABASE_URL`;

/** Starts what the environment does not give the address of. Throws LocalError, with nothing left running. */
export async function startStores(
  folder: DataFolder,
  subgraphs: readonly string[],
  environment: Environment,
  connections: number,
  log: (line: string) => void,
): Promise<Stores> {
  const settings = localSettings(environment);
  const missing = subgraphs.filter((name) => !environment[databaseVariable(name)]);
  const redis = await startRedis({ directory: folder.path, url: settings.REDIS_URL, log });
  log(redis.description);
  const postgres =
    missing.length === 0
      ? null
      : await startPostgres({ directory: folder.path, databases: missing, connections, log }).catch(
          async (error: unknown) => {
            await redis.stop();
            throw error;
          },
        );
  const addresses = Object.fromEntries(missing.map((name) => [databaseVariable(name), postgres?.url(name)]));
  const file = join(folder.path, 'addresses.json');
  writeFileSync(file, JSON.stringify({ ...addresses, REDIS_URL: redis.url }), { mode: 0o600 });
  return {
    environment: {
      LOG_LEVEL: settings.LOG_LEVEL,
      ...environment,
      ...addresses,
      REDIS_URL: redis.url,
      HOP_SECRET: settings.HOP_SECRET ?? keptSecret(folder.path, 'hop-secret'),
      ...(settings.NODE_ENV === 'development' && !settings.ADMIN_EMAIL
        ? { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: keptSecret(folder.path, 'admin-password') }
        : {}),
    },
    stop: async () => {
      rmSync(file, { force: true });
      await redis.stop();
      await postgres?.stop();
    },
  };
}
