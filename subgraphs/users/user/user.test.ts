import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer, userViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';

const graph = testSubgraph(users);
const code = ({ errors }: { errors?: readonly { extensions?: Readonly<Record<string, unknown>> }[] }) =>
  errors?.[0]?.extensions?.['code'];

test('a person is found by id, and by username in any case', async () => {
  const { userId, username } = await aPerson(graph, 'Margaret');
  const query = 'query ($id: ID, $username: String) { user(id: $id, username: $username) { id username } }';
  const expected = { user: { id: userId, username } };
  expect(await graph.anonymously.data(query, { id: userId })).toEqual(expected);
  expect(await graph.anonymously.data(query, { username: 'MARGARET' })).toEqual(expected);
  expect(await graph.anonymously.data(query, { username: 'nobody' })).toEqual({ user: null });
});

test.each([
  ['neither', '{ user { id } }', 'BAD_USER_INPUT'],
  ['both', '{ user(id: "user_01h2xcejqtf2nbrexx3vqjhp41", username: "x") { id } }', 'BAD_USER_INPUT'],
  ['no id', '{ user(id: "x") { id } }', 'INVALID_ID'],
  ['an empty id', '{ user(id: "") { id } }', 'INVALID_ID'],
  ['a huge id', `{ user(id: "${'x'.repeat(10_000)}") { id } }`, 'INVALID_ID'],
  ['the id of a post', '{ user(id: "post_01h2xcejqtf2nbrexx3vqjhp41") { id } }', 'WRONG_ID_TYPE'],
  ['no page', '{ users(first: 0) { edges { cursor } } }', 'PAGE_SIZE_OUT_OF_RANGE'],
  ['a negative page', '{ users(first: -1) { edges { cursor } } }', 'PAGE_SIZE_OUT_OF_RANGE'],
  ['a huge page', '{ users(first: 1000000000) { edges { cursor } } }', 'PAGE_SIZE_OUT_OF_RANGE'],
  ['first and last', '{ users(first: 1, last: 1) { edges { cursor } } }', 'BAD_USER_INPUT'],
  ['first and before', '{ users(first: 1, before: "x") { edges { cursor } } }', 'BAD_USER_INPUT'],
  ['no cursor', '{ users(after: "x") { edges { cursor } } }', 'INVALID_CURSOR'],
  [
    'another list’s cursor',
    `{ users(after: "${Buffer.from('["posts","x"]').toString('base64url')}") { edges { cursor } } }`,
    'INVALID_CURSOR',
  ],
])('%s is refused with its code', async (_, query, expected) => {
  expect(code(await graph.anonymously.run(query))).toBe(expected);
});

test('people are paged both ways without a gap or a repeat while others join', async () => {
  for (let n = 0; n < 5; n++) await aPerson(graph);
  const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
    users(first: $first, after: $after, last: $last, before: $before) {
      edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  interface Page {
    users: {
      edges: { node: { id: string } }[];
      pageInfo: { hasNextPage: boolean; startCursor: string; endCursor: string };
    };
  }
  const ids = ({ users: page }: Page) => page.edges.map((edge) => edge.node.id);
  const all = ids(await graph.anonymously.data<Page>(query, { first: 100 }));
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more;) {
    const page: Page = await graph.anonymously.data<Page>(query, { first: 2, after });
    seen.push(...ids(page));
    if (seen.length === 2) await aPerson(graph);
    ({ endCursor: after, hasNextPage: more } = page.users.pageInfo as { endCursor: string; hasNextPage: boolean });
  }
  expect(seen).toEqual(all);
  const lastTwo = await graph.anonymously.data<Page>(query, { last: 2 });
  expect(ids(lastTwo)).toEqual(all.slice(-2));
  expect(
    ids(await graph.anonymously.data<Page>(query, { last: 2, before: lastTwo.users.pageInfo.startCursor })),
  ).toEqual(all.slice(-4, -2));
});

test('the address is shown to the person and to administrators, by every door', async () => {
  const owner = await aPerson(graph);
  const email = `${owner.username}@example.org`;
  for (const [viewer, expected] of [
    [owner, email],
    [userViewer(newId('user'), 'admin'), email],
    [userViewer(newId('user')), null],
  ] as const) {
    const asking = graph.as(viewer);
    expect(await asking.data('query ($id: ID) { user(id: $id) { email } }', { id: owner.userId })).toEqual({
      user: { email: expected },
    });
    expect(await asking.entity('User', owner.userId, 'email')).toEqual({ email: expected });
  }
  expect(await graph.anonymously.entity('User', owner.userId, 'email')).toEqual({ email: null });
});

test('a profile is changed by its person, and its event carries all that is public', async () => {
  const person = await aPerson(graph);
  const update =
    'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { name bio } userErrors { field code } } }';
  expect(await graph.as(person).data(update, { input: { name: '  Zoë  ', bio: 'line\nline' } })).toEqual({
    updateProfile: { user: { name: 'Zoë', bio: 'line\nline' }, userErrors: [] },
  });
  expect(await graph.as(person).data(update, { input: { name: '', bio: 'x'.repeat(1001) } })).toMatchObject({
    updateProfile: {
      user: null,
      userErrors: [
        { field: ['name'], code: 'BAD_USER_INPUT' },
        { field: ['bio'], code: 'BAD_USER_INPUT' },
      ],
    },
  });
  expect(code(await graph.anonymously.run(update, { input: {} }))).toBe('UNAUTHENTICATED');
});

test('fields a client has no business setting cannot be set', async () => {
  const person = await aPerson(graph);
  const { errors } = await graph
    .as(person)
    .run('mutation { updateProfile(input: { role: "admin" }) { userErrors { code } } }');
  expect(errors?.[0]?.message).toContain('"role" is not defined');
});

test('twenty people cost as many statements as one', async () => {
  const viewer = await aPerson(graph);
  const query =
    'query ($first: Int) { users(first: $first) { edges { node { id name isFollowedByViewer followersCount } } } }';
  expect(await graph.as(viewer).queriesOf(query, { first: 1 })).toBe(2);
  expect(await graph.as(viewer).queriesOf(query, { first: 100 })).toBe(2);
});

test('a node is resolved by its kind; what is foreign is left to its owner', async () => {
  const { userId } = await aPerson(graph);
  const query = 'query ($id: ID!) { node(id: $id) { __typename nodeId } }';
  expect(await graph.anonymously.data(query, { id: userId })).toEqual({ node: { __typename: 'User', nodeId: userId } });
  expect(await graph.anonymously.data(query, { id: newId('user') })).toEqual({ node: null });
  const post = newId('post');
  expect(await graph.anonymously.data(query, { id: post })).toEqual({ node: { __typename: 'Post', nodeId: post } });
  expect(await graph.anonymously.data(query, { id: newId('session') })).toEqual({ node: null });
  expect(code(await graph.anonymously.run(query, { id: 'nonsense' }))).toBe('INVALID_ID');
  const many = { ids: Array.from({ length: 101 }, () => userId) };
  expect(code(await graph.anonymously.run('query ($ids: [ID!]!) { nodes(ids: $ids) { nodeId } }', many))).toBe(
    'PAGE_SIZE_OUT_OF_RANGE',
  );
});

test('of two changes at once the last that is told of a person is what they are', async () => {
  const person = await aPerson(graph);
  const update = (input: object) =>
    graph
      .as(person)
      .data('mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code } } }', {
        input,
      });
  const isHeld = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  let changes: Promise<unknown>[] = [];
  await graph
    .running()
    .contextFor(systemViewer)
    .change(async (tx) => {
      await tx.rows(sql`select 1 from "user" where id = ${toUuid(person.userId)} for update`);
      changes = [update({ name: 'Another name' }), update({ bio: 'Another text' })];
      await until('both changes to wait', async () => (await graph.rows(isHeld)).length === 2);
    });
  await Promise.all(changes);
  const told = await graph.rows<{ payload: object }>(sql`
    select payload from outbox where type = 'user.saved' and aggregate_id = ${person.userId} order by position`);
  expect(told.at(-1)?.payload).toMatchObject({ name: 'Another name', bio: 'Another text' });
});
