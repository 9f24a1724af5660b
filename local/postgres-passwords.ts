import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError, systemCode } from './errors.ts';

/** The superuser's login; no database of ours may have this name. */
export const SUPERUSER = 'postgres';

/** Login -> password, of the superuser and of each database. */
export type Passwords = Readonly<Record<string, string>>;

/**
 * The passwords kept in `folder`, with a new random one for every login that has none yet. They are on disk before the first
 * server sees them, so that a start that is cut short can be taken up by the next. `isClusterMade` tells that there must be some.
 */
export async function passwordsFor(
  folder: string,
  logins: readonly string[],
  isClusterMade: boolean,
): Promise<Passwords> {
  const file = join(folder, 'passwords.json');
  const kept = await read(file);
  if (kept === null && isClusterMade) {
    throw new LocalError(
      `${file} is missing or damaged, and with it the passwords of the databases beside it: restore it from a backup, ` +
        `or move ${folder} away to begin anew.`,
    );
  }
  const passwords = { ...kept };
  for (const login of [SUPERUSER, ...logins]) passwords[login] ??= randomBytes(24).toString('base64url');
  if (Object.keys(passwords).length !== Object.keys(kept ?? {}).length) await write(file, passwords);
  return passwords;
}

/** The password of a login that `passwordsFor` was asked for. */
export function passwordOf(passwords: Passwords, login: string): string {
  const password = passwords[login];
  if (password === undefined) throw new Error(`${login} is none of the databases that were asked for`);
  return password;
}

async function read(file: string): Promise<Record<string, string> | null> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof kept !== 'object' || kept === null) return null;
    const entries = Object.entries(kept);
    return entries.every(([, password]) => typeof password === 'string') ? Object.fromEntries(entries) : null;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Under a name of its own first, so that a crash leaves the old file or the new one. */
async function write(file: string, passwords: Passwords): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(passwords, null, 2));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
