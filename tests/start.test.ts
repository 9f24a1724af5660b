import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../local/port.ts';
import { Frontend } from './setup/client.ts';

const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'broadsheet-start-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const running = new Set<ChildProcess>();
// What a test that failed half way has left running.
afterEach(async () => {
  await Promise.all([...running].map(async (child) => child.kill('SIGTERM') && (await once(child, 'exit'))));
});

/** `npm start` with nothing given but these settings. */
function start(environment: Record<string, string>, args: readonly string[] = []) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment };
  const child = spawn(process.execPath, ['local/start.ts', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, said }));
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on(
      'line',
      (line) => line.startsWith('ready ') && resolve(line.slice('ready '.length)),
    );
    void ended.then(({ code, said: reason }) => reject(new Error(`ended with ${code}: ${reason}`)));
  });
  ready.catch(() => undefined);
  const stop = async () => {
    const from = performance.now();
    child.kill('SIGTERM');
    return { ...(await ended), seconds: (performance.now() - from) / 1000 };
  };
  return { ready, ended, stop };
}

async function secondsOf(work: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work;
  return (performance.now() - from) / 1000;
}

const POSTS = '{ posts(first: 10) { edges { node { title author { name } counts { comments } } } } }';
interface Posts {
  posts: { edges: { node: { title: string; author: { name: string } } }[] };
}

test('a first start makes everything and demo content; a second one keeps it and makes nothing; both stop at once; data of a newer version is refused', async () => {
  const settings = { DATA_DIR: join(temporary, 'kept'), PORT: String(await freePort()) };
  const first = start(settings);
  const firstTook = await secondsOf(first.ready);
  const url = await first.ready;
  expect(url).toBe(`http://127.0.0.1:${settings.PORT}/graphql`);
  const before = await new Frontend(url).data<Posts>(POSTS);
  expect(before.posts.edges.length).toBeGreaterThan(0);
  const ended = await first.stop();
  expect(ended).toMatchObject({ code: 0, said: expect.stringContaining('adding demo content') as string });
  expect(ended.seconds).toBeLessThan(firstTook);

  // A newer version has been at the data: refused, and left alone for the second start.
  const format = join(settings.DATA_DIR, 'format');
  const known = readFileSync(format, 'utf8');
  writeFileSync(format, known.replace(/\d+/, '999'));
  const refused = await start(settings).ended;
  expect([refused.code, refused.said]).toEqual([1, expect.stringContaining('999')]);
  writeFileSync(format, known);

  const second = start(settings);
  await second.ready;
  expect((await new Frontend(url).data<Posts>(POSTS)).posts).toEqual(before.posts);
  const { code, said } = await second.stop();
  expect(code).toBe(0);
  expect(said).not.toContain('adding demo content');
});

test('without an installed Redis the embedded one serves', async () => {
  // PATH without redis-server and valkey-server: an empty folder.
  const graph = start({ DATA_DIR: join(temporary, 'embedded'), PORT: String(await freePort()), PATH: temporary });
  const url = await graph.ready;
  expect((await new Frontend(url).data<Posts>(POSTS)).posts.edges.length).toBeGreaterThan(0);
  const { code, said } = await graph.stop();
  expect(code).toBe(0);
  expect(said).toContain('embedded');
});

test('production has no demo content, no explorer, no introspection', async () => {
  const graph = start({
    DATA_DIR: join(temporary, 'production'),
    PORT: String(await freePort()),
    NODE_ENV: 'production',
  });
  const url = await graph.ready;
  expect((await new Frontend(url).data<Posts>(POSTS)).posts.edges).toEqual([]);
  expect((await new Frontend(url).ask('{ __schema { queryType { name } } }')).errors).toBeDefined();
  expect(await (await fetch(url, { headers: { accept: 'text/html' } })).text()).not.toContain('<script');
  expect((await graph.stop()).code).toBe(0);
});

test('a busy port is named, and nothing is made', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, said } = await start({ DATA_DIR: join(temporary, 'busy'), PORT: String(port) }).ended;
  server.close();
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`port ${port}.*PORT`, 's'));
  expect(() => readFileSync(join(temporary, 'busy', 'format'))).toThrow();
});

test('a data folder that is a file is refused and left alone', async () => {
  const file = join(temporary, 'file');
  writeFileSync(file, 'mine');
  const { code, said } = await start({ DATA_DIR: file, PORT: String(await freePort()) }).ended;
  expect(code).toBe(1);
  expect(said).toContain(file);
  expect(said).not.toContain('    at ');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('a setting that cannot be used is named', async () => {
  const { code, said } = await start({ DATA_DIR: join(temporary, 'setting'), PORT: 'http' }).ended;
  expect(code).toBe(1);
  expect(said).toContain('PORT');
  expect(said).not.toContain('    at ');
});

test('a database that does not answer is named, without its password', async () => {
  const port = await freePort();
  const url = `postgres://users:secret-word@127.0.0.1:${port}/users`;
  const { code, said } = await start({
    DATA_DIR: join(temporary, 'away'),
    PORT: String(await freePort()),
    USERS_DATABASE_URL: url,
  }).ended;
  expect(code).toBe(1);
  expect(said).not.toContain('secret-word');
});
