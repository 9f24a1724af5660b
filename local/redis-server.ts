import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import {
  engineUser,
  makeEngineFolder,
  startEngine,
  stopOrphan,
  type Engine,
  type EngineUser,
} from './engine-process.ts';
import { LocalError } from './errors.ts';
import { claimFolder } from './folder-claim.ts';
import { freePort } from './port.ts';
import type { StopSteps } from './running-process.ts';

/** A Redis-compatible server program of this machine. */
export interface RedisProgram {
  readonly engine: 'valkey-server' | 'redis-server';
  readonly path: string;
  readonly version: string;
}

export interface RedisServer {
  readonly port: number;
  stop(): Promise<void>;
}

interface Manner {
  readonly password: string;
  /** Keeps nothing on disk, and so never waits for one. */
  readonly isFast: boolean;
}

/** SIGTERM makes Redis write the rest of its append-only file. */
const STOP: StopSteps = [
  ['SIGTERM', 8_000],
  ['SIGKILL', 1_000],
];
/** Reading a large append-only file takes a while. */
const READY_MS = 60_000;
const PORT_TRIES = 3;
/** XAUTOCLAIM, which the event bus needs, came with 6.2. */
const OLDEST = [6, 2] as const;

/** The first of `valkey-server` and `redis-server` on PATH that runs here and is new enough, or null. */
export async function findRedisProgram(folder: string, log: (line: string) => void): Promise<RedisProgram | null> {
  const user = await engineUser(join(folder, 'data'));
  for (const engine of ['valkey-server', 'redis-server'] as const) {
    const path = await firstLine('/bin/sh', ['-c', `command -v ${engine}`], {});
    if (path === null) continue;
    const version = /v=(\d+)\.(\d+)\.(\d+)/.exec((await firstLine(path, ['--version'], user)) ?? '');
    if (version === null) log(`${path} cannot be run: not used`);
    else if (isTooOld(Number(version[1]), Number(version[2])))
      log(`${path} is older than ${OLDEST.join('.')}: not used`);
    else return { engine, path, version: version[0].slice(2) };
  }
  return null;
}

const isTooOld = (major: number, minor: number): boolean =>
  major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);

async function firstLine(program: string, args: readonly string[], user: EngineUser): Promise<string | null> {
  return await new Promise((resolve) => {
    execFile(program, args, { ...user, cwd: '/', timeout: 10_000 }, (error, stdout) => {
      resolve(error === null ? (stdout.split('\n')[0] ?? null) : null);
    });
  });
}

/**
 * Starts the program on a free loopback port with its data in `folder`, behind the password; one that a killed run left behind is
 * stopped first. Throws a LocalError where the folder is in use or the server does not start.
 */
export async function startRedisServer(
  program: RedisProgram,
  folder: string,
  { password, isFast }: Manner,
): Promise<RedisServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const release = await claimFolder(folder);
  try {
    await stopOrphan(folder, 'redis', STOP);
    const user = await engineUser(join(folder, 'data'));
    await makeEngineFolder(join(folder, 'data'), user);
    const { engine, port } = await startOnPort(program, folder, user, { password, isFast });
    let stopped: Promise<void> | null = null;
    return { port, stop: () => (stopped ??= engine.stop().finally(release)) };
  } catch (error) {
    release();
    throw error;
  }
}

async function startOnPort(program: RedisProgram, folder: string, user: EngineUser, { password, isFast }: Manner) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const engine = await startEngine(
      {
        name: 'redis',
        program: program.path,
        args: ['-'],
        user,
        workFolder: join(folder, 'data'),
        folder,
        input: settings(port, { password, isFast }),
      },
      STOP,
    );
    const fault = await untilReady(engine, `redis://:${password}@127.0.0.1:${port}`);
    if (fault === null) return { engine, port };
    await engine.stop();
    const isTaken = /Address already in use/.test(engine.lastLines());
    if (!isTaken || attempt === PORT_TRIES) throw startFault(program, folder, fault, engine);
  }
}

/** Nothing may be dropped silently (noeviction), and at most the last second is lost in a power cut; all of it where it is fast. */
function settings(port: number, { password, isFast }: Manner): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'dir ./',
    `appendonly ${isFast ? 'no' : 'yes'}`,
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    '',
  ].join('\n');
}

/** Null when the server answers, otherwise in words why it does not. */
async function untilReady(engine: Engine, url: string): Promise<string | null> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null, enableReadyCheck: true });
  client.on('error', () => undefined);
  const ready = new Promise<null>((resolve) => client.once('ready', () => resolve(null)));
  const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<string>();
  const timer = setTimeout(() => giveUp(`it was not ready after ${READY_MS / 1000} s`), READY_MS);
  try {
    return await Promise.race([ready, engine.end, tooLate]);
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}

function startFault(program: RedisProgram, folder: string, fault: string, engine: Engine): LocalError {
  return new LocalError(
    `${program.engine} ${program.version} did not start in ${folder}: ${fault}. It holds nothing that PostgreSQL does not: where its files are ` +
      `damaged or of a newer version, move ${join(folder, 'data')} away and start again. Its log says:\n${engine.lastLines()}`,
  );
}
