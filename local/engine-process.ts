import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError, systemCode } from './errors.ts';
import { isRunning, recordOf, stopProcess, type ProcessRecord, type StopSteps } from './running-process.ts';

/** Whom an engine runs as: nothing given means the user of this process. */
export interface EngineUser {
  readonly uid?: number;
  readonly gid?: number;
}

export interface EngineCommand {
  /** The engine's name in messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly user: EngineUser;
  /** Becomes the working directory before the user is switched, so the user needs no way in from above. */
  readonly workFolder: string;
  /** Where the log and the process record are kept. */
  readonly folder: string;
  /** Given on standard input, so that a password is in no argument list. */
  readonly input?: string;
  /** A file the engine may read as its descriptor 3. */
  readonly descriptor?: number;
}

export interface Engine {
  readonly record: ProcessRecord;
  /** What the engine logged since it was started, the last lines of it. */
  lastLines(): string;
  /** Whether it ended, and how: null while it runs. */
  ended(): string | null;
  /** Settles when it has ended, with how. */
  readonly end: Promise<string>;
  stop(): Promise<void>;
}

/** `nobody`: PostgreSQL refuses to run as root, and Redis has no need to. */
const UNPRIVILEGED = 65_534;
const LOG_BYTES = 10 * 1_048_576;
const LAST_LINES = 8;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** As root an engine runs as the owner of its folder (`nobody` for a new one), otherwise as we do. */
export async function engineUser(ownFolder: string): Promise<EngineUser> {
  if (!isRoot()) return {};
  const owner = await stat(ownFolder).catch(() => null);
  if (owner === null || owner.uid === 0) return { uid: UNPRIVILEGED, gid: UNPRIVILEGED };
  return { uid: owner.uid, gid: owner.gid };
}

/** Makes a folder that only the engine may enter. */
export async function makeEngineFolder(folder: string, user: EngineUser): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
}

/**
 * Starts an engine and keeps its record beside its log. It gets a session of its own, so that a Ctrl-C in the terminal
 * reaches it only through us, after the last request; and no environment, so that no setting of ours leaks into it.
 */
export async function startEngine(command: EngineCommand, stopSteps: StopSteps): Promise<Engine> {
  const logFile = join(command.folder, `${command.name}.log`);
  const logStart = rotate(logFile);
  const child = spawnEngine(command, logFile);
  const end = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const record = child.pid === undefined ? null : recordOf(child.pid);
  if (record !== null) writeFileSync(recordFile(command), JSON.stringify(record), { mode: 0o600 });
  if (child.pid === undefined) throw await notStarted(child, command);
  const stopAtExit = () => child.kill(stopSteps[0]?.[0]);
  process.once('exit', stopAtExit);
  let how: string | null = null;
  void end.then((reason) => {
    how = reason;
    process.off('exit', stopAtExit);
    rmSync(recordFile(command), { force: true });
  });
  const known = record ?? { pid: child.pid, startedAt: '' };
  return {
    record: known,
    end,
    ended: () => how,
    lastLines: () => lastLinesOf(logFile, logStart),
    stop: async () => {
      await stopProcess(known, stopSteps);
      await end;
    },
  };
}

/** Ends what a killed earlier run of ours left behind; call it only while holding the folder. True where there was such. */
export async function stopOrphan(folder: string, name: string, stopSteps: StopSteps): Promise<boolean> {
  const record = readRecord(recordFile({ folder, name }));
  if (record === null) return false;
  const wasRunning = isRunning(record);
  await stopProcess(record, stopSteps);
  rmSync(recordFile({ folder, name }), { force: true });
  return wasRunning;
}

function spawnEngine(command: EngineCommand, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command.program, [...command.args], {
      ...command.user,
      cwd: command.workFolder,
      env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' },
      detached: true,
      stdio: [command.input === undefined ? 'ignore' : 'pipe', log, log, command.descriptor ?? 'ignore'],
    });
    // An engine that refuses its command line closes its input early; its log says why, so the broken pipe need not.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input);
    return child;
  } finally {
    closeSync(log);
  }
}

async function notStarted(child: ChildProcess, command: EngineCommand): Promise<LocalError> {
  const [error] = (await once(child, 'error')) as [Error];
  return new LocalError(`${command.name} cannot be started from ${command.program}: ${error.message}.`, {
    cause: error,
  });
}

const recordFile = ({ folder, name }: { folder: string; name: string }): string => join(folder, `${name}.process.json`);

function readRecord(file: string): ProcessRecord | null {
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof record !== 'object' || record === null || !('pid' in record) || !('startedAt' in record)) return null;
    const { pid, startedAt } = record;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : null;
  } catch (error) {
    // A record cut off by a full disk names no process.
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Keeps one older log; gives the place in bytes where this start's lines begin. */
function rotate(logFile: string): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LOG_BYTES) return size;
  renameSync(logFile, `${logFile}.1`);
  return 0;
}

function lastLinesOf(logFile: string, from: number): string {
  try {
    const lines = readFileSync(logFile).subarray(from).toString('utf8').trim().split('\n');
    return lines.slice(-LAST_LINES).join('\n');
  } catch (error) {
    return `(${logFile} cannot be read: ${systemCode(error)})`;
  }
}
