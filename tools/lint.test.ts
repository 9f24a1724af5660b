import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const eslint = join(root, 'node_modules/eslint/bin/eslint.js');

/** Severity by rule for a path, which need not exist. */
async function rulesFor(path: string): Promise<Record<string, readonly [number, ...unknown[]]>> {
  const { stdout } = await promisify(execFile)(process.execPath, [eslint, '--print-config', path], { cwd: root });
  const { rules } = JSON.parse(stdout) as { rules: Record<string, readonly [number, ...unknown[]]> };
  return rules;
}

test('the environment is read in config.ts and around the product only', async () => {
  const forbidden = await rulesFor('kit/bus.ts');
  expect(forbidden['no-restricted-properties']).toMatchObject([2, { object: 'process', property: 'env' }]);
  expect(forbidden['no-restricted-imports']?.[0]).toBe(2);
  for (const path of ['subgraphs/users/config.ts', 'local/start.ts', 'kit/bus.test.ts', 'kit/testing/engines.ts']) {
    expect([path, (await rulesFor(path))['no-restricted-properties']?.[0]]).toEqual([path, 0]);
  }
});

test('files are short where a person writes them', async () => {
  expect((await rulesFor('gateway/gateway.ts'))['max-lines']).toMatchObject([2, { max: 250 }]);
  for (const path of [
    'gateway/gateway.test.ts',
    'subgraphs/a/migrations/0001-a.ts',
    'subgraphs/a/b/b.lexicon.positive.ts',
  ]) {
    expect([path, (await rulesFor(path))['max-lines']?.[0]]).toEqual([path, 0]);
  }
});

test('what makes a promise or a type go astray is an error, and nothing is a warning', async () => {
  const rules = await rulesFor('kit/bus.ts');
  for (const name of [
    'no-floating-promises',
    'no-misused-promises',
    'no-explicit-any',
    'consistent-type-imports',
    'switch-exhaustiveness-check',
  ]) {
    expect([name, rules[`@typescript-eslint/${name}`]?.[0]]).toEqual([name, 2]);
  }
  expect(Object.entries(rules).filter(([, [severity]]) => severity === 1)).toEqual([]);
});
