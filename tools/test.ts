/**
 * `npm test` runs the suite, `npm test -- PATTERN` a part of it, `npm run test:long` what is slow or timed.
 * Ends with the engines that took part and one line `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { closingLines, planRun } from './test-run.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.cache/test');
const results = join(folder, 'results.json');
const engines = join(folder, 'engines.json');

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

mkdirSync(folder, { recursive: true });
// What an earlier run left must not be read as this one's.
for (const path of [results, engines]) rmSync(path, { force: true });
const child = spawn(process.execPath, planRun(process.argv.slice(2), { root, results }), {
  cwd: root,
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to Jest as well; this process only waits for it to stop its engines.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'exit')) as [number | null];
for (const line of closingLines(read(results), read(engines))) console.log(line);
process.exitCode = code ?? 1;
