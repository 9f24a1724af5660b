import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const whereFound = (file: string) => (existsSync(join(root, file)) ? join(root, file) : undefined);

/** Jest's configuration; `isLong` picks the timed and heavy tests, `isWhole` holds the run to the coverage bar. */
export const jestConfig = ({ isLong, isWhole }: { isLong: boolean; isWhole: boolean }) => ({
  rootDir: root,
  testEnvironment: 'node',
  testMatch: [isLong ? '**/*.long.test.ts' : '**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/\\.data/', ...(isLong ? [] : ['\\.long\\.test\\.ts$'])],
  // Temporary trees that tests plant under .data must not be taken for workspaces.
  modulePathIgnorePatterns: ['<rootDir>/\\.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': join(root, 'tools/jest/strip-types.mjs') },
  globalSetup: whereFound('tests/setup/global-setup.ts'),
  globalTeardown: whereFound('tests/setup/global-teardown.ts'),
  // Two cores, and every worker holds databases of its own.
  maxWorkers: isLong ? 1 : 2,
  testTimeout: isLong ? 600_000 : 120_000,
  // Babel counts statements of the stripped code; V8 counts blank lines, comments and types as covered lines.
  coverageProvider: 'babel',
  collectCoverage: isWhole,
  collectCoverageFrom: [
    '{kit,gateway,edge,subgraphs,rest,local}/**/*.ts',
    'gateway.config.ts',
    '!**/*.test.ts',
    '!kit/testing/**',
    '!**/node_modules/**',
  ],
  coverageDirectory: join(root, 'coverage'),
  coverageReporters: ['json', 'lcovonly', 'text-summary'],
  ...(isWhole ? { coverageThreshold: { global: { lines: 85 } } } : {}),
});
