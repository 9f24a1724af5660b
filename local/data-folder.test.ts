import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from './data-folder.ts';
import { isRoot } from './engine-process.ts';
import { LocalError } from './errors.ts';
import { recordOf } from './running-process.ts';
import {
  canMount,
  canPlayNobody,
  fingerprint,
  inOtherProcess,
  KEEP_RUNNING,
  newFolder,
  nobody,
  removeFolder,
  withDisk,
} from './engines.testing.ts';

let parent = '';
let folder = '';
beforeEach(() => {
  parent = newFolder();
  folder = join(parent, 'data');
});
afterEach(() => removeFolder(parent));

const OPEN = `
  const { openDataFolder } = await load('data-folder.ts');
  const say = (outcome) => console.log(JSON.stringify(outcome));
  const open = (path) => openDataFolder(path).then(() => say({ isOpen: true }), (error) => say({ name: error.name, message: error.message }));`;

test('a missing folder is made, for its owner alone, and opens again', async () => {
  const first = await openDataFolder(folder);
  expect(first.path).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  first.release();
  const second = await openDataFolder(folder);
  second.release();
  expect(readdirSync(folder)).toEqual(['format']);
  expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('1\n');
});

test('a file in the place of the folder, or above it, is named', async () => {
  writeFileSync(folder, 'not a folder');
  await expect(openDataFolder(folder)).rejects.toThrow(LocalError);
  await expect(openDataFolder(folder)).rejects.toThrow(/is a file.*set DATA_DIR/);
  await expect(openDataFolder(join(folder, 'below'))).rejects.toThrow(/is a file, or lies below one: set DATA_DIR/);
  expect(readFileSync(folder, 'utf8')).toBe('not a folder');
});

test('a folder in use is refused with the process that uses it, and is free after it', async () => {
  const other = inOtherProcess(`${OPEN} await open(${JSON.stringify(folder)}); ${KEEP_RUNNING}`);
  expect(await other.line()).toBe('{"isOpen":true}');
  await expect(openDataFolder(folder)).rejects.toThrow(LocalError);
  await expect(openDataFolder(folder)).rejects.toThrow(new RegExp(`in use by process ${other.pid}.*set DATA_DIR`));
  await other.kill();
  (await openDataFolder(folder)).release();
  expect(readdirSync(folder)).toEqual(['format']);
});

test('a process that ends without release leaves no claim', async () => {
  const other = inOtherProcess(`${OPEN} await open(${JSON.stringify(folder)}); process.exit(0);`);
  await other.line();
  await other.end;
  expect(readdirSync(folder)).toEqual(['format']);
});

test('of many starts at once exactly one gets the folder', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => openDataFolder(folder)));
  const won = settled.filter((outcome) => outcome.status === 'fulfilled');
  expect(won).toHaveLength(1);
  for (const outcome of settled) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(LocalError);
});

test('of two processes at once exactly one gets the folder', async () => {
  // Both are loaded before the same instant, so that they really meet.
  const at = Date.now() + 1_500;
  const code = `${OPEN} await new Promise((go) => setTimeout(go, ${at} - Date.now())); await open(${JSON.stringify(folder)}); ${KEEP_RUNNING}`;
  const both = [inOtherProcess(code), inOtherProcess(code)];
  const lines = await Promise.all(both.map((one) => one.line()));
  await Promise.all(both.map((one) => one.kill()));
  expect(lines.filter((line) => line === '{"isOpen":true}')).toHaveLength(1);
  expect(lines.filter((line) => /LocalError.*in use by process/.test(line))).toHaveLength(1);
});

describe('a claim left behind', () => {
  const machine = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 8);
  const plant = (name: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), '');
    return join(folder, name);
  };

  test('by a process whose id another one got since, is taken over', async () => {
    plant(`in-use.${process.pid}.earlier-boot.${machine(hostname())}.00000000`);
    (await openDataFolder(folder)).release();
  });

  test('by a process that still runs, is not', async () => {
    plant(`in-use.${process.pid}.${recordOf(process.pid)?.startedAt}.${machine(hostname())}.00000000`);
    await expect(openDataFolder(folder)).rejects.toThrow(`in use by process ${process.pid}`);
  });

  test('by another machine counts while its heartbeat is fresh', async () => {
    const claim = plant(`in-use.1.some-start.${machine('another host')}.00000000`);
    await expect(openDataFolder(folder)).rejects.toThrow(/process 1 of another machine or container.*15 s later/);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(claim, longAgo, longAgo);
    (await openDataFolder(folder)).release();
    expect(readdirSync(folder)).toEqual(['format']);
  });
});

test.each([
  ['2\n', /layout 2 .*made by a newer Broadsheet\. Start that version/],
  ['0\n', /layout 0 .*made by an older Broadsheet\. Export/],
  ['one\n', /format is damaged: restore it/],
])('a folder of layout %j is refused and not touched', async (format, message) => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'format'), format);
  const before = fingerprint(folder);
  await expect(openDataFolder(folder)).rejects.toThrow(LocalError);
  await expect(openDataFolder(folder)).rejects.toThrow(message);
  expect(fingerprint(folder)).toBe(before);
});

test("a folder of somebody's files is refused and not touched; a mount point's own are no matter", async () => {
  mkdirSync(join(folder, 'lost+found'), { recursive: true });
  writeFileSync(join(folder, 'letter.txt'), 'Dear …');
  const before = fingerprint(folder);
  await expect(openDataFolder(folder)).rejects.toThrow(/holds other files \(letter\.txt\).*set DATA_DIR/);
  expect(fingerprint(folder)).toBe(before);
  removeFolder(join(folder, 'letter.txt'));
  (await openDataFolder(folder)).release();
});

(isRoot() ? test.skip : test)('a folder that may not be written is refused', async () => {
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  await expect(openDataFolder(folder)).rejects.toThrow(/cannot be read and written by user \d+: .*chown.*DATA_DIR/);
});

(canPlayNobody ? test : test.skip)('a folder of another user is refused and not touched', async () => {
  chmodSync(parent, 0o755);
  mkdirSync(folder, { mode: 0o755 });
  const before = fingerprint(folder);
  const other = inOtherProcess(
    `${OPEN} await open(${JSON.stringify(folder)}); await open(${JSON.stringify(join(parent, 'new'))});`,
    {
      user: nobody,
    },
  );
  expect(await other.line()).toMatch(/LocalError.*data cannot be read and written by user 65534: .*chown.*DATA_DIR/);
  expect(await other.line()).toMatch(/LocalError.*new cannot be read and written by user 65534/);
  expect(fingerprint(folder)).toBe(before);
});

test('a disk with too little room is refused before anything is put on it', async () => {
  await expect(openDataFolder(folder, { freeBytes: Number.MAX_SAFE_INTEGER })).rejects.toThrow(
    /nearly full \(\d+ MB left/,
  );
  expect(readdirSync(folder)).toEqual([]);
  (await openDataFolder(folder)).release();
});

(canMount ? test : test.skip)('a full disk is refused with nothing left on it', async () => {
  const outcome = withDisk('size=512k', async (disk) => {
    const refusal = await openDataFolder(join(disk, 'data')).catch((error: unknown) => error);
    return { refusal, left: readdirSync(join(disk, 'data')) };
  });
  const { refusal, left } = (await outcome) ?? { refusal: null, left: null };
  expect(refusal).toBeInstanceOf(LocalError);
  expect(String(refusal)).toMatch(/disk that holds .* is full: free some space/);
  expect(left).toEqual([]);
});

(canMount ? test : test.skip)('a read-only disk is refused', async () => {
  const refusal = withDisk('size=1m', async (disk) => {
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    return await openDataFolder(disk).catch((error: unknown) => error);
  });
  expect(String(await refusal)).toMatch(/LocalError: .* is on a read-only disk: set DATA_DIR/);
});
