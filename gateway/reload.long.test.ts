import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import { publishLive } from 'kit/live';
import { freePort, startTestRedis } from 'kit/live.testing';
import { Agent, request } from 'undici';
import { WebSocket } from 'ws';
import { createTestGraph, SECRET, serveSubgraph } from './testing/graph.ts';
import { wait } from './testing/subscriber.ts';

const graph = createTestGraph();
const folder = mkdtempSync(join(tmpdir(), 'gateway-rolling-'));
const supergraph = join(folder, 'supergraph.graphql');
const children: ChildProcess[] = [];
const subgraphs: { close: () => Promise<void>; url: string }[] = [];
let redisServer: Awaited<ReturnType<typeof startTestRedis>>;
let redis: Redis;

beforeAll(async () => {
  writeFileSync(supergraph, graph.supergraphSdl);
  subgraphs.push(await serveSubgraph('library', graph.subgraphs.library));
  subgraphs.push(await serveSubgraph('people', graph.subgraphs.people));
  redisServer = await startTestRedis();
  redis = new Redis(redisServer.url);
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  redis.disconnect();
  await redisServer.stop();
  await Promise.all(subgraphs.map(({ close }) => close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'index.ts'), '--supergraph', supergraph, '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        NODE_NO_WARNINGS: '1',
        LOG_LEVEL: 'fatal',
        RATE_LIMITS: 'off',
        HOP_SECRET: SECRET,
        REDIS_URL: redisServer.url,
        SUBGRAPH_LIBRARY_URL: subgraphs[0]?.url,
        SUBGRAPH_PEOPLE_URL: subgraphs[1]?.url,
      },
    },
  );
  children.push(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
}

const QUERY = JSON.stringify({ query: '{ me books { id title writer { name } } }' });
const headers = { 'content-type': 'application/json' };

interface Load {
  answered: number;
  readonly failures: string[];
  readonly end: () => Promise<void>;
}

/** Clients that keep their connections, and go to the next gateway only where one refuses a connection. */
function load(ports: readonly number[], clients: number): Load {
  const agent = new Agent({ connections: clients });
  let isOver = false;
  const counts = { answered: 0, failures: [] as string[] };
  const ask = async (port: number): Promise<void> => {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/graphql`, {
      ...{ method: 'POST', dispatcher: agent, headers, body: QUERY },
    });
    const { data, errors } = (await body.json()) as { data?: { me?: string }; errors?: unknown };
    if (statusCode !== 200 || errors || data?.me !== 'anonymous') throw new Error(JSON.stringify(errors ?? statusCode));
  };
  const client = async (first: number): Promise<void> => {
    for (let at = first; !isOver; at++) {
      try {
        await ask(ports[at % ports.length] ?? 0);
        counts.answered++;
      } catch (error) {
        if ((error as { code?: string }).code === 'ECONNREFUSED' && ports.length > 1) continue;
        counts.failures.push(String(error));
      }
      await wait(5);
    }
  };
  const running = Array.from({ length: clients }, (_, index) => client(index));
  return Object.assign(counts, {
    end: async () => {
      isOver = true;
      await Promise.all(running);
      await agent.destroy();
    },
  });
}

test('a supergraph that is replaced every 5 s under load for 60 s fails no request', async () => {
  const port = await freePort();
  const gateway = await start(port);
  const clients = load([port], 16);
  for (let number = 0; number < 12; number++) {
    writeFileSync(`${supergraph}.new`, `${graph.supergraphSdl}\n# ${number}\n`);
    renameSync(`${supergraph}.new`, supergraph);
    await wait(5000);
  }
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(clients.answered).toBeGreaterThan(1000);
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(/gateway_reloads_total\{outcome="taken"\} (\d+)/.exec(page)?.[1]).toBe('12');
  await stop(gateway);
}, 120_000);

/** A subscriber that goes on where it was, on whichever gateway takes it. */
function follow(ports: readonly number[], received: string[]): () => void {
  let tries = 0;
  let cursor: string | undefined;
  const client = createClient({
    url: () => `ws://127.0.0.1:${ports[tries++ % ports.length]}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    shouldRetry: () => false,
  });
  let isOver = false;
  const subscribe = (): void => {
    if (isOver) return;
    client.subscribe<{ bookChanged: { id: string } }>(
      {
        query: 'subscription { bookChanged(id: 1) { id title } }',
        extensions: cursor === undefined ? {} : { resumeFrom: cursor },
      },
      {
        next: ({ extensions }) => {
          cursor = (extensions as { cursor?: string } | undefined)?.cursor ?? '';
          received.push(cursor);
        },
        error: () => void setTimeout(subscribe, 100),
        complete: () => void setTimeout(subscribe, 100),
      },
    );
  };
  subscribe();
  return () => {
    isOver = true;
    void client.dispose();
  };
}

test('two gateways that are restarted in turn, twice, fail no request and lose or double no event', async () => {
  const ports = [await freePort(), await freePort()];
  const gateways = await Promise.all(ports.map(start));
  const clients = load(ports, 16);
  const received = Array.from({ length: 4 }, (): string[] => []);
  const followers = received.map((list, index) => follow(index % 2 === 0 ? ports : ports.toReversed(), list));
  let published = 0;
  const publish = async (): Promise<void> => {
    published++;
    await publishLive(redis, 'book:1', { id: `event_${published}`, payload: { id: '1' } });
  };
  // What comes before a subscription has begun is not for it.
  while (received.some((list) => list.length === 0)) await publish().then(() => wait(500));
  const begun = received.map((list) => list.length);
  const before = published;
  const publishing = setInterval(() => void publish(), 50);
  for (let round = 0; round < 2; round++) {
    for (const [index, port] of ports.entries()) {
      await wait(2000);
      await stop(gateways[index] as ChildProcess);
      gateways[index] = await start(port);
    }
  }
  await wait(2000);
  clearInterval(publishing);
  await wait(3000);
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(clients.answered).toBeGreaterThan(500);
  expect(received.map((list, index) => list.length - (begun[index] ?? 0))).toEqual(
    received.map(() => published - before),
  );
  for (const list of received) expect(new Set(list).size).toBe(list.length);
  for (const follower of followers) follower();
  await Promise.all(gateways.map(stop));
}, 180_000);
