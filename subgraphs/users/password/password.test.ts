import { hash } from 'argon2';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer, userViewer } from 'kit/viewer';
import { hashPassword, isOutdatedHash, passwordProblem, verifyPassword } from '../password.ts';
import { users } from '../subgraph.ts';
import {
  anUnverifiedPerson,
  aPerson,
  mailsTo,
  mailTo,
  PASSWORD,
  REFRESH,
  signIn,
  type TestPerson,
  type Tokens,
  tokenIn,
} from '../testing.ts';

const graph = testSubgraph(users, { PUBLIC_URL: 'https://site.example' });
const narrow = testSubgraph(users, { PASSWORD_HASHES_AT_ONCE: '1', PASSWORD_HASHES_WAITING: '2' });
const costly = testSubgraph(users, { PASSWORD_MEMORY_KIB: '24576', PASSWORD_PASSES: '3' });

type Answer = { userErrors: { field: string[]; code: string }[] };
const NEW = 'another horse battery';

const change = async (viewer: Parameters<typeof graph.as>[0], currentPassword: string, newPassword: string) =>
  (
    await graph
      .as(viewer)
      .data<{ changePassword: Answer }>(
        'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { field code } } }',
        { input: { currentPassword, newPassword } },
      )
  ).changePassword.userErrors;
const ask = async (identifier: string) =>
  graph.anonymously.run(
    'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { field code } } }',
    { input: { identifier } },
  );
const reset = async (token: string, newPassword = NEW) =>
  (
    await graph.anonymously.data<{ resetPassword: Answer }>(
      'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { field code } } }',
      { input: { token, newPassword } },
    )
  ).resetPassword.userErrors;
const tokenFor = async ({ email, username }: TestPerson): Promise<string> => {
  await ask(username);
  return tokenIn(await mailTo(graph, email, 'A new password'));
};
const isAlive = async ({ refreshToken }: Tokens) =>
  (await graph.anonymously.data<{ refreshSession: Answer }>(REFRESH, { input: { refreshToken } })).refreshSession
    .userErrors.length === 0;
const sessionOf = ({ refreshToken }: Tokens) => String(refreshToken).split('.')[0] ?? '';
const refusedToken = [{ field: ['token'], code: 'BAD_USER_INPUT' }];

test.each([
  ['seven characters', '1234567', false],
  ['eight', 'k3r!vq_z', true],
  ['128', 'ab'.repeat(64), true],
  ['129', `${'ab'.repeat(64)}c`, false],
  ['eight smileys', '😀😃😄😁😆😅🤣😂', true],
  ['seven smileys', '😀😃😄😁😆😅🤣', false],
  ['spaces and all', '  a b c  ', true],
  ['the commonest', 'password', false],
  ['the commonest, shouted', 'PassWord', false],
  ['a common one', 'iloveyou', false],
  ['another', '1q2w3e4r', false],
  ['a long phrase', 'correct horse battery', true],
])('a password of %s: %j', (_, password, isFine) => {
  expect(passwordProblem(password) === null).toBe(isFine);
});

test('a common password is refused wherever one is set, and the field is named', async () => {
  const person = await aPerson(graph);
  const register = await graph.anonymously.data<{ register: Answer }>(
    'mutation ($input: RegisterInput!) { register(input: $input) { userErrors { field code } } }',
    { input: { username: 'common', email: 'common@example.org', password: 'Password1' } },
  );
  expect(register.register.userErrors).toEqual([{ field: ['password'], code: 'BAD_USER_INPUT' }]);
  const refused = [{ field: ['newPassword'], code: 'BAD_USER_INPUT' }];
  expect(await change(person, PASSWORD, 'qwertyuiop')).toEqual(refused);
  const token = await tokenFor(person);
  expect(await reset(token, 'qwertyuiop')).toEqual(refused);
  expect(await reset(token)).toEqual([]);
});

test('changing it takes the old one, keeps the session that asks and ends all others', async () => {
  const person = await aPerson(graph);
  const [own, other] = [await signIn(graph, person.username), await signIn(graph, person.username)];
  const viewer = userViewer(person.userId, 'user', sessionOf(own));
  expect(await change(viewer, 'not the password', NEW)).toEqual([
    { field: ['currentPassword'], code: 'UNAUTHENTICATED' },
  ]);
  expect(await isAlive(await signIn(graph, person.username))).toBe(true);
  expect(await change(viewer, PASSWORD, NEW)).toEqual([]);
  expect([await isAlive(own), await isAlive(other)]).toEqual([true, false]);
  expect((await signIn(graph, person.username)).userErrors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  expect((await signIn(graph, person.username, NEW)).userErrors).toEqual([]);
  await mailTo(graph, person.email, 'was changed');
});

test('of two changes at once from one password one counts', async () => {
  const person = await aPerson(graph);
  const answers = await Promise.all([change(person, PASSWORD, `${NEW} one`), change(person, PASSWORD, `${NEW} two`)]);
  const done = answers.map((errors) => errors.length === 0);
  expect(done.filter(Boolean)).toHaveLength(1);
  const right = done[0] ? `${NEW} one` : `${NEW} two`;
  expect((await signIn(graph, person.username, right)).userErrors).toEqual([]);
});

test('a reset by username or address: one link, of the configured origin, good once; all sessions end and nobody is signed in', async () => {
  const person = await aPerson(graph);
  const session = await signIn(graph, person.username);
  await ask(person.email.toUpperCase());
  const { text } = await mailTo(graph, person.email, 'A new password');
  expect(text).toMatch(/^https:\/\/site\.example\/reset-password#token=/m);
  const token = tokenIn({ text } as never);
  expect(await isAlive(session)).toBe(true);
  const answers = await Promise.all([1, 2, 3, 4].map(() => reset(token)));
  expect(answers.filter((errors) => errors.length === 0)).toHaveLength(1);
  expect(await reset(token)).toEqual(refusedToken);
  expect(await isAlive(session)).toBe(false);
  expect((await signIn(graph, person.username)).userErrors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  expect((await signIn(graph, person.username, NEW)).userErrors).toEqual([]);
});

test.each([
  ['a change of the password', async (person: TestPerson) => void (await change(person, PASSWORD, `${NEW} once`))],
  [
    'a newer link',
    async (person: TestPerson) => {
      const before = (await mailsTo(graph, person.email)).length;
      await ask(person.username);
      while ((await mailsTo(graph, person.email)).length === before) await new Promise((r) => setTimeout(r, 50));
    },
  ],
  ['an hour', () => graph.rows(sql`update token set expires_at = now() where purpose = 'reset-password'`)],
  [
    'another address',
    (person: TestPerson) =>
      graph.rows(sql`update "user" set email = 'else@example.org' where id = ${toUuid(person.userId)}`),
  ],
  [
    'deletion',
    (person: TestPerson) => graph.rows(sql`update "user" set deleted_at = now() where id = ${toUuid(person.userId)}`),
  ],
])('a reset link is worth nothing after %s', async (_, happens) => {
  const person = await aPerson(graph);
  const token = await tokenFor(person);
  await happens(person);
  expect(await reset(token)).toEqual(refusedToken);
});

test('a session’s tokens, and links for other things, set no password', async () => {
  const person = await anUnverifiedPerson(graph);
  const { refreshToken, accessToken } = await signIn(graph, person.username);
  const verification = tokenIn(await mailTo(graph, person.email, 'Confirm'));
  for (const wrong of [verification, refreshToken, accessToken, '', 'x'.repeat(43), '\u0000']) {
    expect(await reset(String(wrong))).toEqual(refusedToken);
  }
});

test('asking for a reset tells nobody anything, and only confirmed accounts are mailed', async () => {
  const [person, waiting] = [await aPerson(graph), await anUnverifiedPerson(graph, 'unconfirmed')];
  const answers = [];
  for (const identifier of [
    person.username,
    waiting.username,
    waiting.email,
    'nobody',
    'no@example.org',
    '',
    '\u0000',
    'x'.repeat(100_000),
  ])
    answers.push(await ask(identifier));
  expect(new Set(answers.map(({ data, errors }) => JSON.stringify({ data, errors }))).size).toBe(1);
  await mailTo(graph, person.email, 'A new password');
  const left = () => graph.rows(sql`select 1 from mail where template = 'reset' and state = 'waiting'`);
  while ((await left()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await mailsTo(graph, waiting.email)).filter(({ subject }) => subject.includes('password'))).toEqual([]);
  expect((await mailsTo(graph, 'no@example.org')).length).toBe(0);
  // What was asked for stands nowhere once it is done.
  expect(await graph.rows(sql`select 1 from mail where mail::text like '%no@example.org%'`)).toEqual([]);
});

test('a hash of another cost is made anew by the next sign-in, and not by a wrong password', async () => {
  const person = await aPerson(costly);
  const old = await hash(PASSWORD, { memoryCost: 8192, timeCost: 2, parallelism: 1 });
  const stored = async () =>
    (
      await costly.rows<{ hash: string }>(
        sql`select password_hash as hash from "user" where id = ${toUuid(person.userId)}`,
      )
    )[0]?.hash;
  await costly.rows(sql`update "user" set password_hash = ${old} where id = ${toUuid(person.userId)}`);
  await signIn(costly, person.username, 'not the password');
  expect(await stored()).toBe(old);
  expect((await signIn(costly, person.username)).userErrors).toEqual([]);
  expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=24576,p=1,t=3\$/);
  const ctx = costly.running().contextFor(systemViewer);
  expect([isOutdatedHash(ctx, old), isOutdatedHash(ctx, (await stored()) ?? '')]).toEqual([true, false]);
  const renewed = await stored();
  expect((await signIn(costly, person.username)).userErrors).toEqual([]);
  expect(await stored()).toBe(renewed);
});

test('when too many wait the next is told to come again at once, and nobody in the queue is lost', async () => {
  const ctx = narrow.running().contextFor(systemViewer);
  const stored = await hashPassword(ctx, PASSWORD);
  const tries = Array.from({ length: 8 }, () =>
    verifyPassword(ctx, stored, PASSWORD).then(String, (error: { code?: string }) => error.code),
  );
  expect((await Promise.all(tries)).sort()).toEqual([...Array<string>(5).fill('RETRY_LATER'), 'true', 'true', 'true']);
  expect(await verifyPassword(ctx, stored, PASSWORD)).toBe(true);
  expect(await verifyPassword(ctx, null, PASSWORD)).toBe(false);
});
