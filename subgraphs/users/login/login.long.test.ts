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

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const median = (numbers: readonly number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? NaN;

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
