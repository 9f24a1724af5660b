import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError, systemCode } from './errors.ts';

/** One process for ever: the id alone is reused by the system, above all in containers, but not together with the start. */
export interface ProcessRecord {
  readonly pid: number;
  readonly startedAt: string;
}

/** Signals to send one after the other, each with the time in ms that the process gets to end. */
export type StopSteps = readonly (readonly [signal: NodeJS.Signals, graceMs: number])[];

const POLL_MS = 20;

/** The record of a process that runs now, or null where none does (a zombie does not run). */
export function recordOf(pid: number): ProcessRecord | null {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether the very process of the record still runs. */
export function isRunning(record: ProcessRecord): boolean {
  return recordOf(record.pid)?.startedAt === record.startedAt;
}

/** Ends a process, ours or an orphan of an earlier run. Throws a LocalError where it outlives every step. */
export async function stopProcess(record: ProcessRecord, steps: StopSteps): Promise<void> {
  for (const [signal, graceMs] of steps) {
    if (!isRunning(record)) return;
    send(record.pid, signal);
    const deadline = Date.now() + graceMs;
    while (Date.now() < deadline) {
      if (!isRunning(record)) return;
      await sleep(POLL_MS);
    }
  }
  if (isRunning(record)) throw new LocalError(`Process ${record.pid} does not stop: end it by hand and start again.`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return;
    throw new LocalError(
      `Process ${pid} of an earlier run belongs to another user: stop it as that user (kill ${pid}).`,
      {
        cause: error,
      },
    );
  }
}

// proc_pid_stat(5): the name in parentheses may hold anything, so count from the last one; then field 3 is the state, 22 the start in ticks since boot.
function startOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    return `${boot}-${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

function startByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '').replaceAll(/[^A-Za-z0-9]+/g, '-');
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? startUnknown(pid) : null;
  }
}

// Where there is no ps (Windows), a living id has to do.
function startUnknown(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch {
    return null;
  }
}
