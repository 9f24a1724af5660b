import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFeature } from './feature.ts';
import { nounOf } from './noun.ts';

const repository = join(import.meta.dirname, '../..');
let tree: string;

/** A copy of one subgraph, below the repository so that kit and packages are found, and where nothing else looks for sources. */
beforeAll(() => {
  mkdirSync(join(repository, '.cache/test'), { recursive: true });
  tree = mkdtempSync(join(repository, '.cache/test/new-'));
  for (const name of ['package.json', 'content', 'access']) {
    if (!existsSync(join(repository, 'subgraphs', name))) continue;
    cpSync(join(repository, 'subgraphs', name), join(tree, 'subgraphs', name), { recursive: true });
  }
  writeFileSync(
    join(tree, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.json', include: ['subgraphs'], exclude: [] }),
  );
});

afterAll(() => rmSync(tree, { recursive: true }));

const run = (command: readonly string[]) =>
  promisify(execFile)(process.execPath, command, { cwd: tree }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });

test('a new feature changes one line of what was there', async () => {
  const before = readFileSync(join(tree, 'subgraphs/content/subgraph.ts'), 'utf8');
  const written = await createFeature(tree, 'content', 'reading-list');
  expect(written).toEqual(
    expect.arrayContaining([
      'subgraphs/content/reading-list/index.ts',
      'subgraphs/content/reading-list/reading-list.graphql',
      'subgraphs/content/reading-list/reading-list.test.ts',
      'subgraphs/content/subgraph.ts',
    ]),
  );
  const added = readFileSync(join(tree, 'subgraphs/content/subgraph.ts'), 'utf8')
    .split('\n')
    .filter((line) => !before.includes(line));
  expect(added).toEqual([
    "import { readingList } from './reading-list/index.ts';",
    expect.stringMatching(/features: \[.*, readingList\]/),
  ]);
});

test('its types are sound', async () => {
  await run([join(repository, 'node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', '.']);
});

test('its own tests pass', async () => {
  const config = {
    rootDir: tree,
    testMatch: ['**/reading-list.test.ts'],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '\\.ts$': join(repository, 'tools/jest/strip-types.mjs') },
    testTimeout: 20_000,
  };
  const jest = join(repository, 'node_modules/jest/bin/jest.js');
  const { stderr } = await run(['--experimental-vm-modules', jest, `--config=${JSON.stringify(config)}`]);
  expect(stderr).toMatch(/Tests: +5 passed, 5 total/);
});

test('what cannot be made is refused before anything is written', async () => {
  await expect(createFeature(tree, 'content', 'reading-list')).rejects.toThrow('exists already');
  await expect(createFeature(tree, 'nowhere', 'bookmark')).rejects.toThrow('there is no');
  await expect(createFeature(tree, '../content', 'bookmark')).rejects.toThrow('there is no');
  for (const name of ['Bookmark', '../bookmark', 'book_mark', '', 'query']) {
    await expect(createFeature(tree, 'content', name)).rejects.toThrow(/noun/);
  }
  expect(existsSync(join(tree, 'subgraphs/content/bookmark'))).toBe(false);
});

test('a noun knows its spellings', () => {
  expect(nounOf('reading-list')).toEqual({
    kebab: 'reading-list',
    camel: 'readingList',
    pascal: 'ReadingList',
    snake: 'reading_list',
    words: 'reading list',
    camelPlural: 'readingLists',
    wordsPlural: 'reading lists',
  });
  expect(['story', 'day', 'box', 'badge'].map((name) => nounOf(name).wordsPlural)).toEqual([
    'stories',
    'days',
    'boxes',
    'badges',
  ]);
});
