import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { isRoot, type EngineUser } from './engine-process.ts';

/** A Node process that owns what it started, to be killed or run as somebody else. */
export interface OtherProcess {
  readonly pid: number;
  /** The next line it prints; throws, with what it wrote on standard error, where it ends instead. */
  line(): Promise<string>;
  /** Ends it at once, as the system does when memory runs out. */
  kill(): Promise<void>;
  readonly end: Promise<number | null>;
}

export const nobody: EngineUser = { uid: 65_534, gid: 65_534 };

/** Root can play another user, where that one may read this checkout; nobody else can play anyone. */
export const canPlayNobody =
  isRoot() &&
  spawnSync(process.execPath, ['-e', `fs.readFileSync(${JSON.stringify(import.meta.filename)})`], nobody).status === 0;

/** Runs module code in a Node process of its own; `load('postgres.ts')` in it imports a file of this folder. */
export function inOtherProcess(
  code: string,
  { user = {}, path }: { user?: EngineUser; path?: string } = {},
): OtherProcess {
  const load = `const load = (file) => import(new URL(file, ${JSON.stringify(`${pathToFileURL(import.meta.dirname).href}/`)}));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${load}\n${code}`], {
    ...user,
    cwd: '/',
    env: { PATH: path ?? '/usr/local/bin:/usr/bin:/bin', TMPDIR: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const end = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid ?? 0,
    end,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`it ended: ${complaints}`);
      return next.value;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await end;
    },
  };
}

/** A new folder of mode 0700, as a home of root is. */
export const newFolder = (user: EngineUser = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-engines-'));
  if (user.uid !== undefined) spawnSync('chown', [`${user.uid}:${user.gid ?? user.uid}`, folder]);
  return folder;
};

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Runs `work` in a folder that is a disk of its own; null where none can be mounted. */
export function withDisk<Result>(options: string, work: (folder: string) => Result): Result | null {
  const folder = newFolder();
  const unmount = () => {
    spawnSync('umount', [folder]);
    removeFolder(folder);
  };
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]).status !== 0) {
    removeFolder(folder);
    return null;
  }
  const result = work(folder);
  if (result instanceof Promise) void result.finally(unmount).catch(() => undefined);
  else unmount();
  return result;
}

/** Root can mount a small disk where the machine lets it (in most containers it does not). */
export const canMount = isRoot() && withDisk('size=1m', () => true) === true;

/** All that could change in a folder: names, modes, owners, times, contents. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort()) {
    const found = statSync(join(folder, name));
    hash.update(`${name} ${found.mode} ${found.uid} ${found.mtimeMs} ${found.ctimeMs}\n`);
    if (found.isFile()) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

/** Waits until `isTrue`, for as long as a slow machine may need. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isTrue();) {
    if (Date.now() > deadline) throw new Error(`never true: ${isTrue.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The rows of one statement, over a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Code for another process: starts PostgreSQL with a database `content` and prints its address, or why not. */
export const postgresIn = (folder: string): string => `
  const { startPostgres } = await load('postgres.ts');
  await startPostgres({ directory: ${JSON.stringify(folder)}, databases: ['content'], fast: true }).then(
    (server) => { globalThis.server = server; console.log(JSON.stringify({ url: server.url('content') })); },
    (error) => console.log(error.name + ': ' + error.message));`;

/** Code for another process: keeps it going. */
export const KEEP_RUNNING = ' setInterval(() => undefined, 1_000);';
