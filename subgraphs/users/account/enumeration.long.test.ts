import { testSubgraph } from 'kit/testing/subgraph';
import { users } from '../subgraph.ts';
import { aPerson, LOGIN, PASSWORD, REGISTER } from '../testing.ts';
import { mannWhitney } from './mann-whitney.testing.ts';

const graph = testSubgraph(users);
const TRIES = 200;
const P = 0.01;
const RESET = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { code } } }`;

interface Try {
  readonly query: string;
  readonly input: object;
}

async function millisecondsOf({ query, input }: Try): Promise<number> {
  const start = performance.now();
  const { errors } = await graph.anonymously.run(query, { input });
  const took = performance.now() - start;
  expect(errors).toBeUndefined();
  return took;
}

/** Both kinds of try in one shuffled row, so that whatever else the machine does meets both. */
async function compare(one: (n: number) => Try, other: (n: number) => Try): Promise<number> {
  const samples: readonly [number[], number[]] = [[], []];
  const order = Array.from({ length: TRIES * 2 }, (_, n) => ({ kind: n % 2, at: Math.random() })).sort(
    (a, b) => a.at - b.at,
  );
  for (const [n, { kind }] of order.entries()) {
    samples[kind === 0 ? 0 : 1].push(await millisecondsOf(kind === 0 ? one(n) : other(n)));
  }
  return mannWhitney(...samples);
}

/** One comparison in a hundred of equals looks different: a difference is one that is found again. */
async function expectNoDifference(what: string, one: (n: number) => Try, other: (n: number) => Try): Promise<void> {
  const first = await compare(one, other);
  const second =
    first < P
      ? await compare(
          (n) => one(n + 10_000),
          (n) => other(n + 10_000),
        )
      : null;
  console.log(`${what}: p = ${first.toFixed(4)}${second === null ? '' : `, again ${second.toFixed(4)}`}`);
  expect(Math.max(first, second ?? 0)).toBeGreaterThanOrEqual(P);
}

let names = 0;
const signUp = (email: string): Try => ({
  query: REGISTER,
  input: { username: `timed${++names}`, email, password: PASSWORD },
});
const signIn = (identifier: string, password = 'not the password'): Try => ({
  query: LOGIN,
  input: { identifier, password },
});
const ask = (identifier: string): Try => ({ query: RESET, input: { identifier } });

beforeAll(async () => {
  await aPerson(graph, 'known', 'known@example.org');
  for (let n = 0; n < 20; n++) {
    for (const warmUp of [signUp(`warm${n}@example.org`), signIn('known@example.org'), ask('known@example.org')])
      await millisecondsOf(warmUp);
  }
}, 120_000);

test(
  'whether an address has an account cannot be told by how long signing up takes',
  () =>
    expectNoDifference(
      'register',
      () => signUp('known@example.org'),
      (n) => signUp(`fresh${n}@example.org`),
    ),
  600_000,
);

test(
  '… nor by how long asking for a new password takes',
  () =>
    expectNoDifference(
      'requestPasswordReset',
      () => ask('known@example.org'),
      (n) => ask(`no${n}@example.org`),
    ),
  600_000,
);

test(
  '… nor by how long a wrong password takes',
  () =>
    expectNoDifference(
      'login',
      () => signIn('known@example.org'),
      (n) => signIn(`no${n}@example.org`),
    ),
  600_000,
);

test('a sign-in that computes no hash would be found out', async () => {
  const p = await compare(
    () => signIn('known@example.org'),
    (n) => signIn(`no${n}@example.org`, 'x'.repeat(1000)),
  );
  expect(p).toBeLessThan(1e-6);
}, 600_000);

test('the statistic finds shifted samples, and none in equal ones', () => {
  const sample = (shift: number) => Array.from({ length: TRIES }, (_, n) => Math.sin(n * 12.9898) * 5 + shift);
  expect(mannWhitney(sample(0), sample(0))).toBeCloseTo(1, 5);
  expect(mannWhitney(sample(0), sample(2))).toBeLessThan(1e-4);
  // Worked by hand: of 4 and 5 values, U = 4, z = 1.3472.
  expect(mannWhitney([1, 4, 5, 2], [3, 6, 7, 8, 2.5])).toBeCloseTo(0.178, 2);
});
