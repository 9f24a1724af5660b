import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { cloneDatabase } from 'kit/testing/database';
import { workerRedisUrl } from 'kit/testing/engines';
import { wideLimits } from 'kit/testing/subgraph';
import { subgraphs } from 'subgraphs/start';
import { freePort } from '../../local/port.ts';
import { databasesOf } from './client.ts';

export const modes = ['in one process', 'distributed'] as const;
export type Mode = (typeof modes)[number];

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 60_000;

/** A graph started as its operator would, by `npm start`'s own command, on databases of its own. */
export interface StartedGraph {
  readonly url: string;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly redis: Redis;
  /** SIGKILL to one process (`content`, `gateway`; the whole where all is one process); starts again what does not by itself. */
  readonly killAndRestart: (name: string) => Promise<void>;
  readonly stop: () => Promise<number | null>;
}

export interface Stores {
  readonly environment: Readonly<Record<string, string>>;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly drop: () => Promise<void>;
}

/** Databases of its own for every subgraph, and this worker's Redis, emptied. */
export async function prepareStores(): Promise<Stores> {
  const redis = new Redis(workerRedisUrl());
  await redis.flushdb();
  redis.disconnect();
  const databaseUrls: Record<string, string> = {};
  const drops: (() => Promise<void>)[] = [];
  for (const definition of subgraphs) {
    const { url, drop } = await cloneDatabase(definition);
    databaseUrls[definition.name] = url;
    drops.push(drop);
  }
  const addresses = Object.fromEntries(
    Object.entries(databaseUrls).map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url]),
  );
  const environment = {
    ...addresses,
    ...(Object.assign({}, ...subgraphs.map(wideLimits)) as Record<string, string>),
    REDIS_URL: workerRedisUrl(),
    HOP_SECRET: 'a secret of the tests only',
    NODE_ENV: 'test',
    // A test asks more in a second than a person in a minute.
    RATE_LIMITS: 'off',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    ADMIN_EMAIL: 'admin@example.org',
    ADMIN_PASSWORD: 'administrator of the tests',
    PASSWORD_HASHES_AT_ONCE: '4',
  };
  return { environment, databaseUrls, drop: async () => void (await Promise.all(drops.map((drop) => drop()))) };
}

export async function startGraph(mode: Mode, overrides: Readonly<Record<string, string>> = {}): Promise<StartedGraph> {
  const stores = await prepareStores();
  const port = await freePort();
  const dataFolder = mkdtempSync(join(tmpdir(), 'broadsheet-journey-'));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    ...stores.environment,
    ...overrides,
    PORT: String(port),
    DATA_DIR: dataFolder,
  };
  const command = ['local/start.ts', ...(mode === 'distributed' ? ['--distributed'] : [])];
  let child = await launch(command, environment);
  let restarting: Promise<void> = Promise.resolve();
  const restart = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = await launch(command, environment);
  };
  const redis = new Redis(workerRedisUrl());
  const url = `http://127.0.0.1:${port}/graphql`;
  databasesOf.set(url, stores.databaseUrls);
  return {
    url,
    databaseUrls: stores.databaseUrls,
    redis,
    killAndRestart: async (name) => {
      if (mode === 'distributed') {
        process.kill(processOf(child.pid ?? 0, name), 'SIGKILL');
        return;
      }
      await (restarting = restart());
    },
    stop: async () => {
      redis.disconnect();
      // A test that failed half way has not waited for it, and what is started then must not outlive its tests.
      await restarting.catch(() => undefined);
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      const ended = hasEnded ? [child.exitCode] : once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      rmSync(dataFolder, { recursive: true, force: true });
      await stores.drop();
      return code;
    },
  };
}

async function launch(command: readonly string[], environment: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...command], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line) > 100 && said.shift());
  if (process.env['TEST_LOG_LEVEL']) child.stderr.pipe(process.stderr);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready in time:\n${said.join('\n')}`));
    }, READY_MS);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${said.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('ready ')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return child;
}

/** The child of `parent` that runs `name`: its command line says so. */
function processOf(parent: number, name: string): number {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const isChild = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent);
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (isChild && (command.includes(`start.ts\0${name}\0`) || command.includes(`${name}/index.ts\0`)))
        return Number(pid);
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`no process of ${name}`);
}
