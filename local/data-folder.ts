import { mkdir, open, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LocalError, onFiles, systemCode } from './errors.ts';
import { claimFolder, isClaim } from './folder-claim.ts';

/** The folder with everything this machine keeps, held by this process. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Lets the next start have the folder; also done when the process ends. */
  release(): void;
}

/** Raise it when a released layout of the folder changes, together with a move from the old one. */
const LAYOUT = 1;
const PROBE = 'write-probe';
const PROBE_BYTES = 1_048_576;
/** A new PostgreSQL cluster with five databases takes 95 MB, and its log of changes grows from there; with less it would stop half way. */
const FREE_BYTES = 256 * 1_048_576;

/**
 * Opens the data folder, making it where it is missing (0700: the engines are started inside it, so that even when they run
 * as another user nobody else needs a way in). Throws a LocalError, and leaves everything as it was, where it is a file, full,
 * not writable, in use, not ours, or of another layout.
 */
export async function openDataFolder(path: string, { freeBytes = FREE_BYTES } = {}): Promise<DataFolder> {
  const folder = resolve(path);
  return await onFiles(folder, async () => {
    await makeFolder(folder);
    await assertLayout(folder);
    const release = await claimFolder(folder);
    try {
      await assertRoom(folder, freeBytes);
      await writeLayout(folder);
    } catch (error) {
      release();
      throw error;
    }
    return { path: folder, release };
  });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await stat(folder)).isDirectory()) throw new LocalError(`${folder} is a file: set DATA_DIR to a folder.`);
}

async function assertLayout(folder: string): Promise<void> {
  const layout = await readLayout(folder);
  if (layout === null) return await assertEmpty(folder);
  if (layout === LAYOUT) return;
  const made = `${folder} has layout ${layout} and this Broadsheet uses layout ${LAYOUT}`;
  throw new LocalError(
    layout > LAYOUT
      ? `${made}: it was made by a newer Broadsheet. Start that version or a later one, or set DATA_DIR to a new folder.`
      : `${made}: it was made by an older Broadsheet. Export what you need with that version, or set DATA_DIR to a new folder.`,
  );
}

async function readLayout(folder: string): Promise<number | null> {
  try {
    const text = await readFile(join(folder, 'format'), 'utf8');
    if (/^\d{1,6}\n?$/.test(text)) return Number(text);
    throw new LocalError(
      `${join(folder, 'format')} is damaged: restore it from a backup, or set DATA_DIR to a new folder.`,
    );
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A DATA_DIR that points at somebody's own files must not be filled with ours. Mount points and checkouts leave these. */
async function assertEmpty(folder: string): Promise<void> {
  const harmless = new Set(['lost+found', '.gitkeep', '.gitignore', '.DS_Store', PROBE]);
  const found = (await readdir(folder)).find((name) => !harmless.has(name) && !isClaim(name));
  if (found === undefined) return;
  throw new LocalError(
    `${folder} holds other files (${found}) and was not made by Broadsheet: set DATA_DIR to an empty or new folder.`,
  );
}

/** A real write that reaches the disk: permissions and free space may say yes where a quota or a mount says no. */
async function assertRoom(folder: string, freeBytes: number): Promise<void> {
  const probe = join(folder, PROBE);
  try {
    const file = await open(probe, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES, 1));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(probe, { force: true });
  }
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= freeBytes) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1_048_576)} MB`;
  throw new LocalError(
    `The disk that holds ${folder} is nearly full (${megabytes(bavail * bsize)} left, ${megabytes(freeBytes)} needed): free some space, or set DATA_DIR to a folder on another disk.`,
  );
}

async function writeLayout(folder: string): Promise<void> {
  // Read again now that nobody else writes: another process may have made the folder since.
  await assertLayout(folder);
  if ((await readLayout(folder)) === null)
    await writeFile(join(folder, 'format'), `${LAYOUT}\n`, { mode: 0o600, flush: true });
}
