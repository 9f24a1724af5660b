import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  ask,
  canPlayNobody,
  inOtherProcess,
  KEEP_RUNNING,
  newFolder,
  nobody,
  postgresIn,
  removeFolder,
} from './engines.testing.ts';
import { LocalError } from './errors.ts';
import { startPostgres, type LocalPostgres, type PostgresOptions } from './postgres.ts';

const MINUTE = 60_000;
let directory = '';
let started: LocalPostgres[] = [];
beforeEach(() => {
  directory = newFolder();
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

describe('a running server', () => {
  let folder = '';
  let server: LocalPostgres;
  beforeAll(async () => {
    folder = newFolder();
    server = await startPostgres({ directory: folder, databases: ['users', 'content'] });
  }, MINUTE);
  afterAll(async () => {
    await server.stop();
    removeFolder(folder);
  });

  test('lets each login into its own database only, and nobody in without the password', async () => {
    expect(await ask(server.url('users'), `CREATE TABLE thing AS SELECT 1 AS id`)).toEqual([]);
    expect(await ask(server.url('users'), `SELECT tableowner FROM pg_tables WHERE tablename = 'thing'`)).toEqual([
      { tableowner: 'users' },
    ]);
    for (const database of ['content', 'postgres', 'template1']) {
      const url = new URL(server.url('users'));
      url.pathname = `/${database}`;
      await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/);
    }
    const wrong = new URL(server.superUrl);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    await expect(ask(server.url('users'), 'CREATE ROLE another')).rejects.toThrow(/permission denied/);
    expect(() => server.url('search')).toThrow('search is none of the databases');
  });

  test('knows every script, has the extensions, and belongs to its login', async () => {
    const text = `SELECT lower('É') AS lower, unaccent('É') AS plain, array_length(show_trgm('日本'), 1) AS trigrams,
      (SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = current_database()) AS owner`;
    expect(await ask(server.url('content'), text)).toEqual([{ lower: 'é', plain: 'E', trigrams: 3, owner: 'content' }]);
  });

  test('keeps what it acknowledged, listens on the loopback address, and has room for all pools', async () => {
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'listen_addresses',
      'unix_socket_directories',
      'jit',
      'max_connections',
    ];
    const [settings] = await ask(
      server.superUrl,
      `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      jit: 'off',
      max_connections: '100',
    });
    expect(server.superUrl).toContain(`@127.0.0.1:${server.port}/`);
  });

  test('keeps passwords out of other eyes, and what people wrote out of its log', async () => {
    expect(statSync(join(folder, 'postgres')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'postgres', 'passwords.json')).mode & 0o777).toBe(0o600);
    await expect(ask(server.url('content'), `SELECT 'canary'::int`)).rejects.toThrow(/invalid input syntax/);
    const log = readFileSync(join(folder, 'postgres', 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('canary');
    expect(log).not.toContain(new URL(server.url('content')).password);
  });

  test('refuses a second start on the same folder', async () => {
    const second = startPostgres({ directory: folder, databases: [] });
    await expect(second).rejects.toThrow(LocalError);
    await expect(second).rejects.toThrow(/in use by process \d+/);
  });
});

test(
  'data outlives a stop, and a database can be added',
  async () => {
    const first = await start(['content']);
    await ask(first.url('content'), `CREATE TABLE post AS SELECT 'kept' AS title`);
    await Promise.all([first.stop(), first.stop()]);
    const second = await start(['content', 'search']);
    expect(await ask(second.url('content'), 'SELECT title FROM post')).toEqual([{ title: 'kept' }]);
    expect(await ask(second.url('search'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  },
  MINUTE,
);

test(
  'fast gives up durability',
  async () => {
    const server = await start();
    expect(await ask(server.superUrl, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    await server.stop();
  },
  MINUTE,
);

test(
  'a stop does not wait for a client in the middle of a transaction',
  async () => {
    const server = await start();
    const client = new pg.Client(server.url('content'));
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN; CREATE TABLE half (id int)');
    await server.stop();
    await expect(client.query('COMMIT')).rejects.toThrow();
    const log = readFileSync(join(directory, 'postgres', 'postgres.log'), 'utf8');
    // What it would have waited for it has ended, and was not killed for waiting.
    expect(log).toContain('received fast shutdown request');
    expect(log).not.toContain('received immediate shutdown request');
  },
  MINUTE,
);

test('a name that is no safe name of a database is refused', async () => {
  for (const name of ['postgres', 'template1', 'Users', 'a b', 'x;y', '']) {
    await expect(start([name])).rejects.toThrow('cannot be the name of a database');
  }
  expect(readdirSync(directory)).toEqual([]);
});

(canPlayNobody ? test : test.skip)(
  'it runs for an ordinary user too',
  async () => {
    const home = newFolder(nobody);
    const owner = inOtherProcess(`${postgresIn(home)} ${KEEP_RUNNING}`, { user: nobody });
    const { url } = JSON.parse(await owner.line()) as { url: string };
    expect(await ask(url, `SELECT lower('É') AS lower`)).toEqual([{ lower: 'é' }]);
    await owner.kill();
    const next = inOtherProcess(`${postgresIn(home)} await server.stop(); console.log('stopped');`, {
      user: nobody,
    });
    expect(await next.line()).toContain('"url"');
    expect(await next.line()).toBe('stopped');
    expect(await next.end).toBe(0);
    removeFolder(home);
  },
  MINUTE,
);
