import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  ask,
  canMount,
  canPlayNobody,
  fingerprint,
  inOtherProcess,
  KEEP_RUNNING,
  newFolder,
  nobody,
  postgresIn,
  removeFolder,
  until,
  withDisk,
} from './engines.testing.ts';
import { LocalError } from './errors.ts';
import { startPostgres, type LocalPostgres, type PostgresOptions } from './postgres.ts';
import { recordOf } from './running-process.ts';

const MINUTE = 60_000;
let directory = '';
let started: LocalPostgres[] = [];
let cluster = '';
beforeEach(() => {
  directory = newFolder();
  cluster = join(directory, 'postgres', 'cluster');
});
// Also after a test that failed half way: a server must not outlive its folder.
afterEach(async () => {
  await Promise.all(started.map((server) => server.stop()));
  started = [];
  removeFolder(directory);
});

async function start(
  databases: readonly string[] = ['content'],
  more: Partial<PostgresOptions> = {},
): Promise<LocalPostgres> {
  const server = await startPostgres({ directory, databases, fast: true, ...more });
  started.push(server);
  return server;
}

test(
  'what a killed process left running is stopped, and its data kept',
  async () => {
    const owner = inOtherProcess(postgresIn(directory) + KEEP_RUNNING);
    const { url } = JSON.parse(await owner.line()) as { url: string };
    await ask(url, `CREATE TABLE post AS SELECT 'kept' AS title`);
    await owner.kill();
    const orphan = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    expect(recordOf(orphan)).not.toBeNull();
    const said: string[] = [];
    const server = await start(['content'], { log: (line) => said.push(line) });
    expect(recordOf(orphan)).toBeNull();
    expect(said).toEqual(['PostgreSQL of an earlier run was still there: stopped it']);
    expect(await ask(server.url('content'), 'SELECT title FROM post')).toEqual([{ title: 'kept' }]);
    await server.stop();
  },
  MINUTE,
);

test(
  'a process killed while it makes the cluster does not hinder the next',
  async () => {
    const owner = inOtherProcess(postgresIn(directory) + KEEP_RUNNING);
    const folder = join(directory, 'postgres');
    const unfinished = () =>
      existsSync(folder) ? readdirSync(folder).find((name) => /^unfinished\.\w+$/.test(name)) : undefined;
    await until(() => existsSync(join(folder, unfinished() ?? 'none', 'base')));
    await owner.kill();
    const server = await start();
    expect(await ask(server.url('content'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(readdirSync(folder).sort()).toEqual(['cluster', 'initdb.log', 'passwords.json', 'postgres.log']);
  },
  MINUTE,
);

test(
  'a process that ends without a stop takes its server with it',
  async () => {
    const owner = inOtherProcess(`${postgresIn(directory)} process.exit(0);`);
    await owner.line();
    const postmaster = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    await owner.end;
    await until(() => recordOf(postmaster) === null);
  },
  MINUTE,
);

test(
  'of two starts at once on a new folder exactly one wins',
  async () => {
    const settled = await Promise.allSettled([start(), start()]);
    const won = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    expect(settled.find((outcome) => outcome.status === 'rejected')?.reason).toBeInstanceOf(LocalError);
    await won[0]?.stop();
  },
  MINUTE,
);

test('a cluster of another major version is refused and not touched', async () => {
  await mkdir(cluster, { recursive: true });
  writeFileSync(join(cluster, 'PG_VERSION'), '17\n');
  const before = fingerprint(directory);
  await expect(start()).rejects.toThrow(LocalError);
  await expect(start()).rejects.toThrow(
    /was made by PostgreSQL 17, and this Broadsheet brings PostgreSQL 18.*set DATA_DIR/,
  );
  expect(fingerprint(directory)).toBe(before);
});

test(
  'lost passwords are told, and the cluster is left alone',
  async () => {
    const server = await start();
    await server.stop();
    rmSync(join(directory, 'postgres', 'passwords.json'));
    const before = fingerprint(cluster);
    await expect(start()).rejects.toThrow(/passwords\.json is missing or damaged.*restore it from a backup/);
    expect(fingerprint(cluster)).toBe(before);
  },
  MINUTE,
);

test(
  'a given port that is busy is told',
  async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start(['content'], { port })).rejects.toThrow(
      new RegExp(`^Port ${port}, given to PostgreSQL, is in use`),
    );
    listener.close();
  },
  MINUTE,
);

test(
  'a dead lock file with the id of a living process is no hindrance, a living server that is not ours is',
  async () => {
    const server = await start();
    await server.stop();
    writeFileSync(join(cluster, 'postmaster.pid'), `${process.pid}\n`);
    const again = await start();
    rmSync(join(directory, 'postgres', 'postgres.process.json'));
    const claim = readdirSync(join(directory, 'postgres')).find((name) => name.startsWith('in-use.')) ?? '';
    rmSync(join(directory, 'postgres', claim));
    const postmaster = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    await expect(start()).rejects.toThrow(new RegExp(`Another PostgreSQL server \\(process ${postmaster}\\) uses`));
    expect(await ask(again.url('content'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await again.stop();
  },
  MINUTE,
);

(canPlayNobody ? test : test.skip)(
  'a folder that the user may not write is told',
  async () => {
    const owner = inOtherProcess(postgresIn(directory), { user: nobody });
    expect(await owner.line()).toMatch(/^LocalError: .* cannot be read and written by user 65534/);
  },
  MINUTE,
);

(canMount ? test : test.skip)(
  'a disk that fills while the cluster is made is told, and what was begun is removed',
  async () => {
    const outcome = withDisk('size=16m', async (disk) => {
      const refusal = await startPostgres({ directory: disk, databases: [], fast: true }).catch(
        (error: unknown) => error,
      );
      return { refusal, left: readdirSync(join(disk, 'postgres')).sort() };
    });
    const { refusal, left } = (await outcome) ?? { refusal: null, left: null };
    expect(refusal).toBeInstanceOf(LocalError);
    expect(String(refusal)).toMatch(/The disk that holds .* is full: free some space/);
    expect(left).toEqual(['initdb.log', 'passwords.json']);
  },
  MINUTE,
);
