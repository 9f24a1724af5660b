import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import {
  anUnverifiedPerson,
  aPerson,
  mailsTo,
  mailTo,
  PASSWORD,
  signIn,
  type TestPerson,
  tokenIn,
  VERIFY,
} from '../testing.ts';
import { issueToken } from '../token/token.actions.ts';

const graph = testSubgraph(users);

const change = async (person: TestPerson, newEmail: string, password = PASSWORD) =>
  (
    await graph
      .as(person)
      .data<{ changeEmail: { userErrors: { field: string[]; code: string }[] } }>(
        'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) { userErrors { field code } } }',
        { input: { newEmail, password } },
      )
  ).changeEmail.userErrors;
const confirm = async (token: string) =>
  (
    await graph.anonymously.data<{
      confirmEmailChange: { isComplete: boolean | null; userErrors: { code: string }[] };
    }>(
      'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete userErrors { code } } }',
      { input: { token } },
    )
  ).confirmEmailChange;
const emailOf = async (person: TestPerson) =>
  (await graph.as(person).data<{ viewer: { email: string } }>('{ viewer { email } }')).viewer.email;
const refused = { isComplete: null, userErrors: [{ code: 'BAD_USER_INPUT' }] };

test.each([
  ['the old first', [0, 1]],
  ['the new first', [1, 0]],
] as const)('an address changes once both have confirmed it: %s', async (name, order) => {
  const person = await aPerson(graph);
  const newEmail = `${name.replaceAll(' ', '')}@example.net`;
  expect(await change(person, newEmail)).toEqual([]);
  const tokens = [
    tokenIn(await mailTo(graph, person.email, 'Change of your address')),
    tokenIn(await mailTo(graph, newEmail, 'Confirm your new address')),
  ];
  expect(await confirm(tokens[order[0]] ?? '')).toEqual({ isComplete: false, userErrors: [] });
  expect(await confirm(tokens[order[0]] ?? '')).toEqual(refused);
  expect(await emailOf(person)).toBe(person.email);
  expect(await confirm(tokens[order[1]] ?? '')).toEqual({ isComplete: true, userErrors: [] });
  expect(await emailOf(person)).toBe(newEmail);
  expect((await signIn(graph, newEmail)).user?.username).toBe(person.username);
  expect((await signIn(graph, person.email)).userErrors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  await mailTo(graph, person.email, 'was changed');
  await mailTo(graph, newEmail, 'was changed');
});

test('links that went to the address before are worth nothing', async () => {
  const person = await aPerson(graph);
  const newEmail = 'moved@example.net';
  const issue = (purpose: string) =>
    graph
      .running()
      .contextFor(systemViewer)
      .change((tx) => issueToken(tx, { purpose, userId: person.userId, lifetimeSeconds: 3600 }));
  await change(person, newEmail);
  for (const purpose of ['reset-password', 'data-export', 'cancel-deletion', 'step-up']) await issue(purpose);
  await confirm(tokenIn(await mailTo(graph, person.email, 'Change of your address')));
  await confirm(tokenIn(await mailTo(graph, newEmail, 'Confirm your new address')));
  expect(await emailOf(person)).toBe(newEmail);
  expect(await graph.rows(sql`select purpose from token where user_id = ${toUuid(person.userId)}`)).toEqual([]);
});

test('nor are those that went to an address that was never confirmed: it may be a stranger’s', async () => {
  const person = await anUnverifiedPerson(graph);
  for (const purpose of ['data-export', 'cancel-deletion']) {
    await graph
      .running()
      .contextFor(systemViewer)
      .change((tx) => issueToken(tx, { purpose, userId: person.userId, lifetimeSeconds: 3600 }));
  }
  await change(person, 'mended@example.org');
  const links = sql`select purpose from token where user_id = ${toUuid(person.userId)} and purpose <> 'verify-email'`;
  expect(await graph.rows(links)).toEqual([]);
});

test('an address that has an account gets the very answer of one that has none; the mail to it says the rest', async () => {
  const [person, owner] = [await aPerson(graph), await aPerson(graph)];
  expect(await change(person, owner.email.toUpperCase())).toEqual([]);
  const allowed = tokenIn(await mailTo(graph, person.email, 'Change of your address'));
  expect(tokenIn(await mailTo(graph, owner.email.toUpperCase(), 'has an account'))).toBe('');
  expect(await confirm(allowed)).toEqual({ isComplete: false, userErrors: [] });
  expect(await emailOf(owner)).toBe(owner.email);
});

test('an address that another account confirms meanwhile is that account’s', async () => {
  const person = await aPerson(graph);
  await change(person, 'contested@example.net');
  const tokens = [
    tokenIn(await mailTo(graph, person.email, 'Change of your address')),
    tokenIn(await mailTo(graph, 'contested@example.net', 'Confirm your new address')),
  ];
  await aPerson(graph, 'quicker', 'contested@example.net');
  await confirm(tokens[0] ?? '');
  expect(await confirm(tokens[1] ?? '')).toEqual({ isComplete: null, userErrors: [{ code: 'CONFLICT' }] });
  expect(await emailOf(person)).toBe(person.email);
});

test('the links of an earlier wish, or of one a day old, are worth nothing', async () => {
  const person = await aPerson(graph);
  await change(person, 'first@example.net');
  const first = tokenIn(await mailTo(graph, 'first@example.net', 'Confirm your new address'));
  await change(person, 'second@example.net');
  const second = tokenIn(await mailTo(graph, 'second@example.net', 'Confirm your new address'));
  expect(await confirm(first)).toEqual(refused);
  await graph.rows(sql`update email_change set requested_at = now() - interval '25 hours'`);
  expect(await confirm(second)).toEqual(refused);
  expect(await emailOf(person)).toBe(person.email);
});

test('it takes the password, an address, and another one', async () => {
  const person = await aPerson(graph);
  expect(await change(person, 'x@example.net', 'not the password')).toEqual([
    { field: ['password'], code: 'UNAUTHENTICATED' },
  ]);
  for (const wrong of ['', 'x', 'a@b', `${'a'.repeat(300)}@example.org`, 'a@example.org\r\nBcc: b@example.org']) {
    expect(await change(person, wrong)).toEqual([{ field: ['newEmail'], code: 'BAD_USER_INPUT' }]);
  }
  expect(await change(person, person.email)).toEqual([{ field: ['newEmail'], code: 'BAD_USER_INPUT' }]);
  const { errors } = await graph.anonymously.run(
    'mutation { changeEmail(input: { newEmail: "x@example.net", password: "x" }) { userErrors { code } } }',
  );
  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});

test('who has not confirmed theirs yet mends a slip: the link goes to the new one, the old link is dead', async () => {
  const person = { ...(await anUnverifiedPerson(graph, 'slip', 'slpi@example.org')), isUnverified: true };
  const old = tokenIn(await mailTo(graph, 'slpi@example.org', 'Confirm'));
  expect(await change(person, 'slip@example.org')).toEqual([]);
  const verify = async (token: string) =>
    (await graph.anonymously.data<{ verifyEmail: { userErrors: object[] } }>(VERIFY, { input: { token } })).verifyEmail;
  expect((await verify(old)).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect((await verify(tokenIn(await mailTo(graph, 'slip@example.org', 'Confirm')))).userErrors).toEqual([]);
  expect((await signIn(graph, 'slip@example.org')).user?.username).toBe('slip');
  await until('it is quiet', async () => (await mailsTo(graph, 'slpi@example.org')).length === 1);
});
