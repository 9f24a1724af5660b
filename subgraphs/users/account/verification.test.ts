import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { gatewayViewer, systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, mailsTo, mailTo, PASSWORD, signIn, tokenIn, VERIFY } from '../testing.ts';
import { accountTidy } from './account.jobs.ts';

const graph = testSubgraph(users);
const lenient = testSubgraph(users, { UNVERIFIED_MAY_WRITE: 'true' });

const verify = async (token: string) =>
  (
    await graph.anonymously.data<{ verifyEmail: { user: object | null; userErrors: { code: string }[] } }>(VERIFY, {
      input: { token },
    })
  ).verifyEmail;
const resend = (username: string) =>
  graph.anonymously.data(
    'mutation ($input: ResendVerificationInput!) { resendVerification(input: $input) { userErrors { code } } }',
    { input: { username } },
  );
const FOUND = 'query ($username: String) { user(username: $username) { username } }';

test('somebody who has not confirmed their address exists for themselves and administrators alone, by every door', async () => {
  const unseen = await anUnverifiedPerson(graph, 'unseen');
  const [stranger, admin] = [await aPerson(graph), { ...(await aPerson(graph)), role: 'admin' }];
  const doors = [
    async (viewer: Parameters<typeof graph.as>[0] | null) => {
      const asking = viewer ? graph.as(viewer) : graph.anonymously;
      const { user } = await asking.data<{ user: object | null }>(FOUND, { username: 'unseen' });
      return user !== null;
    },
    async (viewer: Parameters<typeof graph.as>[0] | null) => {
      const asking = viewer ? graph.as(viewer) : graph.anonymously;
      return (await asking.entity('User', unseen.userId)) !== null;
    },
    async (viewer: Parameters<typeof graph.as>[0] | null) => {
      const asking = viewer ? graph.as(viewer) : graph.anonymously;
      const { users: page } = await asking.data<{ users: { edges: { node: { id: string } }[] } }>(
        '{ users(first: 100) { edges { node { id } } } }',
      );
      return page.edges.some(({ node }) => node.id === unseen.userId);
    },
    async (viewer: Parameters<typeof graph.as>[0] | null) => {
      const asking = viewer ? graph.as(viewer) : graph.anonymously;
      const { node } = await asking.data<{ node: object | null }>('query ($id: ID!) { node(id: $id) { nodeId } }', {
        id: unseen.userId,
      });
      return node !== null;
    },
  ];
  for (const sees of doors) {
    expect([await sees(null), await sees(stranger), await sees(gatewayViewer)]).toEqual([false, false, false]);
    expect([await sees(unseen), await sees(admin)]).toEqual([true, true]);
  }
  const follow = 'mutation ($id: ID!) { followUser(input: { userId: $id }) { userErrors { code } } }';
  expect(await graph.as(stranger).data(follow, { id: unseen.userId })).toEqual({
    followUser: { userErrors: [{ code: 'NOT_FOUND' }] },
  });
  const events = () =>
    graph.rows(sql`select 1 from outbox where aggregate_id = ${unseen.userId} and type = 'user.saved'`);
  const profile = 'mutation { updateProfile(input: { bio: "Nobody hears of it." }) { userErrors { code } } }';
  await graph.as({ ...unseen, isUnverified: true }).data(profile);
  expect(await events()).toEqual([]);
  expect((await verify(tokenIn(await mailTo(graph, unseen.email, 'Confirm')))).user).toEqual({ username: 'unseen' });
  for (const sees of doors) expect([await sees(null), await sees(stranger)]).toEqual([true, true]);
  expect(await events()).toHaveLength(1);
  await mailTo(graph, unseen.email, 'Welcome');
});

test('a link works once, and not after the address was changed', async () => {
  const person = await anUnverifiedPerson(graph);
  const token = tokenIn(await mailTo(graph, person.email, 'Confirm'));
  const other = await anUnverifiedPerson(graph);
  const othersToken = tokenIn(await mailTo(graph, other.email, 'Confirm'));
  expect((await verify(token)).userErrors).toEqual([]);
  expect((await verify(token)).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  await graph.rows(sql`update "user" set email = 'moved@example.org' where id = ${toUuid(other.userId)}`);
  expect((await verify(othersToken)).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

test('of two who wait with one address the first to confirm has it; the other is told, having read its mail', async () => {
  const [one, two] = [
    await anUnverifiedPerson(graph, 'racer1', 'shared@example.org'),
    await anUnverifiedPerson(graph, 'racer2', 'Shared@Example.org'),
  ];
  const tokens = [
    tokenIn(await mailTo(graph, one.email, 'Confirm')),
    tokenIn(await mailTo(graph, two.email, 'Confirm')),
  ];
  const answers = await Promise.all(tokens.map(verify));
  const codes = answers.map(({ userErrors }) => userErrors[0]?.code ?? 'done');
  expect(codes.sort()).toEqual(['CONFLICT', 'done']);
  expect(
    await graph.rows(
      sql`select 1 from "user" where email_folded = 'shared@example.org' and email_verified_at is not null`,
    ),
  ).toHaveLength(1);
});

test('the mail comes again for whoever waits, and for nobody else, with one answer for all', async () => {
  const waiting = await anUnverifiedPerson(graph, 'waiting');
  const first = await mailTo(graph, waiting.email, 'Confirm');
  const done = await aPerson(graph, 'done');
  const same = { resendVerification: { userErrors: [] } };
  for (const name of ['WAITING', 'done', 'nobody-at-all', '', '\u0000', 'x'.repeat(100_000), waiting.email]) {
    expect(await resend(name)).toEqual(same);
  }
  const again = async () => (await mailsTo(graph, waiting.email)).filter(({ subject }) => subject.includes('Confirm'));
  while ((await again()).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  const [, second] = await again();
  expect((await verify(tokenIn(first))).userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect((await verify(tokenIn(second ?? first))).userErrors).toEqual([]);
  const left = () =>
    graph.rows(sql`select 1 from mail where effect_key like 'verification-again:%' and state = 'waiting'`);
  while ((await left()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await again()).toHaveLength(2);
  expect(
    (await mailsTo(graph, done.email)).filter(({ text }) => tokenIn({ text } as never) !== '').length,
  ).toBeLessThanOrEqual(1);
});

test('who never confirms goes after a week, and the username is free again; who has confirmed stays', async () => {
  const [late, early, safe] = [
    await anUnverifiedPerson(graph, 'latecomer'),
    await anUnverifiedPerson(graph, 'early'),
    await aPerson(graph, 'safe'),
  ];
  await graph.rows(sql`
    update "user" set joined_at = now() - interval '7 days 1 minute' where id in (${toUuid(late.userId)}, ${toUuid(safe.userId)})`);
  await accountTidy.run(graph.running().contextFor(systemViewer), {});
  expect((await signIn(graph, 'latecomer')).userErrors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  expect((await signIn(graph, 'early')).userErrors).toEqual([]);
  expect((await signIn(graph, 'safe')).userErrors).toEqual([]);
  expect(await graph.rows(sql`select 1 from outbox where type = 'user.deleted'`)).toEqual([]);
  expect((await anUnverifiedPerson(graph, 'latecomer')).userId).not.toBe(late.userId);
  expect(early.userId).not.toBe('');
});

test('where they were let write, others hear that they are gone', async () => {
  const { userId } = await anUnverifiedPerson(lenient, 'writer');
  await lenient.rows(sql`update "user" set joined_at = now() - interval '8 days'`);
  await accountTidy.run(lenient.running().contextFor(systemViewer), {});
  expect(await lenient.rows(sql`select aggregate_id as id from outbox where type = 'user.deleted'`)).toEqual([
    { id: userId },
  ]);
});

test('whom they were let follow has one follower less', async () => {
  const [followed, gone, stays] = [
    await aPerson(lenient),
    await anUnverifiedPerson(lenient),
    await anUnverifiedPerson(lenient),
  ];
  const follow = 'mutation ($id: ID!) { followUser(input: { userId: $id }) { userErrors { code } } }';
  for (const one of [gone, stays]) await lenient.as(one).data(follow, { id: followed.userId });
  await lenient.rows(sql`update "user" set joined_at = now() - interval '8 days' where id = ${toUuid(gone.userId)}`);
  await accountTidy.run(lenient.running().contextFor(systemViewer), {});
  const [row] = await lenient.rows(sql`
    select followers_count as counted, (select count(*) from follow where followed_id = u.id) as are
    from "user" u where id = ${toUuid(followed.userId)}`);
  expect(row).toEqual({ counted: 1, are: 1 });
});

test('whether somebody may write yet is the session check’s to say, by the setting', async () => {
  for (const [on, expected] of [
    [graph, true],
    [lenient, false],
  ] as const) {
    const { username } = await anUnverifiedPerson(on);
    const { refreshToken } = await signIn(on, username);
    const query = 'query ($id: ID!) { sessionState(id: $id) { isUnverified } }';
    const id = String(refreshToken).split('.')[0];
    expect(await on.as(gatewayViewer).data(query, { id })).toEqual({ sessionState: { isUnverified: expected } });
  }
});

test('a picture is an upload’s id; null takes it away, and what is left out stays', async () => {
  const person = await aPerson(graph);
  const update = async (input: object) =>
    (
      await graph
        .as(person)
        .data<{ updateProfile: object }>(
          'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { avatarId isEmailVerified } userErrors { field code } } }',
          { input },
        )
    ).updateProfile;
  const avatarId = newId('media');
  const shown = (id: string | null) => ({ user: { avatarId: id, isEmailVerified: true }, userErrors: [] });
  expect(await update({ avatarId })).toEqual(shown(avatarId));
  expect(await update({ bio: 'x' })).toEqual(shown(avatarId));
  const refused = (code: string) => ({ user: null, userErrors: [{ field: ['avatarId'], code }] });
  expect(await update({ avatarId: newId('post') })).toEqual(refused('WRONG_ID_TYPE'));
  expect(await update({ avatarId: 'https://evil.example/x.svg' })).toEqual(refused('INVALID_ID'));
  expect(await update({ avatarId: null })).toEqual(shown(null));
});

test('what is for demo content is the gateway’s to ask, and nobody is mailed', async () => {
  const query = 'mutation ($input: RegisterInput!) { registerVerified(input: $input) { userId userErrors { code } } }';
  const input = { username: 'demo-person', email: 'demo@example.org', password: PASSWORD };
  for (const asking of [graph.anonymously, graph.as({ ...(await aPerson(graph)), role: 'admin' })]) {
    expect((await asking.run(query, { input })).data?.['registerVerified'] ?? null).toBeNull();
  }
  await graph.as(gatewayViewer).data(query, { input });
  expect((await signIn(graph, 'demo@example.org')).user?.username).toBe('demo-person');
  expect(await mailsTo(graph, 'demo@example.org')).toEqual([]);
});
