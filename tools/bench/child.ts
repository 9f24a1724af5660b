import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { treeOf } from './cpu.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 120_000;
const STOP_MS = 12_000;

/** A process of ours that serves at `url`. */
export interface Child {
  readonly pid: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Runs a script until it says `ready … URL`. What it logs goes to our stderr. Throws where it ends before, or takes too long. */
export async function startChild(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Child> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = (): Promise<void> => stopChild(child);
  try {
    return { pid: child.pid ?? 0, url: await readyUrl(child, script), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyUrl(child: ChildProcess, script: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => reject(new Error(`${script} was not ready in time`)), READY_MS);
  child.once('error', reject);
  child.once('exit', (code, signal) => reject(new Error(`${script} ended with ${signal ?? code}`)));
  // Read to its end, so that the child never waits for a reader.
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, ...rest] = line.split(' ');
      if (word === 'ready') resolve(rest.at(-1) ?? '');
    });
  }
  return promise.finally(() => clearTimeout(timer));
}

/** Asks the process to stop, and after 12 s ends it together with all it has started. */
async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const { pid } = child;
  const ended = once(child, 'exit');
  const force = setTimeout(() => {
    for (const one of treeOf(pid).reverse()) kill(one.pid);
  }, STOP_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(force);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Ends at once all that this process has started, also what was still starting. */
export function killAll(): void {
  for (const { pid } of treeOf(process.pid).reverse()) if (pid !== process.pid) kill(pid);
}

/** In reverse order of their start. */
export async function stopChildren(children: readonly Child[]): Promise<void> {
  for (const child of children.toReversed()) await child.stop();
}
