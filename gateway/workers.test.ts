import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { until as untilSoon } from 'kit/testing/until';
import { WebSocket } from 'ws';
import { createTestGraph, SECRET, serveSubgraph } from './testing/graph.ts';
import { wait } from './testing/subscriber.ts';

const graph = createTestGraph();
const folder = mkdtempSync(join(tmpdir(), 'gateway-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const supergraph = file('supergraph.graphql', graph.supergraphSdl);
const config = file(
  'config.mjs',
  `export const createHooks = () => ({
    authenticate: async () => ({ kind: 'anonymous', userId: null, role: 'anonymous', sessionId: null }),
    routes: { '/pid': async () => ({ status: 200, headers: {}, body: String(process.pid) }) },
  });`,
);

const started: ChildProcess[] = [];

function run(parameters: readonly string[], environment: Record<string, string> = {}) {
  const all = ['--supergraph', supergraph, '--port', '0', '--config', config, ...parameters];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'index.ts'), ...all], {
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', LOG_LEVEL: 'silent', HOP_SECRET: SECRET, ...environment },
  });
  started.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += String(text)));
  child.stderr.on('data', (text) => (output.stderr += String(text)));
  return { child, output, exited: once(child, 'exit').then(([code]) => code as number | null) };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400 && !(await condition()); tries++) await wait(50);
}

async function post(url: string, query: string) {
  // Each on a connection of its own, so that they are handed round.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const signal = AbortSignal.timeout(20_000);
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }), signal });
  return (await response.json()) as { data?: Record<string, unknown> };
}

async function pids(url: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let n = 0; n < 8; n++) {
    const signal = AbortSignal.timeout(2000);
    // What was handed to a process in the moment of its death is lost.
    found.add(
      await fetch(new URL('/pid', url), { headers: { connection: 'close' }, signal }).then(
        (answer) => answer.text(),
        () => 'lost',
      ),
    );
  }
  return found;
}

async function requestsCounted(url: string): Promise<number> {
  const page = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^gateway_requests_total\{.*outcome="success".*\} (\d+)$/m.exec(page)?.[1]);
}

const serving: Awaited<ReturnType<typeof serveSubgraph>>[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await Promise.all(serving.splice(0).map((subgraph) => subgraph.close()));
});

test('workers share a port, and a client does not see that they are several', async () => {
  const [library, people] = [
    await serveSubgraph('library', graph.subgraphs.library),
    await serveSubgraph('people', graph.subgraphs.people),
  ];
  serving.push(library, people);
  const addresses = { SUBGRAPH_LIBRARY_URL: library.url, SUBGRAPH_PEOPLE_URL: people.url, RATE_LIMITS: 'off' };
  const { child, output, exited } = run(['--workers', '2'], addresses);
  await until(() => output.stdout.includes('ready'));
  expect(output.stdout).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\/graphql\n$/);
  const url = output.stdout.trim().replace('ready ', '');

  const first = await pids(url);
  expect(first.size).toBe(2);
  expect(first).not.toContain(String(child.pid));

  for (let n = 0; n < 10; n++) expect((await post(url, '{ me }')).data).toEqual({ me: 'anonymous' });
  expect(await requestsCounted(url)).toBe(10);

  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  const answers = client.iterate({ query: '{ me }' });
  expect((await answers.next()).value).toEqual({ data: { me: 'anonymous' } });
  void client.dispose();

  // One that dies is replaced, and the other one answers meanwhile.
  const [victim = ''] = first;
  process.kill(Number(victim), 'SIGKILL');
  await until(async () => {
    const now = await pids(url);
    return now.size === 2 && !now.has(victim) && !now.has('lost');
  });
  const second = await pids(url);
  expect([second.size, second.has(victim)]).toEqual([2, false]);
  expect(output.stderr).toContain('a worker ended (SIGKILL); starting another');

  // A primary that hears late that one stops hands it no connection that would be lost with it.
  const [leaver = ''] = second;
  child.kill('SIGSTOP');
  const late = Array.from({ length: 8 }, () => post(url, '{ me }'));
  await wait(200);
  process.kill(Number(leaver), 'SIGTERM');
  await wait(1500);
  child.kill('SIGCONT');
  expect(await Promise.all(late)).toEqual(late.map(() => ({ data: { me: 'anonymous' } })));
  await until(async () => {
    const now = await pids(url);
    return now.size === 2 && !now.has(leaver) && !now.has('lost');
  });
  const third = await pids(url);

  // All are replaced, one after the other, with no request lost.
  let isOver = false;
  const outcomes: unknown[] = [];
  const ask = async (): Promise<void> => {
    while (!isOver) outcomes.push(await post(url, '{ me }').then((answer) => answer.data?.['me'] ?? answer, String));
  };
  // Many, so that there is always one being handed round.
  const asking = Array.from({ length: 20 }, ask);
  child.kill('SIGHUP');
  const areNew = async (): Promise<boolean> => [...(await pids(url))].every((pid) => !third.has(pid));
  // The two askers may be handed round in step: what one sees once is not all there is.
  await until(async () => (await areNew()) && (await wait(150), areNew()));
  isOver = true;
  await Promise.all(asking);
  expect(outcomes.length).toBeGreaterThan(10);
  expect(new Set(outcomes)).toEqual(new Set(['anonymous']));
  expect((await pids(url)).size).toBe(2);

  const slow = post(url, '{ slow }');
  await wait(300);
  child.kill('SIGTERM');
  await wait(300);
  graph.release();
  expect((await slow).data).toEqual({ slow: 'done' });
  expect(await exited).toBe(0);
  await expect(post(url, '{ me }')).rejects.toThrow();
  expect(output.stdout.match(/ready/g)).toHaveLength(1);
}, 240_000);

test('a restart whose new workers do not start leaves the old ones; two at once leave no more than there were', async () => {
  const own = file('changing.mjs', readFileSync(config, 'utf8'));
  const { child, output, exited } = run(['--workers', '2', '--config', own]);
  await until(() => output.stdout.includes('\n'));
  const url = output.stdout.replace('ready ', '').trim();
  const first = await pids(url);
  file('changing.mjs', 'export const createHooks = () => { throw new Error("a mistake"); };');
  child.kill('SIGHUP');
  await until(() => output.stderr.includes('not restarted'));
  expect(output.stderr).toContain('a mistake');
  expect(await pids(url)).toEqual(first);

  file('changing.mjs', readFileSync(config, 'utf8'));
  child.kill('SIGHUP');
  await wait(100);
  child.kill('SIGHUP');
  const areTwo = async (): Promise<boolean> => {
    const now = await pids(url);
    return now.size === 2 && !now.has('lost') && [...now].every((pid) => !first.has(pid));
  };
  // Whoever is too much would stay for good.
  await untilSoon('there are two', async () => (await areTwo()) && (await wait(3000), areTwo()), 150);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
}, 240_000);

test.each([
  ['a setting that cannot be used', ['--workers', '2'], { MAX_DEPTH: 'deep' }, 'MAX_DEPTH'],
  ['a supergraph that is none', ['--workers', '2', '--supergraph', config], {}, 'did not start'],
  ['no number of workers', ['--workers', 'many'], {}, '--workers takes a number'],
])('%s ends the start with 1 and a reason', async (_name, parameters, environment, message) => {
  const { output, exited } = run(parameters, environment);
  expect(await exited).toBe(1);
  expect(output.stderr).toContain(message);
});
