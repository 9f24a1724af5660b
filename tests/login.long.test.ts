import { availableParallelism, loadavg } from 'node:os';
import { aPerson, type Frontend, signIn, sleep } from './setup/client.ts';
import { startGraph, type StartedGraph } from './setup/graph.ts';

const CROWD = 50;
const RUNS = 5;
const ASKED = 300;

/** What signed-in people ask, of which no gateway keeps the answer for others. */
const OTHER_QUERIES = [
  '{ viewer { id username followersCount } }',
  '{ users(first: 20) { edges { node { id username name bio joinedAt followersCount } } } }',
  '{ posts(first: 10) { edges { node { id title author { username } counts { up comments } } } } }',
];

/** The whole graph as `npm start` runs it, with hashes as by default; this process is its clients. */
let graph: StartedGraph;
let asking: Frontend;
const names: string[] = [];
beforeAll(async () => {
  const atOnce = String(Math.max(1, availableParallelism() - 1));
  graph = await startGraph('in one process', { PASSWORD_HASHES_AT_ONCE: atOnce });
  asking = await aPerson(graph.url, 'asking');
  for (let n = 0; n < CROWD; n++) names.push((await aPerson(graph.url, 'crowd')).username);
}, 180_000);
afterAll(() => graph.stop(), 30_000);

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const at = (numbers: readonly number[], part: number): number =>
  sorted(numbers)[Math.floor(numbers.length * part)] ?? NaN;

/** Milliseconds of each of the other queries, over HTTP, with a breath in between. */
async function timesOf(count: number): Promise<number[]> {
  const times = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await asking.data(OTHER_QUERIES[n % OTHER_QUERIES.length] ?? '');
    times.push(performance.now() - startedAt);
    await sleep(5);
  }
  return times;
}

/** Fifty who sign in through the gateway all the time, until told to stop; answers how many a second. */
function crowd(): () => Promise<number> {
  let isOver = false;
  let count = 0;
  const startedAt = performance.now();
  const signingIn = names.map(async (name) => {
    while (!isOver) {
      await signIn(graph.url, name);
      count++;
    }
  });
  return async () => {
    isOver = true;
    const perSecond = count / ((performance.now() - startedAt) / 1000);
    await Promise.all(signingIn);
    return perSecond;
  };
}

test('while fifty sign in, others wait less than three times as long as ever', async () => {
  await timesOf(ASKED);
  const ratios = [];
  for (let run = 0; run < RUNS; run++) {
    const idle = await timesOf(ASKED);
    const stop = crowd();
    await sleep(500);
    const busy = await timesOf(ASKED);
    const perSecond = await stop();
    ratios.push(at(busy, 0.95) / at(idle, 0.95));
    const said = [0.5, 0.95].map(
      (part) => `p${part * 100} ${at(idle, part).toFixed(1)} ms, then ${at(busy, part).toFixed(1)} ms`,
    );
    console.log(`${said.join('; ')}; ${perSecond.toFixed(1)} sign-ins a second; load ${loadavg()[0]?.toFixed(1)}`);
  }
  console.log(
    `p95 grows by ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; median ${at(ratios, 0.5).toFixed(2)}`,
  );
  expect(at(ratios, 0.5)).toBeLessThan(3);
}, 300_000);
