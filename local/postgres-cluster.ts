import { randomBytes } from 'node:crypto';
import { readlinkSync, readFileSync, realpathSync } from 'node:fs';
import { chown, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEngineFolder, startEngine, type Engine, type EngineUser } from './engine-process.ts';
import { LocalError, systemCode } from './errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { SUPERUSER } from './postgres-passwords.ts';
import { recordOf, type StopSteps } from './running-process.ts';

const UNFINISHED = 'unfinished.';
const INITDB_STOP: StopSteps = [
  ['SIGTERM', 3_000],
  ['SIGKILL', 1_000],
];
/** C.UTF-8 of the builtin provider: case mapping and trigrams for every script, and no sorting that changes with the system's libraries. */
const LOCALE = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C.UTF-8', '--encoding=UTF8'];

/** The major version a cluster was made by, or null where there is no cluster. */
export async function majorOf(cluster: string): Promise<number | null> {
  try {
    const text = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
    return Number.parseInt(text, 10);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a cluster in `folder` under a name of its own and renames it when whole, so that one cut short is never mistaken for one. */
export async function makeCluster(folder: string, cluster: string, given: Omit<InitdbGiven, 'made'>): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) await rm(join(folder, name), { recursive: true, force: true });
  }
  const made = join(folder, `${UNFINISHED}${randomBytes(4).toString('hex')}`);
  await makeEngineFolder(made, given.user);
  const initdb = await runInitdb(folder, { ...given, made });
  const how = await initdb.end;
  if (how !== 'exit code 0') {
    await rm(made, { recursive: true, force: true });
    throw startFault(folder, `no cluster could be made (${how})`, initdb.lastLines());
  }
  await rename(made, cluster);
}

interface InitdbGiven {
  readonly binaries: PostgresBinaries;
  readonly user: EngineUser;
  readonly password: string;
  readonly isFast: boolean;
  readonly made: string;
}

async function runInitdb(folder: string, { binaries, user, password, isFast, made }: InitdbGiven): Promise<Engine> {
  const passwordFile = `${made}.password`;
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (user.uid !== undefined && user.gid !== undefined) await chown(passwordFile, user.uid, user.gid);
  const handle = await open(passwordFile, 'r');
  try {
    const access = ['-U', SUPERUSER, '--auth=scram-sha-256', '--pwfile=/dev/fd/3'];
    const args = ['-D', seenFromInside(made, user), ...access, ...LOCALE, '--no-instructions'];
    const engine = await startEngine(
      {
        name: 'initdb',
        program: binaries.initdb,
        args: isFast ? [...args, '--no-sync'] : args,
        user,
        workFolder: made,
        folder,
        descriptor: handle.fd,
      },
      INITDB_STOP,
    );
    await engine.end;
    return engine;
  } finally {
    await handle.close();
    await rm(passwordFile, { force: true });
  }
}

/**
 * How the engine names its own folder. Another user may have no way in from above (a data folder in root's home), but is
 * already there by its working directory, which Linux can name.
 */
export function seenFromInside(cluster: string, user: EngineUser): string {
  return process.platform === 'linux' && user.uid !== undefined ? '/proc/self/cwd' : cluster;
}

/** What PostgreSQL's own lock file says: who wrote it, and whether it answers already (line 8, as pg_ctl reads it). */
export async function postmasterOf(cluster: string): Promise<{ pid: number; isReady: boolean } | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return Number.isInteger(pid) ? { pid, isReady: lines[7]?.trim() === 'ready' } : null;
}

/**
 * Deals with a lock file that no process of ours left: a living server on this very folder is a reason to stop; another process
 * that by chance got the dead server's id is not, though PostgreSQL, seeing only the id, would refuse.
 */
export async function assertNoForeignServer(cluster: string): Promise<void> {
  const postmaster = await postmasterOf(cluster);
  if (postmaster === null || recordOf(postmaster.pid) === null) return;
  if (isServerOf(postmaster.pid, cluster)) {
    throw new LocalError(
      `Another PostgreSQL server (process ${postmaster.pid}) uses ${cluster}: stop it (kill -INT ${postmaster.pid}) and start again.`,
    );
  }
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** A server's working directory is its folder. Where that cannot be seen, any program named postgres is taken for it. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').includes('postgres');
    } catch {
      return true;
    }
  }
}

/** A start that failed, in the words of the engine's own log. */
export function startFault(folder: string, what: string, lines: string): LocalError {
  return new LocalError(`${adviceFor(folder, what, lines)} Its log says:\n${lines}`);
}

function adviceFor(folder: string, what: string, lines: string): string {
  if (lines.includes('No space left on device')) {
    return `The disk that holds ${folder} is full: free some space and start again.`;
  }
  if (lines.includes('could not look up effective user ID')) {
    return `PostgreSQL wants its user to have a name: add user ${process.getuid?.() ?? ''} to /etc/passwd, or start as another user.`;
  }
  return `PostgreSQL in ${folder} did not start: ${what}.`;
}
