import { closingLines, planRun } from './test-run.ts';

interface PlannedConfig {
  readonly collectCoverage: boolean;
  readonly testMatch: readonly string[];
  readonly coverageThreshold?: object;
}

function plannedConfig(...given: readonly string[]): PlannedConfig {
  const config = planRun(given, { root: '/repository', results: '/results.json' }).find((one) =>
    one.startsWith('--config='),
  );
  return JSON.parse(config?.slice('--config='.length) ?? '') as PlannedConfig;
}

test('the whole suite is held to the coverage bar, a part of it is not', () => {
  expect(plannedConfig()).toMatchObject({ collectCoverage: true, coverageThreshold: { global: { lines: 85 } } });
  expect(plannedConfig('--verbose').collectCoverage).toBe(true);
  for (const part of [['kit/'], ['-t', 'a name'], ['--shard=1/2'], ['--long']]) {
    expect(plannedConfig(...part)).toMatchObject({ collectCoverage: false });
    expect(plannedConfig(...part)).not.toHaveProperty('coverageThreshold');
  }
});

test('long tests run alone and one at a time', () => {
  expect(plannedConfig('--long').testMatch).toEqual(['**/*.long.test.ts']);
  const planned = planRun(['--long', 'gateway'], { root: '/repository', results: '/results.json' });
  expect(planned).toContain('--runInBand');
  expect(planned).not.toContain('--long');
  expect(planned.at(-1)).toBe('gateway');
});

test('the last line counts, after the engines', () => {
  const results = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    numRuntimeErrorTestSuites: 0,
  };
  const engines = JSON.stringify([{ name: 'PostgreSQL', version: '18.4', how: 'embedded' }]);
  expect(closingLines(JSON.stringify(results), engines)).toEqual([
    'engine: PostgreSQL 18.4 (embedded)',
    '3 passed, 1 failed, 3 skipped',
  ]);
});

test('a file that does not load and a run without results count as failures', () => {
  const results = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 1,
  };
  expect(closingLines(JSON.stringify(results), null)).toEqual(['3 passed, 1 failed, 0 skipped']);
  expect(closingLines(null, null)).toEqual(['0 passed, 1 failed, 0 skipped']);
});
