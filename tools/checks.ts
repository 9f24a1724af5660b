import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Check {
  readonly name: string;
  /** Arguments for this process's Node. */
  readonly command: readonly string[];
}

interface Outcome {
  readonly isPassed: boolean;
  readonly output: string;
  readonly seconds: number;
}

const AT_ONCE = 2;

/** Runs the checks, two at a time, writes a line for each and the output of those that fail. True when all pass. */
export async function runChecks(
  checks: readonly Check[],
  { root, write }: { root: string; write: (line: string) => void },
): Promise<boolean> {
  const waiting = [...checks];
  const failed: string[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { isPassed, output, seconds } = await run(check, root);
      write(`${check.name.padEnd(12)} ${isPassed ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s`);
      if (isPassed) continue;
      failed.push(check.name);
      write(output.trimEnd().replace(/^/gm, '  '));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  write(failed.length === 0 ? `${checks.length} checks passed` : `FAILED: ${failed.join(', ')}`);
  return failed.length === 0;
}

async function run({ command }: Check, root: string): Promise<Outcome> {
  const started = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], ...output] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { isPassed: code === 0, output: output.join(''), seconds: (performance.now() - started) / 1000 };
}
