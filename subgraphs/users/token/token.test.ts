import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { accountTidy } from '../account/account.jobs.ts';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';
import { endTokensOf, isTokenAlive, issueToken, type NewToken, spendToken } from './token.actions.ts';

const graph = testSubgraph(users);
const system = () => graph.running().contextFor(systemViewer);
const issue = (token: NewToken) => system().change((tx) => issueToken(tx, token));
const spend = (purpose: string, secret: string) => system().change((tx) => spendToken(tx, purpose, secret));
const of = (userId: string, more: Partial<NewToken> = {}): NewToken => ({
  purpose: 'test',
  userId,
  lifetimeSeconds: 60,
  ...more,
});

test('a token is spent once, for its purpose, by one of many at once, and gives back its data', async () => {
  const { userId } = await aPerson(graph);
  const secret = await issue(of(userId, { data: { what: 'for' } }));
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await spend('other', secret)).toBeNull();
  expect(await isTokenAlive(system(), 'test', secret)).toBe(true);
  const answers = await Promise.all(Array.from({ length: 10 }, () => spend('test', secret)));
  expect(answers.filter((answer) => answer !== null)).toEqual([{ userId, data: { what: 'for' } }]);
  expect(await spend('test', secret)).toBeNull();
  expect(await isTokenAlive(system(), 'test', secret)).toBe(false);
});

test('only its hash is stored', async () => {
  const { userId } = await aPerson(graph);
  const secret = await issue(of(userId));
  const rows = await graph.rows<{ text: string }>(sql`select token::text as text from token`);
  expect(rows.length).toBeGreaterThan(0);
  const bytes = Buffer.from(secret, 'base64url').toString('hex');
  for (const { text } of rows) expect(text.includes(secret) || text.includes(bytes)).toBe(false);
});

test('a new one ends the older of its purpose and person, and no other', async () => {
  const [{ userId }, other] = [await aPerson(graph), await aPerson(graph)];
  const first = await issue(of(userId));
  const [elsewhere, theirs] = [await issue(of(userId, { purpose: 'else' })), await issue(of(other.userId))];
  const second = await issue(of(userId));
  const third = await issue(of(userId, { keepOthers: true }));
  expect(await spend('test', first)).toBeNull();
  for (const [purpose, secret] of [
    ['test', second],
    ['test', third],
    ['else', elsewhere],
    ['test', theirs],
  ] as const) {
    expect(await spend(purpose, secret)).not.toBeNull();
  }
});

test('all of a person’s end, or those of some purposes', async () => {
  const { userId } = await aPerson(graph);
  const [one, two] = [await issue(of(userId)), await issue(of(userId, { purpose: 'else' }))];
  await system().change((tx) => endTokensOf(tx, userId, ['else']));
  expect(await spend('else', two)).toBeNull();
  expect(await isTokenAlive(system(), 'test', one)).toBe(true);
  await system().change((tx) => endTokensOf(tx, userId));
  expect(await spend('test', one)).toBeNull();
});

test('one that is too old is nothing, and goes', async () => {
  const { userId } = await aPerson(graph);
  const secret = await issue(of(userId, { lifetimeSeconds: -1 }));
  const old = await issue(of(userId, { purpose: 'old', lifetimeSeconds: -2 * 86_400 }));
  expect(await isTokenAlive(system(), 'test', secret)).toBe(false);
  expect(await spend('test', secret)).toBeNull();
  await accountTidy.run(system(), {});
  expect(await graph.rows(sql`select 1 from token where purpose = 'old'`)).toEqual([]);
  expect(await spend('old', old)).toBeNull();
});

test('a spending that rolls back has spent nothing', async () => {
  const { userId } = await aPerson(graph);
  const secret = await issue(of(userId));
  const work = system().change(async (tx) => {
    await spendToken(tx, 'test', secret);
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await spend('test', secret)).toMatchObject({ userId });
});

test.each([
  '',
  '.',
  'x'.repeat(42),
  'x'.repeat(44),
  'x'.repeat(100_000),
  `${'x'.repeat(42)}\u0000`,
  "'; drop table token; --",
])('what is no token is nothing: %j', async (secret) => {
  expect(await spend('test', secret.slice(0, 100_000))).toBeNull();
  expect(await isTokenAlive(system(), 'test', secret)).toBe(false);
});
