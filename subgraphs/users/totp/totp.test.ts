import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import {
  aProtectedPerson,
  ask,
  beginTotp,
  codeOf,
  codesOf,
  COMPLETE,
  complete,
  confirm,
  elsewhere,
  HOME,
  logIn,
} from '../login/login.testing.ts';
import { users } from '../subgraph.ts';
import { aPerson, mailTo, PASSWORD, tokenIn, type TestPerson } from '../testing.ts';

const graph = testSubgraph(users);

/** A step may not end between a code's making and its check. */
beforeEach(async () => {
  const leftMs = 30_000 - (Date.now() % 30_000);
  if (leftMs < 4000) await new Promise((resolve) => setTimeout(resolve, leftMs));
});

/** Makes the codes of now good again, as if half a minute had passed. */
const timePasses = (person: TestPerson) =>
  graph.rows(sql`update second_factor set last_step = null where user_id = ${toUuid(person.userId)}`);
const challengeOf = async (person: TestPerson) => (await logIn(graph, person.username)).challenge;
const change = async (person: TestPerson, field: string, input: object, selection = '') => {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${field}(input: $input) { ${selection} userErrors { field code } } }`;
  return (
    await graph
      .as(person)
      .data<Record<string, { recoveryCodes?: string[]; userErrors: { code: string }[] }>>(query, { input })
  )[field];
};

test('with a second factor the password alone opens a challenge, and a code completes it', async () => {
  const person = await aProtectedPerson(graph);
  const first = await logIn(graph, person.username);
  expect(first).toMatchObject({ accessToken: null, refreshToken: null, user: null, userErrors: [] });
  expect(first.challenge?.kinds).toEqual(['TOTP', 'RECOVERY_CODE']);
  const done = await complete(graph, first.challenge?.token, 'TOTP', codeOf(person.secret, 1));
  expect(done).toMatchObject({
    accessToken: expect.any(String) as unknown,
    user: { id: person.userId },
    challenge: null,
  });
});

test('without one the password is enough', async () => {
  const { username } = await aPerson(graph);
  expect(await logIn(graph, username)).toMatchObject({ accessToken: expect.any(String) as unknown, challenge: null });
});

test('a code works once, in the step before, now and after', async () => {
  const person = await aProtectedPerson(graph);
  for (const steps of [-1, 0, 1]) {
    await timePasses(person);
    const challenge = await challengeOf(person);
    expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, steps)))).toEqual([]);
    const again = await challengeOf(person);
    expect(codesOf(await complete(graph, again?.token, 'TOTP', codeOf(person.secret, steps)))).toEqual([
      'UNAUTHENTICATED',
    ]);
  }
  await timePasses(person);
  for (const steps of [-3, 3]) {
    const challenge = await challengeOf(person);
    expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, steps)))).toEqual([
      'UNAUTHENTICATED',
    ]);
  }
});

test('an earlier code is void once a later one was used', async () => {
  const person = await aProtectedPerson(graph);
  await timePasses(person);
  const [one, other] = [await challengeOf(person), await challengeOf(person)];
  expect(codesOf(await complete(graph, one?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([]);
  expect(codesOf(await complete(graph, other?.token, 'TOTP', codeOf(person.secret, 0)))).toEqual(['UNAUTHENTICATED']);
});

test('ten at once with one code: one of them gets in', async () => {
  const person = await aProtectedPerson(graph);
  const challenges = [];
  for (let n = 0; n < 10; n++) challenges.push(await challengeOf(person));
  const code = codeOf(person.secret, 1);
  const answers = await Promise.all(challenges.map((challenge) => complete(graph, challenge?.token, 'TOTP', code)));
  expect(answers.filter(({ accessToken }) => accessToken !== null)).toHaveLength(1);
});

test('a challenge stands five tries, however many are in one document', async () => {
  const person = await aProtectedPerson(graph);
  const challenge = await challengeOf(person);
  const wrong = (n: number) =>
    `t${n}: completeLogin(input: { challenge: "${challenge?.token}", kind: TOTP, code: "${(Number(codeOf(person.secret, 1)) + n) % 1_000_000}" }) { userErrors { field code } }`;
  const guesses = [1, 2, 3, 4, 5, 6, 7].map(wrong).join('\n');
  const { data } = await ask(graph, HOME, `mutation { ${guesses} }`, {});
  const fields = Object.values(data ?? {}).map(
    (each) => (each as { userErrors: { field: string[] }[] }).userErrors[0]?.field[0],
  );
  expect(fields).toEqual(['code', 'code', 'code', 'code', 'code', 'challenge', 'challenge']);
  // The right one comes too late for this challenge, and in time for the next.
  expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([
    'UNAUTHENTICATED',
  ]);
  const next = await challengeOf(person);
  expect(codesOf(await complete(graph, next?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([]);
});

test('a recovery code works once, as people type it', async () => {
  const person = await aProtectedPerson(graph);
  expect(new Set(person.recoveryCodes).size).toBe(10);
  const [code = ''] = person.recoveryCodes;
  const first = await challengeOf(person);
  expect(
    codesOf(await complete(graph, first?.token, 'RECOVERY_CODE', ` ${code.toUpperCase().replaceAll('-', ' ')}`)),
  ).toEqual([]);
  const second = await challengeOf(person);
  expect(codesOf(await complete(graph, second?.token, 'RECOVERY_CODE', code))).toEqual(['UNAUTHENTICATED']);
  expect(await graph.as(person).data('{ secondFactor { isEnabled recoveryCodesLeft } }')).toEqual({
    secondFactor: { isEnabled: true, recoveryCodesLeft: 9 },
  });
});

test('of two at once with one recovery code one gets in', async () => {
  const person = await aProtectedPerson(graph);
  const [one, other] = [await challengeOf(person), await challengeOf(person)];
  const code = String(person.recoveryCodes[0]);
  const answers = await Promise.all(
    [one, other].map((challenge) => complete(graph, challenge?.token, 'RECOVERY_CODE', code)),
  );
  expect(answers.filter(({ accessToken }) => accessToken !== null)).toHaveLength(1);
});

test('nothing of a second factor is readable in the database', async () => {
  const person = await aProtectedPerson(graph);
  const rows = await graph.rows<{ text: string }>(sql`
    select (select string_agg(f::text, '') from second_factor f) || (select string_agg(r::text, '') from recovery_code r)
      || (select string_agg(data::text, '') from job.job) as text`);
  for (const secret of [person.secret.toLowerCase(), ...person.recoveryCodes]) {
    expect(rows[0]?.text.toLowerCase()).not.toContain(secret);
    expect(rows[0]?.text.toLowerCase()).not.toContain(Buffer.from(secret).toString('hex'));
  }
});

test('a secret opens for nobody else’s row', async () => {
  const [one, other] = [await aProtectedPerson(graph), await aProtectedPerson(graph)];
  await graph.rows(sql`
    update second_factor set secret = (select secret from second_factor where user_id = ${toUuid(other.userId)}), last_step = null
    where user_id = ${toUuid(one.userId)}`);
  const challenge = await challengeOf(one);
  const { errors } = await ask(graph, HOME, COMPLETE, {
    input: { challenge: challenge?.token, kind: 'TOTP', code: codeOf(other.secret, 1) },
  });
  expect(errors).toHaveLength(1);
});

test('setting up needs the password, and counts only once a first code has come', async () => {
  const person = await aPerson(graph);
  expect(await change(person, 'startTotpSetup', { password: 'not the password' })).toMatchObject({
    userErrors: [{ field: ['password'], code: 'UNAUTHENTICATED' }],
  });
  const { secret, uri } = await beginTotp(graph, person);
  expect(uri).toMatch(/^otpauth:\/\/totp\/Broadsheet:/);
  expect((await logIn(graph, person.username)).challenge).toBeNull();
  expect(await confirm(graph, person, '000000x')).toMatchObject({ recoveryCodes: null, userErrors: [{}] });
  expect((await confirm(graph, person, codeOf(secret))).recoveryCodes).toHaveLength(10);
  expect(await change(person, 'startTotpSetup', { password: PASSWORD })).toMatchObject({
    userErrors: [{ code: 'CONFLICT' }],
  });
  await mailTo(graph, person.email, 'second factor');
});

test('turning off what was never on forgets what was begun, and tells of nothing', async () => {
  const person = await aPerson(graph);
  const { secret } = await beginTotp(graph, person);
  expect(await change(person, 'disableTotp', { password: PASSWORD })).toMatchObject({ userErrors: [] });
  expect((await confirm(graph, person, codeOf(secret))).recoveryCodes).toBeNull();
  const told = sql`select 1 from mail where user_id = ${toUuid(person.userId)} and template = 'secondFactorChanged'`;
  expect(await graph.rows(told)).toEqual([]);
});

test('a setup of half an hour ago is over', async () => {
  const person = await aPerson(graph);
  const { secret } = await beginTotp(graph, person);
  await graph.rows(sql`
    update second_factor set started_at = now() - interval '31 minutes' where user_id = ${toUuid(person.userId)}`);
  expect((await confirm(graph, person, codeOf(secret))).recoveryCodes).toBeNull();
  const anew = await beginTotp(graph, person);
  expect((await confirm(graph, person, codeOf(anew.secret))).recoveryCodes).toHaveLength(10);
});

test.each(['disableTotp', 'regenerateRecoveryCodes'])('%s needs the password or a code', async (field) => {
  const selection = field === 'disableTotp' ? '' : 'recoveryCodes';
  const person = await aProtectedPerson(graph);
  for (const [proof, code] of [
    [{}, 'BAD_USER_INPUT'],
    [{ password: PASSWORD, code: '123456' }, 'BAD_USER_INPUT'],
    [{ password: 'not the password' }, 'UNAUTHENTICATED'],
    [{ code: codeOf(person.secret, 20) }, 'UNAUTHENTICATED'],
    [{ code: '' }, 'UNAUTHENTICATED'],
  ] as const) {
    expect(await change(person, field, proof, selection)).toMatchObject({ userErrors: [{ code }] });
  }
  expect(await change(person, field, { code: person.recoveryCodes[0] }, selection)).toMatchObject({ userErrors: [] });
});

test('new recovery codes void the old ones; without the factor there are none', async () => {
  const person = await aProtectedPerson(graph);
  const made = await change(person, 'regenerateRecoveryCodes', { password: PASSWORD }, 'recoveryCodes');
  const first = await challengeOf(person);
  expect(codesOf(await complete(graph, first?.token, 'RECOVERY_CODE', String(person.recoveryCodes[1])))).toEqual([
    'UNAUTHENTICATED',
  ]);
  expect(codesOf(await complete(graph, first?.token, 'RECOVERY_CODE', String(made?.recoveryCodes?.[0])))).toEqual([]);
  await change(person, 'disableTotp', { code: codeOf(person.secret, 1) });
  expect((await logIn(graph, person.username)).accessToken).not.toBeNull();
  expect(await change(person, 'regenerateRecoveryCodes', { password: PASSWORD }, 'recoveryCodes')).toMatchObject({
    userErrors: [{ code: 'CONFLICT' }],
  });
});

test('a new password by mail leads past no second factor', async () => {
  const person = await aProtectedPerson(graph);
  const before = await challengeOf(person);
  await graph.anonymously.data(
    `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { code } } }`,
    { input: { identifier: person.email } },
  );
  const token = tokenIn(await mailTo(graph, person.email, 'new password'));
  const reset = await graph.anonymously.data<{ resetPassword: object }>(
    `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }`,
    { input: { token, newPassword: 'another staple battery' } },
  );
  expect(reset.resetPassword).toEqual({ userErrors: [] });
  // What the old password had begun is over too.
  expect(await complete(graph, before?.token, 'TOTP', codeOf(person.secret, 1))).toMatchObject({
    userErrors: [{ field: ['challenge'] }],
  });
  const { challenge, accessToken } = await logIn(graph, person.username, HOME, 'another staple battery');
  expect(accessToken).toBeNull();
  expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([]);
});

test('a challenge is completed by its own person’s code only', async () => {
  const [one, other] = [await aProtectedPerson(graph), await aProtectedPerson(graph)];
  const challenge = await challengeOf(one);
  expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(other.secret, 1)))).toEqual([
    'UNAUTHENTICATED',
  ]);
  expect(codesOf(await complete(graph, challenge?.token, 'MAIL', codeOf(one.secret, 1)))).toEqual(['UNAUTHENTICATED']);
  expect(codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(one.secret, 1)))).toEqual([]);
});

test.each([
  ['nothing', ''],
  ['a dot', '.'],
  ['a challenge of nobody', 'challenge_01h2xcejqtf2nbrexx3vqjhp41.x'],
  ['the id of a session', 'session_01h2xcejqtf2nbrexx3vqjhp41.x'],
  ['a huge text', 'x'.repeat(10_000)],
])('%s is no challenge', async (_, challenge) =>
  expect(await complete(graph, challenge, 'TOTP', '123456', elsewhere(1))).toMatchObject({
    userErrors: [{ field: ['challenge'], code: 'UNAUTHENTICATED' }],
  }),
);
