import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { fileURLToPath } from 'node:url';
import { anonymous, userViewer } from 'kit/viewer';
import { aPersonOfRole } from '../role/role.testing.ts';
import { users } from '../subgraph.ts';
import { aPerson, anUnverifiedPerson, mailsTo, mailTo, tokenIn, type TestPerson } from '../testing.ts';
import {
  aProtectedPerson,
  ask,
  codeOf,
  codesOf,
  complete,
  elsewhere,
  HOME,
  logIn,
  refresh,
  sessionOf,
} from './login.testing.ts';

const graph = testSubgraph(users, {
  PLACE_LOOKUP_MODULE: fileURLToPath(new URL('places.testing.ts', import.meta.url)),
});

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const TOKYO = elsewhere(81);
const WRONG = 'not the password';

const HISTORY = `query ($userId: ID) { loginHistory(userId: $userId) {
  edges { node { outcome score reasons device address place { country city } } } } }`;
interface Entry {
  readonly outcome: string;
  readonly score: number;
  readonly reasons: readonly string[];
  readonly address: string;
}
const historyOf = async (person: TestPerson): Promise<Entry[]> => {
  const { loginHistory } = await graph.as(person).data<{ loginHistory: { edges: { node: Entry }[] } }>(HISTORY);
  return loginHistory.edges.map(({ node }) => node);
};

/** Strangers try this account from many networks. */
async function guessedFromEverywhere({ username }: TestPerson): Promise<void> {
  for (let n = 1; n <= 10; n++) await logIn(graph, username, elsewhere(n), WRONG);
}

test('what is usual asks for nothing, and tells nobody', async () => {
  const person = await aPerson(graph);
  expect((await logIn(graph, person.username)).accessToken).not.toBeNull();
  expect((await logIn(graph, person.username)).accessToken).not.toBeNull();
  const [last] = await historyOf(person);
  expect(last).toEqual({
    outcome: 'SUCCEEDED',
    score: 0,
    reasons: [],
    device: 'Firefox on Linux',
    address: HOME.address,
    place: { country: 'PT', city: 'Lisbon' },
  });
  expect((await mailsTo(graph, person.email)).filter(({ subject }) => /sign-in/.test(subject))).toEqual([]);
});

test('a new device signs in, and its person hears of it', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username);
  expect((await logIn(graph, person.username, elsewhere(3, CHROME))).accessToken).not.toBeNull();
  expect((await mailTo(graph, person.email, 'new sign-in')).text).toContain('new device');
  expect((await historyOf(person))[0]).toMatchObject({ score: 40, reasons: ['NEW_DEVICE', 'NEW_NETWORK'] });
});

test('travel that nobody can make is confirmed by mail', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username);
  const { accessToken, challenge } = await logIn(graph, person.username, TOKYO);
  expect(accessToken).toBeNull();
  expect(challenge?.kinds).toEqual(['MAIL']);
  const mail = await mailTo(graph, person.email, 'Is that you');
  expect(mail.text).toContain('Tokyo, JP');
  expect((await historyOf(person))[0]).toMatchObject({
    outcome: 'CHALLENGED',
    reasons: ['NEW_NETWORK', 'IMPOSSIBLE_TRAVEL'],
  });
  expect(codesOf(await complete(graph, challenge?.token, 'MAIL', 'x'.repeat(43), TOKYO))).toEqual(['UNAUTHENTICATED']);
  const done = await complete(graph, challenge?.token, 'MAIL', tokenIn(mail), TOKYO);
  expect(done).toMatchObject({ accessToken: expect.any(String) as unknown, user: { id: person.userId } });
  expect((await historyOf(person))[0]?.outcome).toBe('SUCCEEDED');
  // Neither is good a second time.
  expect(codesOf(await complete(graph, challenge?.token, 'MAIL', tokenIn(mail), TOKYO))).toEqual(['UNAUTHENTICATED']);
});

test('many who guess lead to a mail, never to a lock', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username);
  await guessedFromEverywhere(person);
  const { challenge } = await logIn(graph, person.username);
  expect(challenge?.kinds).toEqual(['MAIL']);
  const token = tokenIn(await mailTo(graph, person.email, 'Is that you'));
  expect((await complete(graph, challenge?.token, 'MAIL', token)).accessToken).not.toBeNull();
  expect((await historyOf(person)).filter(({ outcome }) => outcome === 'FAILED')).toHaveLength(10);
});

test('a link that was mailed for one challenge completes no other, nor another person’s', async () => {
  const [one, other] = [await aPerson(graph), await aPerson(graph)];
  const unusual = async (person: TestPerson) => {
    await logIn(graph, person.username);
    return (await logIn(graph, person.username, TOKYO)).challenge?.token;
  };
  const [mine, theirs] = [await unusual(one), await unusual(other)];
  const mail = await mailTo(graph, one.email, 'Is that you');
  expect(codesOf(await complete(graph, theirs, 'MAIL', tokenIn(mail)))).toEqual(['UNAUTHENTICATED']);
  // Whoever tries it in the wrong place has used it up.
  expect(codesOf(await complete(graph, mine, 'MAIL', tokenIn(mail)))).toEqual(['UNAUTHENTICATED']);
});

test('a link stays good while somebody else with the password, or another device, is asked for one too', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username);
  const { challenge } = await logIn(graph, person.username, TOKYO);
  const link = tokenIn(await mailTo(graph, person.email, 'Is that you'));
  await logIn(graph, person.username, TOKYO);
  await until('the other mail', async () => {
    const mails = await mailsTo(graph, person.email);
    return mails.filter(({ subject }) => subject.includes('Is that you')).length === 2;
  });
  expect(codesOf(await complete(graph, challenge?.token, 'MAIL', link, TOKYO))).toEqual([]);
});

test('with a second factor the code comes first, the mail after it, and a code is no link', async () => {
  const person = await aProtectedPerson(graph);
  await guessedFromEverywhere(person);
  const first = await logIn(graph, person.username);
  expect(first.challenge?.kinds).toEqual(['TOTP', 'RECOVERY_CODE']);
  const second = await complete(graph, first.challenge?.token, 'RECOVERY_CODE', String(person.recoveryCodes[0]));
  expect(second).toMatchObject({ accessToken: null, challenge: { kinds: ['MAIL'] } });
  expect(codesOf(await complete(graph, second.challenge?.token, 'TOTP', codeOf(person.secret, 1)))).toEqual([
    'UNAUTHENTICATED',
  ]);
  const token = tokenIn(await mailTo(graph, person.email, 'Is that you'));
  expect((await complete(graph, second.challenge?.token, 'MAIL', token)).accessToken).not.toBeNull();
});

test('whoever has not confirmed an address is asked by no mail', async () => {
  const person = await anUnverifiedPerson(graph);
  await logIn(graph, person.username);
  expect((await logIn(graph, person.username, TOKYO)).accessToken).not.toBeNull();
});

test('a lookup that fails stops no sign-in', async () => {
  const { username } = await aPerson(graph);
  expect((await logIn(graph, username, elsewhere(99))).accessToken).not.toBeNull();
});

test('what the gateway’s proxy says of the country counts where the lookup knows nothing', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username, { ...HOME, place: 'BR' });
  expect((await historyOf(person))[0]).toMatchObject({ place: { country: 'PT', city: 'Lisbon' } });
  const { accessToken, challenge } = await logIn(graph, person.username, { ...elsewhere(7), place: 'NZ' });
  expect([accessToken, challenge?.kinds]).toEqual([null, ['MAIL']]);
  expect((await mailTo(graph, person.email, 'Is that you')).text).toContain('from NZ');
  expect((await historyOf(person))[0]).toMatchObject({
    place: { country: 'NZ', city: null },
    reasons: ['NEW_NETWORK', 'IMPOSSIBLE_TRAVEL'],
  });
  // The twin: from the same network without a word of where it is, nothing is impossible.
  const other = await aPerson(graph);
  await logIn(graph, other.username);
  expect((await logIn(graph, other.username, elsewhere(7))).accessToken).not.toBeNull();
});

test('the history is for its person and for administrators', async () => {
  const person = await aPerson(graph);
  await logIn(graph, person.username);
  const stranger = await aPerson(graph);
  const administrator = await aPersonOfRole(graph, 'admin');
  const asked = { userId: person.userId };
  expect((await graph.as(administrator).run(HISTORY, asked)).data).toMatchObject({
    loginHistory: { edges: [{ node: { outcome: 'SUCCEEDED' } }] },
  });
  for (const viewer of [stranger, userViewer(stranger.userId, 'moderator'), anonymous]) {
    const { data, errors } = await graph.as(viewer).run(HISTORY, asked);
    expect(data?.['loginHistory'] ?? null).toBeNull();
    expect(errors).toHaveLength(1);
  }
});

test('a network that fails on and on fills no table', async () => {
  const person = await aPerson(graph);
  for (let n = 0; n < 25; n++) await logIn(graph, person.username, elsewhere(5), WRONG);
  expect(await historyOf(person)).toHaveLength(20);
});

test('a sign-in begins a session of its own, whatever the client had before', async () => {
  const [attacker, victim] = [await aPerson(graph), await aPerson(graph)];
  const planted = await logIn(graph, attacker.username);
  const query = `mutation ($input: LoginInput!) { login(input: $input) { refreshToken user { id } userErrors { code } } }`;
  const viewer = userViewer(attacker.userId, 'user', sessionOf(planted));
  const { data } = await ask(
    graph,
    HOME,
    query,
    { input: { identifier: victim.username, password: 'correct horse battery' } },
    viewer,
  );
  const begun = data?.['login'] as { refreshToken: string };
  expect(begun).toMatchObject({ user: { id: victim.userId } });
  expect(begun.refreshToken.split('.')[0]).not.toBe(sessionOf(planted));
  expect(await refresh(graph, planted.refreshToken)).toMatchObject({ user: { id: attacker.userId } });
  expect(await refresh(graph, begun.refreshToken)).toMatchObject({ user: { id: victim.userId } });
});

test('a challenge leads to a session that nobody could know before', async () => {
  const person = await aProtectedPerson(graph);
  const { challenge } = await logIn(graph, person.username);
  const before = await graph.rows(sql`select id from session where user_id = ${toUuid(person.userId)}`);
  expect(before).toEqual([]);
  const done = await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1));
  expect(sessionOf(done)).not.toContain(String(challenge?.token.split('.')[0]?.split('_')[1]));
});

test('a password that changes while a sign-in is under way ends that sign-in', async () => {
  const person = await aPerson(graph);
  const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
  const input = { currentPassword: 'correct horse battery', newPassword: 'another staple battery' };
  const [changed, ...entered] = await Promise.all([
    graph.as(person).data<{ changePassword: object }>(change, { input }),
    ...Array.from({ length: 6 }, () => logIn(graph, person.username)),
  ]);
  expect(changed.changePassword).toEqual({ userErrors: [] });
  for (const { refreshToken } of entered) {
    if (refreshToken !== null) expect(codesOf(await refresh(graph, refreshToken))).toEqual(['UNAUTHENTICATED']);
  }
  expect((await logIn(graph, person.username, HOME, input.newPassword)).accessToken).not.toBeNull();
});
