import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineUser, startEngine, stopOrphan, type Engine, type EngineUser } from './engine-process.ts';
import { LocalError, onFiles } from './errors.ts';
import { claimFolder } from './folder-claim.ts';
import { freePort } from './port.ts';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import {
  assertNoForeignServer,
  majorOf,
  makeCluster,
  postmasterOf,
  seenFromInside,
  startFault,
} from './postgres-cluster.ts';
import { assertDatabaseNames, databaseUrl, provisionDatabases } from './postgres-databases.ts';
import { passwordOf, passwordsFor, SUPERUSER, type Passwords } from './postgres-passwords.ts';
import type { StopSteps } from './running-process.ts';

export interface PostgresOptions {
  /** The data folder; the server keeps to `postgres` inside it. */
  readonly directory: string;
  /** Each becomes a database and the login that owns it. */
  readonly databases: readonly string[];
  /** Any free one when absent. */
  readonly port?: number;
  /** How many connections it takes at once; 100 when absent. */
  readonly connections?: number;
  /** Told, in one line each, of what takes time or is out of the ordinary. */
  readonly log?: (line: string) => void;
  /** For tests: nothing is forced to disk, so a power cut may lose everything. */
  readonly fast?: boolean;
}

/** A PostgreSQL server of our own on the loopback address. */
export interface LocalPostgres {
  readonly port: number;
  /** The superuser's address, of the database `postgres`. */
  readonly superUrl: string;
  /** The address of one of the databases asked for, with its own login. */
  url(database: string): string;
  /** Ends transactions, writes everything and ends the server; once, however often it is called. */
  stop(): Promise<void>;
}

/** Fast shutdown; then one that leaves recovery to the next start; then none at all. */
const STOP: StopSteps = [
  ['SIGINT', 8_000],
  ['SIGQUIT', 2_000],
  ['SIGKILL', 1_000],
];
/** Recovery after a power cut replays at most the log of one checkpoint interval. */
const READY_MS = 120_000;
const PORT_TRIES = 3;

/** PostgreSQL's own default. */
const CONNECTIONS = 100;
/** Statements and keys of failed queries stay out of the log (level `log`): they hold what people wrote; the caller has the error. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_checkpoints: 'off',
};
const FAST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/**
 * Starts PostgreSQL 18 from npm in `directory`, as root (then it runs as another user) or not, and makes what is missing:
 * cluster, logins, databases. A server that a killed run left behind is stopped first. Throws a LocalError, and leaves the data as
 * it was, where the folder is in use, was made by another major version, cannot be written, or the server does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  assertDatabaseNames(options.databases);
  const folder = join(resolve(options.directory), 'postgres');
  return await onFiles(folder, async () => {
    const user = await engineUser(join(folder, 'cluster'));
    const binaries = await postgresBinaries(user);
    await assertSameMajor(folder, binaries.major);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const release = await claimFolder(folder);
    try {
      return await startClaimed({ folder, user, binaries, options, release });
    } catch (error) {
      release();
      throw error;
    }
  });
}

interface Claimed {
  readonly folder: string;
  readonly user: EngineUser;
  readonly binaries: PostgresBinaries;
  readonly options: PostgresOptions;
  readonly release: () => void;
}

async function startClaimed(claimed: Claimed): Promise<LocalPostgres> {
  const { folder, user, binaries, options, release } = claimed;
  const cluster = join(folder, 'cluster');
  await stopOrphan(folder, 'initdb', STOP);
  if (await stopOrphan(folder, 'postgres', STOP))
    options.log?.('PostgreSQL of an earlier run was still there: stopped it');
  await assertNoForeignServer(cluster);
  await assertSameMajor(folder, binaries.major);
  const isMade = (await majorOf(cluster)) !== null;
  const passwords = await passwordsFor(folder, options.databases, isMade);
  if (!isMade) {
    options.log?.(`making a PostgreSQL ${binaries.major} cluster in ${cluster}`);
    const password = passwordOf(passwords, SUPERUSER);
    await makeCluster(folder, cluster, { binaries, user, password, isFast: options.fast === true });
  }
  const { engine, port } = await startOnPort(claimed, cluster);
  try {
    await provisionDatabases(options.databases, passwords, port);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return running(engine, port, passwords, options, release);
}

function running(
  engine: Engine,
  port: number,
  passwords: Passwords,
  options: PostgresOptions,
  release: () => void,
): LocalPostgres {
  let stopped: Promise<void> | null = null;
  void engine.end.then((how) => {
    if (stopped === null) options.log?.(`PostgreSQL ended by itself (${how}): ${engine.lastLines()}`);
  });
  return {
    port,
    superUrl: databaseUrl(SUPERUSER, passwords, port),
    url: (database) => databaseUrl(database, passwords, port),
    stop: () => (stopped ??= engine.stop().finally(release)),
  };
}

async function startOnPort(claimed: Claimed, cluster: string): Promise<{ engine: Engine; port: number }> {
  const { folder, user, binaries, options } = claimed;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const own = { max_connections: String(options.connections ?? CONNECTIONS), port: String(port) };
    const settings = { ...SETTINGS, ...(options.fast === true ? FAST_SETTINGS : {}), ...own };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const engine = await startEngine(
      {
        name: 'postgres',
        program: binaries.postgres,
        args: ['-D', seenFromInside(cluster, user), ...args],
        user,
        workFolder: cluster,
        folder,
      },
      STOP,
    );
    const fault = await untilReady(engine, cluster);
    if (fault === null) return { engine, port };
    await engine.stop();
    const isTaken = /Address already in use|could not bind/.test(engine.lastLines());
    if (isTaken && options.port !== undefined) {
      throw new LocalError(`Port ${port}, given to PostgreSQL, is in use: stop what listens there, or give another.`);
    }
    if (!isTaken || attempt === PORT_TRIES) throw startFault(folder, fault, engine.lastLines());
  }
}

/** Null when the server answers, otherwise in words why it does not. */
async function untilReady(engine: Engine, cluster: string): Promise<string | null> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const how = engine.ended();
    if (how !== null) return how;
    const postmaster = await postmasterOf(cluster);
    if (postmaster?.pid === engine.record.pid && postmaster.isReady) return null;
    await sleep(15);
  }
  return `it was not ready after ${READY_MS / 1000} s`;
}

async function assertSameMajor(folder: string, major: number): Promise<void> {
  const found = await majorOf(join(folder, 'cluster'));
  if (found === null || found === major) return;
  throw new LocalError(
    `The data folder ${folder} was made by PostgreSQL ${found}, and this Broadsheet brings PostgreSQL ${major}, which cannot read it. ` +
      `Start the Broadsheet that made it and move the data with pg_dump, or set DATA_DIR to a new folder.`,
  );
}
