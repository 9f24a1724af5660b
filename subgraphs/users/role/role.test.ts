import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { gatewayViewer, userViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, PASSWORD, REFRESH, signIn, type TestPerson } from '../testing.ts';
import { actsOn, aPersonOfRole, REINSTATE, roleOf, SET_ROLE, SUSPEND } from './role.testing.ts';

const graph = testSubgraph(users);

type Viewers = Parameters<typeof graph.as>[0];

/** What came of a mutation: `done`, or the code of its error. */
async function outcome(viewer: Viewers, mutation: string, input: object): Promise<string> {
  const { data, errors } = await graph.as(viewer).run(mutation, { input });
  if (errors) return String(errors[0]?.extensions?.['code']);
  const [payload] = Object.values(data ?? {}) as { userErrors: { code: string }[] }[];
  return payload?.userErrors[0]?.code ?? 'done';
}

const setRole = (viewer: Viewers, person: TestPerson, role: string) =>
  outcome(viewer, SET_ROLE, { userId: person.userId, role, reason: 'asked for' });
const suspend = (viewer: Viewers, person: TestPerson, more: object = {}) =>
  outcome(viewer, SUSPEND, { userId: person.userId, reason: 'for spam', ...more });

test('an administrator makes a moderator, and it is put down who did it and why', async () => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  expect(await setRole(admin, person, 'moderator')).toBe('done');
  expect(await roleOf(graph, person)).toBe('moderator');
  expect(await actsOn(graph, person.userId)).toEqual([
    expect.objectContaining({
      action: 'user.setRole',
      actorId: admin.userId,
      reason: 'user to moderator. asked for',
      address: '127.0.0.1',
    }),
  ]);
  // What it is already needs no second entry.
  expect(await setRole(admin, person, 'moderator')).toBe('done');
  expect(await actsOn(graph, person.userId)).toHaveLength(1);
});

test.each(['user', 'moderator'])('a %s changes nobody’s role, their own least of all', async (role) => {
  const [somebody, other] = [await aPersonOfRole(graph, role), await aPerson(graph)];
  for (const target of [somebody, other]) {
    expect(await setRole(somebody, target, 'admin')).toBe('FORBIDDEN');
    expect(await roleOf(graph, target)).toBe(target === somebody ? role : 'user');
  }
  expect(await setRole({ kind: 'anonymous' } as Viewers, other, 'admin')).toBe('UNAUTHENTICATED');
});

test('a role that was taken away a moment ago is not used any more, whatever the gateway remembers', async () => {
  const [admin, demoted, person] = [
    await aPersonOfRole(graph, 'admin'),
    await aPersonOfRole(graph, 'admin'),
    await aPerson(graph),
  ];
  expect(await setRole(admin, demoted, 'user')).toBe('done');
  expect(await setRole(demoted, person, 'admin')).toBe('FORBIDDEN');
  expect(await setRole(demoted, demoted, 'admin')).toBe('FORBIDDEN');
  expect(await suspend(demoted, person)).toBe('FORBIDDEN');
});

describe('the last administrator', () => {
  const onlyThese = async (...admins: TestPerson[]) => {
    const ids = admins.map(({ userId }) => toUuid(userId));
    await graph.rows(sql`update "user" set role = 'user' where role = 'admin' and not id = any(${ids}::uuid[])`);
  };

  test('stays one, and is told to make another first', async () => {
    const admin = await aPersonOfRole(graph, 'admin');
    await onlyThese(admin);
    expect(await setRole(admin, admin, 'user')).toBe('CONFLICT');
    const other = await aPersonOfRole(graph, 'admin');
    expect(await setRole(admin, admin, 'user')).toBe('done');
    expect(await roleOf(graph, other)).toBe('admin');
  });

  test('is no other one’s successor who has not confirmed their address, and may be gone in a week', async () => {
    const [admin, unconfirmed] = [await aPersonOfRole(graph, 'admin'), await anUnverifiedPerson(graph)];
    await onlyThese(admin);
    expect(await setRole(admin, unconfirmed, 'admin')).toBe('done');
    expect(await setRole(admin, admin, 'user')).toBe('CONFLICT');
  });

  test('of two who take away each other’s role at once, one stays', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, other] = [await aPersonOfRole(graph, 'admin'), await aPersonOfRole(graph, 'admin')];
      await onlyThese(one, other);
      const outcomes = await Promise.all([setRole(one, other, 'user'), setRole(other, one, 'user')]);
      expect(outcomes.sort()).toEqual(['FORBIDDEN', 'done']);
    }
  });

  test('of two who step down at once, one stays', async () => {
    const [one, other] = [await aPersonOfRole(graph, 'admin'), await aPersonOfRole(graph, 'admin')];
    await onlyThese(one, other);
    const outcomes = await Promise.all([setRole(one, one, 'user'), setRole(other, other, 'moderator')]);
    expect(outcomes.sort()).toEqual(['CONFLICT', 'done']);
  });
});

test.each([
  ['user', 'user', 'FORBIDDEN'],
  ['moderator', 'user', 'done'],
  ['moderator', 'moderator', 'FORBIDDEN'],
  ['moderator', 'admin', 'FORBIDDEN'],
  ['admin', 'user', 'done'],
  ['admin', 'moderator', 'done'],
  ['admin', 'admin', 'FORBIDDEN'],
])('a %s who suspends a %s: %s', async (actorRole, targetRole, expected) => {
  const [actor, target] = [await aPersonOfRole(graph, actorRole), await aPersonOfRole(graph, targetRole)];
  expect(await suspend(actor, target)).toBe(expected);
  expect(await suspend(actor, actor)).toBe('FORBIDDEN');
});

test('who is suspended has no session any more, cannot begin one, and reads until when and why', async () => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  const { refreshToken, accessToken } = await signIn(graph, person.username);
  const { sid } = JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  const state = () =>
    graph.as(gatewayViewer).data(`query ($id: ID!) { sessionState(id: $id) { userId } }`, { id: sid });
  expect(await state()).toEqual({ sessionState: { userId: person.userId } });
  const ends = new Date(Date.now() + 86_400_000).toISOString();
  expect(await suspend(admin, person, { until: ends })).toBe('done');
  expect(await state()).toEqual({ sessionState: null });
  const { refreshSession } = await graph.anonymously.data<{ refreshSession: { userErrors: unknown[] } }>(REFRESH, {
    input: { refreshToken },
  });
  expect(refreshSession.userErrors).toEqual([{ field: ['refreshToken'], code: 'UNAUTHENTICATED' }]);
  const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { code message } } }`;
  const login = (password: string) =>
    graph.anonymously.data(LOGIN, { input: { identifier: person.username, password } });
  expect(await login(PASSWORD)).toEqual({
    login: {
      accessToken: null,
      userErrors: [{ code: 'SUSPENDED', message: `Your account is suspended until ${ends}: for spam` }],
    },
  });
  // Who does not know the password is not told.
  expect(await login('a wrong password')).toMatchObject({ login: { userErrors: [{ code: 'UNAUTHENTICATED' }] } });
});

test('a suspension ends by itself, and by a word', async () => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  const isIn = async () => (await signIn(graph, person.username)).accessToken !== null;
  expect(await suspend(admin, person, { until: new Date(Date.now() + 1500).toISOString() })).toBe('done');
  expect(await isIn()).toBe(false);
  await until('the suspension is over', isIn);
  expect(await suspend(admin, person)).toBe('done');
  expect(await isIn()).toBe(false);
  expect(await outcome(admin, REINSTATE, { userId: person.userId, reason: 'a mistake' })).toBe('done');
  expect(await isIn()).toBe(true);
  expect(await outcome(admin, REINSTATE, { userId: person.userId })).toBe('done');
  expect((await actsOn(graph, person.userId)).map(({ action }) => action).sort()).toEqual([
    'user.reinstate',
    'user.suspend',
    'user.suspend',
  ]);
});

test.each([
  [{ until: '2020-01-01T00:00:00Z' }, 'BAD_USER_INPUT'],
  [{ reason: ' ' }, 'BAD_USER_INPUT'],
  [{ userId: 'user_nobody' }, 'INVALID_ID'],
  [{ userId: 'user_01h2xcejqtf2nbrexx3vqjhp41' }, 'NOT_FOUND'],
])('a suspension with %o is refused as %s', async (more, code) => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  expect(await suspend(admin, person, more)).toBe(code);
});

test('why somebody is suspended is for moderators and administrators', async () => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  await suspend(admin, person);
  const READ = 'query ($id: ID!) { user(id: $id) { suspension { reason } } }';
  const reasonFor = async (viewer: Viewers) => graph.as(viewer).data(READ, { id: person.userId });
  for (const viewer of [admin, await aPersonOfRole(graph, 'moderator')]) {
    expect(await reasonFor(viewer)).toEqual({ user: { suspension: { reason: 'for spam' } } });
  }
  for (const viewer of [userViewer(person.userId), await aPerson(graph)]) {
    expect(await reasonFor(viewer)).toEqual({ user: { suspension: null } });
  }
});

test.each(['role', 'isVerified', 'emailVerifiedAt', 'followersCount'])(
  'nobody slips in %s with a profile',
  async (field) => {
    const person = await aPerson(graph);
    const PROFILE = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { role bio } } }`;
    const input = { bio: 'mine', [field]: 'admin' };
    const { errors } = await graph.as(person).run(PROFILE, { input });
    expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    expect(await roleOf(graph, person)).toBe('user');
    expect(await graph.as(person).data(PROFILE, { input: { bio: 'mine' } })).toEqual({
      updateProfile: { user: { role: 'user', bio: 'mine' } },
    });
  },
);
