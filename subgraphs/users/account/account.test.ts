import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson, mailTo, PASSWORD, REGISTER, signIn, tokenIn } from '../testing.ts';
import { prepareAdministrator } from './account.actions.ts';

const graph = testSubgraph(users, { ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'a very long secret' });

const register = async (input: Record<string, unknown>) => {
  const { register: answer } = await graph.anonymously.data<{
    register: { userErrors: { field: string[]; code: string }[] };
  }>(REGISTER, {
    input: { username: 'someone', email: 'someone@example.org', password: PASSWORD, ...input },
  });
  return answer.userErrors.map((error) => `${error.field.join('.')}: ${error.code}`);
};

test('a person signs up and signs in by name or address, in any case', async () => {
  await aPerson(graph, 'Ada_Lovelace');
  expect((await signIn(graph, 'ada_lovelace')).user?.username).toBe('Ada_Lovelace');
  expect((await signIn(graph, 'ADA_lovelace@EXAMPLE.org')).user?.username).toBe('Ada_Lovelace');
});

test('an address that has an account gets the very answer of a new one; the mail says the rest', async () => {
  await aPerson(graph, 'first');
  expect(await register({ username: 'second', email: 'FIRST@example.org' })).toEqual([]);
  expect(await register({ username: 'third', email: 'third@example.org' })).toEqual([]);
  const taken = await mailTo(graph, 'FIRST@example.org', 'You have an account');
  expect(tokenIn(taken)).toBe('');
  expect(tokenIn(await mailTo(graph, 'third@example.org', 'Confirm'))).not.toBe('');
  // By the address one signs in to the account that has confirmed it, by the username to one's own.
  expect((await signIn(graph, 'first@example.org')).user?.username).toBe('first');
  expect((await signIn(graph, 'third@example.org')).userErrors).toEqual([
    { field: ['password'], code: 'UNAUTHENTICATED' },
  ]);
  expect((await signIn(graph, 'third')).userErrors).toEqual([]);
});

test.each([
  ['the same in another case', 'GRACE'],
  ['a Cyrillic а', 'grаce'],
  ['fullwidth letters', 'ｇｒａｃｅ'],
])('a username that looks like one that is taken is refused: %s', async (_, lookalike) => {
  if ((await graph.rows(sql`select 1 from "user" where username = 'grace'`)).length === 0)
    await aPerson(graph, 'grace');
  expect(
    (await register({ username: lookalike, email: 'other@example.org' })).map((error) => error.split(':')[0]),
  ).toEqual(['username']);
});

test.each([
  [{ username: '' }, 'username'],
  [{ username: 'a'.repeat(31) }, 'username'],
  [{ username: 'line\nbreak' }, 'username'],
  [{ email: 'nobody' }, 'email'],
  [{ email: `${'a'.repeat(300)}@example.org` }, 'email'],
  [{ password: 'short' }, 'password'],
  [{ password: 'x'.repeat(129) }, 'password'],
  [{ password: 'x'.repeat(100_000) }, 'password'],
  [{ name: '\u0007bell' }, 'name'],
])('sign-up refuses %o and names the field', async (input, field) => {
  const errors = await register(input);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.every((error) => error === `${field}: BAD_USER_INPUT`)).toBe(true);
});

test('every wrong field is told at once', async () => {
  const errors = await register({ username: '', email: 'x', password: '' });
  expect(new Set(errors.map((error) => error.split(':')[0]))).toEqual(new Set(['username', 'email', 'password']));
});

test('two who want one name at once: one gets it, the other is told', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => register({ username: 'wanted', email: `wanted${n}@example.org` })),
  );
  expect(answers.filter((errors) => errors.length === 0)).toHaveLength(1);
  expect(answers.filter((errors) => errors[0] === 'username: CONFLICT')).toHaveLength(3);
});

test('the first administrator comes from the settings, and only once', async () => {
  const { user } = await signIn(graph, 'root@example.org', 'a very long secret');
  expect(user?.username).toBe('admin');
  expect(await graph.rows(sql`select role from "user" where username = 'admin'`)).toEqual([{ role: 'admin' }]);
});

test('two processes that start at once make one administrator', async () => {
  await graph.rows(sql`delete from "user" where username = 'admin'`);
  const start = () => prepareAdministrator(graph.running().contextFor(systemViewer));
  await Promise.all([start(), start()]);
  expect(await graph.rows(sql`select username from "user" where role = 'admin'`)).toEqual([{ username: 'admin' }]);
});

test('an administrator who has another address meanwhile stands in no start’s way', async () => {
  await graph.rows(sql`update "user" set email = 'a@b.org', email_folded = 'a@b.org' where username = 'admin'`);
  await prepareAdministrator(graph.running().contextFor(systemViewer));
  expect(await graph.rows(sql`select email from "user" where role = 'admin'`)).toEqual([{ email: 'a@b.org' }]);
});

test('a start with an administrator’s name that is somebody else’s says which setting to change', async () => {
  await graph.rows(sql`update "user" set email_folded = 'a@b.org', role = 'user' where username = 'admin'`);
  await expect(prepareAdministrator(graph.running().contextFor(systemViewer))).rejects.toThrow(/^ADMIN_USERNAME: /);
});

test('nothing readable of a password is stored', async () => {
  await aPerson(graph, 'hashed');
  const [row] = await graph.rows<{ hash: string }>(
    sql`select password_hash as hash from "user" where username = 'hashed'`,
  );
  expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
});
