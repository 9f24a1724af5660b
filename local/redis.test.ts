import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LocalError } from './errors.ts';
import { startRedis, type LocalRedis, type RedisOptions } from './redis.ts';
import { recordOf } from './running-process.ts';
import { canPlayNobody, inOtherProcess, KEEP_RUNNING, newFolder, nobody, removeFolder } from './engines.testing.ts';

let directory = '';
let running: LocalRedis[] = [];
beforeEach(() => (directory = newFolder()));
// Also after a test that failed half way: a server must not outlive its folder.
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  removeFolder(directory);
});

async function start(options: Omit<RedisOptions, 'directory'> = {}): Promise<LocalRedis> {
  const server = await startRedis({ directory, ...options });
  running.push(server);
  return server;
}

// ioredis lets go of its sockets a moment after disconnect(); gone before that, jest waits for its timers.
afterAll(() => sleep(200));

const isInstalled = spawnSync('/bin/sh', ['-c', 'command -v valkey-server || command -v redis-server']).status === 0;

async function withClient<Result>(url: string, work: (client: Redis) => Promise<Result>): Promise<Result> {
  // No ready check, so that a refusal comes as the command's own answer.
  const quiet = { lazyConnect: true, enableReadyCheck: false, maxRetriesPerRequest: 0 };
  const client = new Redis(url, { ...quiet, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Any other address of the loopback network reaches a server that listens on all of them. */
async function isReachedFromElsewhere(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.2' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const started = (folder: string, more = '') => `
  const { startRedis } = await load('redis.ts');
  await startRedis({ directory: ${JSON.stringify(folder)}, log: (line) => console.log('log: ' + line)${more} }).then(
    (server) => { globalThis.server = server; console.log(JSON.stringify(server)); },
    (error) => console.log(error.name + ': ' + error.message));`;

describe('a given address', () => {
  test('is used as it is, and told without its password', async () => {
    const target = await start({ embedded: true });
    const given = await start({ url: target.url });
    expect(given).toMatchObject({ url: target.url, engine: 'given' });
    expect(given.description).toBe(`Redis: redis://${new URL(target.url).host} (REDIS_URL)`);
    await given.stop();
    expect(await withClient(target.url, (client) => client.ping())).toBe('PONG');
    await target.stop();
  });

  test('with a wrong password is told, without the password', async () => {
    const target = await start({ embedded: true });
    const url = new URL(target.url);
    url.password = 'canary';
    const refusal = await start({ url: url.href }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LocalError);
    expect(String(refusal)).toMatch(/REDIS_URL .*WRONGPASS/);
    expect(String(refusal)).not.toContain('canary');
    await target.stop();
  });

  test('where nobody listens is told', async () => {
    const url = 'redis://127.0.0.1:1/0';
    await expect(start({ url })).rejects.toThrow(
      /127\.0\.0\.1:1\/0\) cannot be used: .*ECONNREFUSED.*correct REDIS_URL/,
    );
  });

  test('that never answers is told after 5 s', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const begun = performance.now();
    await expect(startRedis({ directory, url: `redis://127.0.0.1:${portOf(silent)}` })).rejects.toThrow(
      /no answer within 5 s/,
    );
    expect(performance.now() - begun).toBeLessThan(20_000);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test.each(['http://127.0.0.1', 'localhost:6379', 'nonsense', ''])('%j is told to be none', async (url) => {
    await expect(start({ url })).rejects.toThrow(/REDIS_URL is not an address of the form redis:/);
  });
});

describe('the embedded one', () => {
  let server: LocalRedis;
  beforeEach(async () => (server = await start({ embedded: true })));

  test('says what it is, and writes nothing', () => {
    expect(server.engine).toBe('embedded');
    expect(server.description).toMatch(/^Redis: embedded \(js-redis-server\).*in memory only/);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('wants the password and listens on the loopback address only', async () => {
    const open = new URL(server.url);
    open.password = '';
    await expect(withClient(open.href, (client) => client.get('a'))).rejects.toThrow(/NOAUTH/);
    expect(await isReachedFromElsewhere(Number(open.port))).toBe(false);
  });

  test('carries streams to a group, with a blocking read and a takeover', async () => {
    await withClient(server.url, async (client) => {
      await client.xgroup('CREATE', 'events', 'search', '0', 'MKSTREAM');
      const waiting = withClient(server.url, (reader) =>
        reader.xreadgroup('GROUP', 'search', 'one', 'COUNT', 10, 'BLOCK', 5_000, 'STREAMS', 'events', '>'),
      );
      const id = await client.xadd('events', '*', 'type', 'post.published');
      expect(await waiting).toEqual([['events', [[id, ['type', 'post.published']]]]]);
      const [, taken] = (await client.xautoclaim('events', 'search', 'two', 0, '0')) as [string, unknown[]];
      expect(taken).toEqual([[id, ['type', 'post.published']]]);
      expect(await client.xack('events', 'search', String(id))).toBe(1);
    });
  });

  test('runs Lua and carries messages', async () => {
    await withClient(server.url, async (client) => {
      expect(await client.eval(`return redis.call('INCRBY', KEYS[1], ARGV[1])`, 1, 'count', 2)).toBe(2);
      const subscriber = client.duplicate();
      await subscriber.subscribe('live');
      const heard = once(subscriber, 'message');
      await client.publish('live', 'hello');
      expect(await heard).toEqual(['live', 'hello']);
      subscriber.disconnect();
    });
  });

  test('gives nothing to a client that left while it waited', async () => {
    const leaver = new Redis(server.url, { retryStrategy: () => null });
    const waiting = expect(leaver.blpop('queue', 30)).rejects.toThrow();
    await withClient(server.url, (client) => client.ping());
    leaver.disconnect();
    await waiting;
    await withClient(server.url, async (client) => {
      await client.rpush('queue', 'first');
      expect(await client.lrange('queue', 0, -1)).toEqual(['first']);
    });
  });

  test('stops at once though a client waits, and only once', async () => {
    const waiting = withClient(server.url, (client) => client.blpop('nothing', 30));
    const refused = expect(waiting).rejects.toThrow();
    await withClient(server.url, (client) => client.ping());
    const begun = performance.now();
    await Promise.all([server.stop(), server.stop()]);
    // It would wait for half a minute.
    expect(performance.now() - begun).toBeLessThan(15_000);
    await refused;
  });
});

test('without a server on PATH the embedded one is used', async () => {
  const owner = inOtherProcess(`${started(directory)} process.exit(0);`, { path: '/nowhere' });
  expect(await owner.line()).toContain('"engine":"embedded"');
  await owner.end;
});

test('a server that is too old, or does not run, is passed by and told', async () => {
  writeFileSync(join(directory, 'redis-server'), '#!/bin/sh\necho Redis server v=6.0.16 sha=0', { mode: 0o755 });
  writeFileSync(join(directory, 'valkey-server'), '#!/bin/sh\nexit 1', { mode: 0o755 });
  // The user that root starts engines as must be able to run them.
  spawnSync('chmod', ['755', directory]);
  const owner = inOtherProcess(`${started(join(directory, 'data'))} process.exit(0);`, { path: directory });
  expect(await owner.line()).toBe(`log: ${directory}/valkey-server cannot be run: not used`);
  expect(await owner.line()).toBe(`log: ${directory}/redis-server is older than 6.2: not used`);
  expect(await owner.line()).toContain('"engine":"embedded"');
  await owner.end;
});

(isInstalled ? describe : describe.skip)('an installed server', () => {
  test('keeps its data between starts, drops nothing, and wants the password', async () => {
    const first = await start();
    expect(first.engine).toMatch(/^(valkey|redis)-server$/);
    expect(first.description).toContain(first.engine);
    expect(first.description).not.toContain(new URL(first.url).password);
    await withClient(first.url, async (client) => {
      await client.set('kept', 'yes');
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
      expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'everysec']);
      expect(await client.config('GET', 'save')).toEqual(['save', '']);
    });
    const open = new URL(first.url);
    open.password = '';
    await expect(withClient(open.href, (client) => client.get('kept'))).rejects.toThrow(/NOAUTH/);
    expect(await isReachedFromElsewhere(Number(open.port))).toBe(false);
    await first.stop();
    const second = await start();
    expect(await withClient(second.url, (client) => client.get('kept'))).toBe('yes');
    await second.stop();
    expect(statSync(join(directory, 'redis')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, 'redis')).sort()).toEqual(['data', 'redis.log']);
    expect(readFileSync(join(directory, 'redis', 'redis.log'), 'utf8')).not.toContain(new URL(second.url).password);
  });

  test('keeps nothing on disk where it is to be fast', async () => {
    const { url } = await start({ fast: true });
    expect(await withClient(url, (client) => client.config('GET', 'appendonly'))).toEqual(['appendonly', 'no']);
  });

  test('left running by a killed process is stopped, and its data kept', async () => {
    const owner = inOtherProcess(started(directory) + KEEP_RUNNING);
    const { url } = JSON.parse(await owner.line()) as { url: string };
    const orphan = await withClient(url, async (client) => {
      await client.set('kept', 'yes');
      return Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
    });
    await owner.kill();
    expect(recordOf(orphan)).not.toBeNull();
    const server = await start();
    expect(recordOf(orphan)).toBeNull();
    expect(await withClient(server.url, (client) => client.get('kept'))).toBe('yes');
    await server.stop();
  });

  test('is started once on a folder', async () => {
    const settled = await Promise.allSettled([start(), start()]);
    const won = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    expect(settled.find((outcome) => outcome.status === 'rejected')?.reason).toBeInstanceOf(LocalError);
    await won[0]?.stop();
  });

  test('with damaged data says which folder to move away', async () => {
    const server = await start();
    await withClient(server.url, (client) => client.set('kept', 'yes'));
    await server.stop();
    const files = join(directory, 'redis', 'data', 'appendonlydir');
    for (const name of readdirSync(files))
      if (name.endsWith('.rdb')) writeFileSync(join(files, name), 'REDIS9999 of the future');
    await expect(start()).rejects.toThrow(/did not start in .*move .*redis\/data away/);
  });

  (canPlayNobody ? test : test.skip)('runs for an ordinary user too', async () => {
    const home = newFolder(nobody);
    const owner = inOtherProcess(`${started(home)} await server.stop(); console.log('stopped');`, { user: nobody });
    expect(await owner.line()).toMatch(/"engine":"(valkey|redis)-server"/);
    expect(await owner.line()).toBe('stopped');
    expect(await owner.end).toBe(0);
    removeFolder(home);
  });
});
