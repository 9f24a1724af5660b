import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc tells of it. */
export interface ProcessCpu {
  readonly pid: number;
  readonly parent: number;
  /** The program's short name: `postgres`. */
  readonly name: string;
  /** User and system time in milliseconds, that of its ended and awaited children included. */
  readonly cpuMs: number;
}

/** USER_HZ, the unit of /proc, is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Reads a line of /proc/<pid>/stat (proc(5)): the name is in brackets and may hold anything. */
export function parseStat(line: string): ProcessCpu {
  const end = line.lastIndexOf(')');
  const start = line.indexOf('(');
  const rest = line.slice(end + 2).split(' ');
  // state ppid … : utime is the 14th field of the line, then stime, cutime and cstime.
  const ticks = rest.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number(line.slice(0, start)),
    parent: Number(rest[1]),
    name: line.slice(start + 1, end),
    cpuMs: ticks * TICK_MS,
  };
}

function allProcesses(): ProcessCpu[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/** A process and all that it has started, and what those have. Throws where there is no /proc. */
export function treeOf(root: number, processes: readonly ProcessCpu[] = allProcesses()): ProcessCpu[] {
  const byParent = Map.groupBy(processes, ({ parent }) => parent);
  const under = (pid: number): ProcessCpu[] =>
    (byParent.get(pid) ?? []).flatMap((child) => [child, ...under(child.pid)]);
  return [...processes.filter(({ pid }) => pid === root), ...under(root)];
}

export const cpuOf = (processes: readonly ProcessCpu[]): number => processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/** Whether the command line of a process that is still there names this script. */
export function runs({ pid }: ProcessCpu, script: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .split('\0')
    .some((argument) => argument === script || argument.endsWith(`/${script}`));
}
