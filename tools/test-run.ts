import { join } from 'node:path';
import { jestConfig } from './jest/config.ts';

/** Flags that run a part of the suite, which says nothing about the coverage of the whole. */
const PARTIAL =
  /^(-t|-o|--(testNamePattern|testPathPatterns?|onlyChanged|onlyFailures|changedSince|shard|findRelatedTests|listTests|watch))/;

/** Node's arguments for a run of Jest: ours, then what the caller passes through. */
export function planRun(given: readonly string[], paths: { root: string; results: string }): string[] {
  const isLong = given.includes('--long');
  const passed = given.filter((argument) => argument !== '--long');
  const isWhole = !isLong && passed.every((argument) => argument.startsWith('-') && !PARTIAL.test(argument));
  return [
    '--disable-warning=ExperimentalWarning',
    '--experimental-vm-modules',
    join(paths.root, 'node_modules/jest/bin/jest.js'),
    `--config=${JSON.stringify(jestConfig({ isLong, isWhole }))}`,
    '--json',
    `--outputFile=${paths.results}`,
    ...(isLong ? ['--runInBand'] : []),
    ...passed,
  ];
}

interface Engine {
  readonly name: string;
  readonly version: string;
  /** Where it came from, such as `embedded` or an address. */
  readonly how: string;
}

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * The last lines of a run: a line per engine, then the counts.
 * @param results Jest's JSON, or null where it wrote none.
 * @param engines JSON that the tests' global set-up wrote, or null where none was started.
 */
export function closingLines(results: string | null, engines: string | null): string[] {
  const exercised = engines === null ? [] : (JSON.parse(engines) as readonly Engine[]);
  return [...exercised.map(({ name, version, how }) => `engine: ${name} ${version} (${how})`), counts(results)];
}

/** A file that does not even load holds no test that could fail, so it is counted as one. */
function counts(results: string | null): string {
  if (results === null) return '0 passed, 1 failed, 0 skipped';
  const run = JSON.parse(results) as Results;
  const failed = run.numFailedTests + run.numRuntimeErrorTestSuites;
  return `${run.numPassedTests} passed, ${failed} failed, ${run.numPendingTests + run.numTodoTests} skipped`;
}
