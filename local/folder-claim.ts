import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError } from './errors.ts';
import { isRunning, recordOf } from './running-process.ts';

interface Claim {
  readonly file: string;
  readonly isHeld: boolean;
  readonly pid: number;
  readonly startedAt: string;
  readonly machine: string;
}

const ATTEMPTS = 40;
const HEARTBEAT_MS = 5_000;
const FOREIGN_SILENCE_MS = 15_000;
const claimName = /^(asking|in-use)\.(\d+)\.([\w-]+)\.([0-9a-f]{8})\.[0-9a-f]{8}$/;

/** Whether a name in a folder is a claim on it: such files say nothing about who made the folder. */
export const isClaim = (name: string): boolean => claimName.test(name);

/**
 * Makes this process the folder's only user until the returned function is called or the process ends, however it ends.
 * Throws a LocalError where another one is. Everybody first writes a claim of their own and then looks for others', so of
 * two that start at once the later looker always sees the earlier; a name is never used twice, so removing a dead one's
 * claim can never remove a living one's. All that counts is in the name, as a file's content may be half written.
 */
export async function claimFolder(folder: string): Promise<() => void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const mine = ask(folder);
    const others = livingClaims(folder).filter(({ file }) => file !== mine);
    if (others.length === 0) return hold(folder, mine);
    rmSync(join(folder, mine), { force: true });
    const holder = others.find(({ isHeld }) => isHeld);
    if (holder !== undefined) throw inUse(folder, holder);
    await sleep(5 + Math.random() * 45);
  }
  throw new LocalError(`${folder} is being taken by other processes: see to it that only one starts, and try again.`);
}

function ask(folder: string): string {
  const record = recordOf(process.pid);
  if (record === null) throw new Error('this process runs, so it has a record');
  const name = `asking.${record.pid}.${record.startedAt}.${thisMachine()}.${randomBytes(4).toString('hex')}`;
  writeFileSync(join(folder, name), '', { flag: 'wx', mode: 0o600 });
  return name;
}

function hold(folder: string, asking: string): () => void {
  const file = join(folder, asking.replace('asking', 'in-use'));
  renameSync(join(folder, asking), file);
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
  const release = () => {
    clearInterval(heartbeat);
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

function livingClaims(folder: string): Claim[] {
  const claims = readdirSync(folder).flatMap((file) => {
    const [, state, pid, startedAt, machine] = claimName.exec(file) ?? [];
    if (state === undefined || pid === undefined || startedAt === undefined || machine === undefined) return [];
    return [{ file, isHeld: state === 'in-use', pid: Number(pid), startedAt, machine }];
  });
  return claims.filter((claim) => {
    if (isLiving(folder, claim)) return true;
    rmSync(join(folder, claim.file), { force: true });
    return false;
  });
}

/** A process of another machine or container (a shared volume) cannot be looked up here, so its heartbeat counts. */
function isLiving(folder: string, claim: Claim): boolean {
  if (claim.machine === thisMachine()) return isRunning(claim);
  const touchedAt = statSync(join(folder, claim.file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touchedAt < FOREIGN_SILENCE_MS;
}

function inUse(folder: string, holder: Claim): LocalError {
  if (holder.machine === thisMachine()) {
    return new LocalError(
      `${folder} is in use by process ${holder.pid}: stop that one first, or set DATA_DIR to another folder.`,
    );
  }
  return new LocalError(
    `${folder} is in use by process ${holder.pid} of another machine or container: stop that one first and try again ` +
      `${FOREIGN_SILENCE_MS / 1000} s later, or set DATA_DIR to another folder.`,
  );
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // A folder removed under a running server is that server's own trouble; a heartbeat must not end the process.
  }
}

const thisMachine = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
