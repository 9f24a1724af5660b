/** `npm run check`: everything that can be said of the sources without running the product. Two checks run at once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, runChecks } from './checks.ts';

const root = join(import.meta.dirname, '..');
const sources = ['kit', 'gateway', 'subgraphs', 'rest', 'local', 'tests', 'tools', 'edge', 'gateway.config.ts'].filter(
  (path) => existsSync(join(root, path)),
);
const bin = (path: string) => join(root, 'node_modules', path);

// The slowest come first, so that the others fill the time beside them.
const checks: readonly Check[] = [
  { name: 'lint', command: [bin('eslint/bin/eslint.js'), '.', '--max-warnings=0'] },
  { name: 'types', command: [bin('typescript/bin/tsc'), '--noEmit', '-p', '.'] },
  { name: 'format', command: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  {
    name: 'boundaries',
    command: [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--output-type=err', ...sources],
  },
  {
    name: 'schema',
    command: ['--disable-warning=ExperimentalWarning', join(root, 'tools/schema/schema.ts'), '--check'],
  },
];

process.exitCode = (await runChecks(checks, { root, write: (line) => console.log(line) })) ? 0 : 1;
