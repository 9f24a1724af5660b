import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, runChecks } from './checks.ts';

const check = (name: string, script: string): Check => ({ name, command: ['-e', script] });

async function linesOf(checks: readonly Check[]): Promise<{ isPassed: boolean; lines: string[] }> {
  const lines: string[] = [];
  const isPassed = await runChecks(checks, { root: import.meta.dirname, write: (line) => lines.push(line) });
  return { isPassed, lines };
}

test('a failure is told with its output, what passes keeps quiet', async () => {
  const { isPassed, lines } = await linesOf([
    check('calm', 'console.log("noise")'),
    check('broken', 'console.log("why"); console.error("where"); process.exit(3)'),
  ]);
  expect(isPassed).toBe(false);
  expect(lines).toHaveLength(4);
  expect(lines).toContainEqual(expect.stringMatching(/^calm +ok +\d+\.\d s$/));
  expect(lines).toContainEqual(expect.stringMatching(/^broken +FAILED +\d+\.\d s$/));
  expect(lines).toContain('  why\n  where');
  expect(lines.at(-1)).toBe('FAILED: broken');
});

test('a check that is killed has not passed', async () => {
  const { isPassed } = await linesOf([check('killed', 'process.kill(process.pid, "SIGKILL")')]);
  expect(isPassed).toBe(false);
});

test('two run at once, and all of them run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'));
  // Each waits for the other's sign of life, so one after the other neither would pass.
  const meet = (own: string, other: string) => `
    const { existsSync, writeFileSync } = require('node:fs');
    writeFileSync('${folder}/${own}', '');
    const patience = setTimeout(() => process.exit(1), 30_000);
    const look = setInterval(() => {
      if (!existsSync('${folder}/${other}')) return;
      clearInterval(look);
      clearTimeout(patience);
    }, 20);`;
  const { isPassed, lines } = await linesOf([check('a', meet('a', 'b')), check('b', meet('b', 'a')), check('c', '')]);
  rmSync(folder, { recursive: true });
  expect(isPassed).toBe(true);
  expect(lines.at(-1)).toBe('3 checks passed');
});
