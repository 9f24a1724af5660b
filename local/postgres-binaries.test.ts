import { execFileSync } from 'node:child_process';
import { cpSync, chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot } from './engine-process.ts';
import { LocalError } from './errors.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { newFolder, nobody, removeFolder } from './engines.testing.ts';

let folder = '';
beforeEach(() => (folder = newFolder()));
afterEach(() => removeFolder(folder));

const installed = async () => join(dirname((await postgresBinaries({})).postgres), '..');

/** A copy of the npm package in a folder that only its owner may enter, as in a home of root. */
async function copyPackage(folder: string): Promise<string> {
  const native = await installed();
  cpSync(native, join(folder, 'package', 'native'), { recursive: true, verbatimSymlinks: true });
  cpSync(join(native, '..', 'package.json'), join(folder, 'package', 'package.json'));
  return join(folder, 'package', 'native');
}

/** Below a folder that everybody may pass. */
function cacheFolder(): string {
  const open = newFolder();
  chmodSync(open, 0o755);
  return join(open, 'cache');
}

test('what npm installed runs and tells its version', async () => {
  const binaries = await postgresBinaries({});
  expect(binaries.major).toBe(18);
  expect(execFileSync(binaries.initdb, ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL');
});

test('libraries that an install without scripts left unlinked are linked', async () => {
  const native = await copyPackage(folder);
  for (const entry of readdirSync(join(native, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) rmSync(join(native, 'lib', entry.name));
  }
  expect((await postgresBinaries({}, native, [])).postgres).toBe(join(native, 'bin', 'postgres'));
});

test('programs that do not run are told with the reason', async () => {
  mkdirSync(join(folder, 'native', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'native', 'bin', 'postgres'), '#!/bin/sh\necho wrong machine >&2; exit 1', {
    mode: 0o755,
  });
  const refusal = postgresBinaries({}, join(folder, 'native'), []);
  await expect(refusal).rejects.toThrow(LocalError);
  await expect(refusal).rejects.toThrow(/cannot be run \(wrong machine\): .*DATABASE_URL/);
});

(isRoot() ? describe : describe.skip)('programs in a folder closed to the user that root gives the engine', () => {
  let cache = '';
  let native = '';
  let closed = '';
  beforeAll(async () => {
    closed = newFolder();
    native = await copyPackage(closed);
  });
  afterAll(() => removeFolder(closed));
  beforeEach(() => (cache = cacheFolder()));
  afterEach(() => removeFolder(dirname(cache)));

  test('are copied once to where that user can run them', async () => {
    const first = await postgresBinaries(nobody, native, [cache]);
    expect(first.postgres.startsWith(cache)).toBe(true);
    expect(execFileSync(first.initdb, ['--version'], { ...nobody, cwd: '/', encoding: 'utf8' })).toContain(
      '(PostgreSQL) 18',
    );
    const made = statSync(first.postgres).ctimeMs;
    const second = await postgresBinaries(nobody, native, [cache]);
    expect(statSync(second.postgres).ctimeMs).toBe(made);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('are copied anew where a part of the copy is gone', async () => {
    const { postgres } = await postgresBinaries(nobody, native, [cache]);
    const share = join(dirname(postgres), '..', 'share', 'postgresql', 'postgres.bki');
    rmSync(share);
    await postgresBinaries(nobody, native, [cache]);
    expect(statSync(share).isFile()).toBe(true);
  });

  test('are copied whatever the umask of the process is', async () => {
    const before = process.umask(0o077);
    try {
      expect((await postgresBinaries(nobody, native, [cache])).postgres.startsWith(cache)).toBe(true);
    } finally {
      process.umask(before);
    }
  });

  test('are not taken from a cache that others may write, and the next cache is tried', async () => {
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    await expect(postgresBinaries(nobody, native, [cache])).rejects.toThrow(/cannot be run/);
    expect(readdirSync(cache)).toEqual([]);
    const next = `${cache}-2`;
    expect((await postgresBinaries(nobody, native, [cache, next])).postgres.startsWith(next)).toBe(true);
  });
});
