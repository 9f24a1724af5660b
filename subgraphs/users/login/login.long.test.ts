import { verify } from 'argon2';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { settingsOf } from '../config.ts';
import { users } from '../subgraph.ts';
import { aPerson, PASSWORD } from '../testing.ts';
import { elsewhere, logIn } from './login.testing.ts';

const graph = testSubgraph(users);
const CROWD = 50;
const RUNS = 5;
const OTHER_QUERY = '{ users(first: 20) { edges { node { id username name bio joinedAt followersCount } } } }';

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const median = (numbers: readonly number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? NaN;
const p95 = (numbers: readonly number[]): number => sorted(numbers)[Math.floor(numbers.length * 0.95)] ?? NaN;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How often a second `work` is done by so many at once. */
async function rateOf(atOnce: number, seconds: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const worker = async (n: number): Promise<void> => {
    while (performance.now() - startedAt < seconds * 1000) {
      await work(n);
      done++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, n) => worker(n)));
  return done / ((performance.now() - startedAt) / 1000);
}

/** Milliseconds of each of the other queries, asked one after the other with a breath in between, while `isOn`. */
async function timesOf(count: number): Promise<number[]> {
  const times = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await graph.anonymously.data(OTHER_QUERY);
    times.push(performance.now() - startedAt);
    await pause(5);
  }
  return times;
}

/** Fifty who sign in all the time, until told to stop. */
function crowd(names: readonly string[]): () => Promise<void> {
  let isOver = false;
  const signingIn = names.map(async (name, n) => {
    while (!isOver) await logIn(graph, name, elsewhere(n));
  });
  return async () => {
    isOver = true;
    await Promise.all(signingIn);
  };
}

const names: string[] = [];
beforeAll(async () => {
  for (let n = 0; n < CROWD; n++) names.push((await aPerson(graph)).username);
}, 120_000);

test('sign-ins are as many as password hashes allow, and no fewer', async () => {
  const person = await aPerson(graph);
  const [row] = await graph.rows<{ hash: string }>(
    sql`select password_hash as hash from "user" where id = ${toUuid(person.userId)}`,
  );
  const { PASSWORD_HASHES_AT_ONCE } = settingsOf(graph.running().contextFor(systemViewer));
  const shares = [];
  for (let run = 0; run < RUNS; run++) {
    const hashes = await rateOf(PASSWORD_HASHES_AT_ONCE, 3, () => verify(row?.hash ?? '', PASSWORD));
    const logins = await rateOf(CROWD, 3, (n) => logIn(graph, names[n] ?? '', elsewhere(n)));
    console.log(
      `${logins.toFixed(1)} sign-ins a second, of ${hashes.toFixed(1)} Argon2id verifications (${PASSWORD_HASHES_AT_ONCE} at once)`,
    );
    shares.push(logins / hashes);
  }
  expect(median(shares)).toBeGreaterThan(0.7);
}, 120_000);

test('while fifty sign in, other queries take less than three times as long as ever', async () => {
  await timesOf(100);
  const ratios = [];
  for (let run = 0; run < RUNS; run++) {
    const idle = p95(await timesOf(200));
    const stop = crowd(names);
    await pause(500);
    const busy = p95(await timesOf(200));
    await stop();
    console.log(`p95 of other queries: ${idle.toFixed(1)} ms idle, ${busy.toFixed(1)} ms while ${CROWD} sign in`);
    ratios.push(busy / idle);
  }
  expect(median(ratios)).toBeLessThan(3);
}, 180_000);
