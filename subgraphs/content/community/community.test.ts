import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { cursorOf } from 'kit/page';
import { testSubgraph } from 'kit/testing/subgraph';
import { content } from '../subgraph.ts';
import {
  act,
  ADD_MEMBER,
  aCommunity,
  aPerson,
  codeOf,
  complaints,
  CREATE_COMMUNITY,
  eventsAbout,
  JOIN_COMMUNITY,
  LEAVE_COMMUNITY,
  REMOVE_MEMBER,
} from '../testing.ts';

const graph = testSubgraph(content);
const byName = 'query ($name: String!) { community(name: $name) { id name viewerRole owner { id } } }';

test('whoever makes a community owns it and is its first member', async () => {
  const owner = aPerson();
  const { community } = await act(graph, owner, CREATE_COMMUNITY, {
    name: 'Gardening',
    description: 'plants\nand soil',
    rules: 'be kind',
  });
  expect(community).toMatchObject({
    name: 'Gardening',
    description: 'plants\nand soil',
    isPrivate: false,
    membersCount: 1,
    viewerRole: 'owner',
  });
  const expected = { id: community?.id, name: 'Gardening', owner: { id: owner.userId } };
  expect(await graph.anonymously.data(byName, { name: 'gArDeNiNg' })).toEqual({
    community: { ...expected, viewerRole: null },
  });
  expect(await graph.anonymously.data(byName, { name: 'ｇardening' })).toEqual({
    community: { ...expected, viewerRole: null },
  });
  expect(await graph.anonymously.data(byName, { name: 'none' })).toEqual({ community: null });
});

test.each(['cooking', 'COOKING', 'ｃooking'])(
  'a name that is taken is a conflict whatever its case and width: %s',
  async (name) => {
    await act(graph, aPerson(), CREATE_COMMUNITY, { name: 'Cooking' });
    expect(complaints(await act(graph, aPerson(), CREATE_COMMUNITY, { name }))).toEqual(['name: CONFLICT']);
  },
);

test('of ten who want one name at once one gets it', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => act(graph, aPerson(), CREATE_COMMUNITY, { name: 'wanted' })),
  );
  expect(answers.filter((answer) => answer.userErrors.length === 0)).toHaveLength(1);
  expect(answers.flatMap(complaints)).toEqual(Array.from({ length: 9 }, () => 'name: CONFLICT'));
  expect(
    await graph.rows(
      sql`select 1 from community_member m left join community c on c.id = m.community_id where c.id is null`,
    ),
  ).toEqual([]);
});

test.each([
  ['an empty name', { name: '' }, 'name'],
  ['two letters', { name: 'ab' }, 'name'],
  ['51 letters', { name: 'x'.repeat(51) }, 'name'],
  ['a huge name', { name: 'x'.repeat(1_000_000) }, 'name'],
  ['a space', { name: 'two words' }, 'name'],
  ['a hyphen at the end', { name: 'name-' }, 'name'],
  ['a slash', { name: 'a/b/c' }, 'name'],
  ['a control character', { name: 'abc\u0007' }, 'name'],
  ['NUL', { name: 'ab\0c' }, 'name'],
  ['half a character', { name: 'abc\ud800' }, 'name'],
  ['a long description', { name: 'fine', description: 'x'.repeat(2001) }, 'description'],
  ['a description with NUL', { name: 'fine', description: 'a\0b' }, 'description'],
  ['long rules', { name: 'fine', rules: 'x'.repeat(10_001) }, 'rules'],
])('%s is refused and names the field', async (_, input, field) => {
  const errors = complaints(await act(graph, aPerson(), CREATE_COMMUNITY, input));
  expect(new Set(errors)).toEqual(new Set([`${field}: BAD_USER_INPUT`]));
});

test('joining twice is joining once, and leaving takes it back; each is one event', async () => {
  const [owner, person] = [aPerson(), aPerson()];
  const { id, name } = await aCommunity(graph, owner);
  const input = { communityId: id };
  for (let n = 0; n < 2; n++) {
    expect((await act(graph, person, JOIN_COMMUNITY, input)).community).toMatchObject({
      membersCount: 2,
      viewerRole: 'member',
    });
  }
  for (let n = 0; n < 2; n++) {
    expect((await act(graph, person, LEAVE_COMMUNITY, input)).community).toMatchObject({
      membersCount: 1,
      viewerRole: null,
    });
  }
  const joined = (userId: string, role: string) => ({
    type: 'member.joined',
    actorId: userId,
    payload: { communityId: id, userId, role },
  });
  expect(await eventsAbout(graph, id)).toEqual([
    {
      type: 'community.saved',
      actorId: owner.userId,
      payload: { communityId: id, name, description: '', isPrivate: false, ownerId: owner.userId },
    },
    joined(owner.userId, 'owner'),
    joined(person.userId, 'member'),
    { type: 'member.left', actorId: person.userId, payload: { communityId: id, userId: person.userId } },
  ]);
});

test('the owner neither leaves nor is removed, and keeps their role', async () => {
  const [owner, moderator] = [aPerson(), aPerson()];
  const { id: communityId } = await aCommunity(graph, owner);
  await act(graph, owner, ADD_MEMBER, { communityId, userId: moderator.userId, role: 'moderator' });
  expect(complaints(await act(graph, owner, LEAVE_COMMUNITY, { communityId }))).toEqual(['communityId: CONFLICT']);
  for (const viewer of [moderator, aPerson('admin')]) {
    expect(complaints(await act(graph, viewer, REMOVE_MEMBER, { communityId, userId: owner.userId }))).toEqual([
      'userId: CONFLICT',
    ]);
  }
  for (const role of ['member', 'moderator'])
    await act(graph, moderator, ADD_MEMBER, { communityId, userId: owner.userId, role });
  await act(graph, owner, JOIN_COMMUNITY, { communityId });
  const [row] = await graph.rows(sql`select role from community_member where user_id = ${toUuid(owner.userId)}`);
  expect(row).toEqual({ role: 'owner' });
});

test('moderators and administrators add, promote and remove people; members and strangers do not', async () => {
  const [owner, moderator, member, person] = [aPerson(), aPerson(), aPerson(), aPerson()];
  const { id: communityId } = await aCommunity(graph, owner);
  const roleOf = async () => (await graph.as(person).entity('Community', communityId, 'viewerRole'))?.['viewerRole'];
  await act(graph, owner, ADD_MEMBER, { communityId, userId: moderator.userId, role: 'moderator' });
  await act(graph, owner, ADD_MEMBER, { communityId, userId: member.userId });
  for (const viewer of [member, aPerson(), aPerson('moderator')]) {
    for (const mutation of [ADD_MEMBER, REMOVE_MEMBER]) {
      expect(codeOf(await graph.as(viewer).run(mutation, { input: { communityId, userId: person.userId } }))).toBe(
        'FORBIDDEN',
      );
    }
  }
  for (const viewer of [owner, moderator, aPerson('admin')]) {
    await act(graph, viewer, ADD_MEMBER, { communityId, userId: person.userId });
    expect(await roleOf()).toBe('member');
    await act(graph, viewer, ADD_MEMBER, { communityId, userId: person.userId, role: 'moderator' });
    expect(await roleOf()).toBe('moderator');
    const { community } = await act(graph, viewer, REMOVE_MEMBER, { communityId, userId: person.userId });
    expect(community?.membersCount).toBe(3);
    expect(await roleOf()).toBeNull();
  }
});

test('a private community cannot be joined, left or changed by those for whom it does not exist', async () => {
  const [owner, person] = [aPerson(), aPerson()];
  const { id: communityId, name } = await aCommunity(graph, owner, { isPrivate: true });
  for (const mutation of [JOIN_COMMUNITY, LEAVE_COMMUNITY]) {
    expect(complaints(await act(graph, person, mutation, { communityId }))).toEqual(['communityId: NOT_FOUND']);
  }
  for (const mutation of [ADD_MEMBER, REMOVE_MEMBER]) {
    expect(complaints(await act(graph, person, mutation, { communityId, userId: person.userId }))).toEqual([
      'communityId: NOT_FOUND',
    ]);
  }
  await act(graph, owner, ADD_MEMBER, { communityId, userId: person.userId });
  expect(await graph.as(person).data(byName, { name })).toMatchObject({
    community: { id: communityId, viewerRole: 'member' },
  });
  expect(await act(graph, person, LEAVE_COMMUNITY, { communityId })).toEqual({ community: null, userErrors: [] });
  expect(await graph.as(person).data(byName, { name })).toEqual({ community: null });
});

test.each([JOIN_COMMUNITY, LEAVE_COMMUNITY])('an id that names no community is told apart: %s', async (mutation) => {
  const of = (communityId: string) => act(graph, aPerson(), mutation, { communityId });
  expect(complaints(await of(newId('community')))).toEqual(['communityId: NOT_FOUND']);
  expect(complaints(await of(newId('post')))).toEqual(['communityId: WRONG_ID_TYPE']);
  expect(complaints(await of(''))).toEqual(['communityId: INVALID_ID']);
});

test('a person who is none is told apart', async () => {
  const owner = aPerson();
  const { id: communityId } = await aCommunity(graph, owner);
  for (const mutation of [ADD_MEMBER, REMOVE_MEMBER]) {
    expect(complaints(await act(graph, owner, mutation, { communityId, userId: newId('post') }))).toEqual([
      'userId: WRONG_ID_TYPE',
    ]);
    expect(complaints(await act(graph, owner, mutation, { communityId, userId: 'x' }))).toEqual(['userId: INVALID_ID']);
  }
});

test('a crowd that comes and goes at once leaves counts that equal the rows', async () => {
  const owner = aPerson();
  const { id: communityId } = await aCommunity(graph, owner);
  const crowd = Array.from({ length: 12 }, () => aPerson());
  const acts = crowd.flatMap((person) =>
    [JOIN_COMMUNITY, LEAVE_COMMUNITY, JOIN_COMMUNITY].map((mutation) => ({ person, mutation })),
  );
  await Promise.all(acts.map(({ person, mutation }) => act(graph, person, mutation, { communityId })));
  const [row] = await graph.rows<{ counted: number; rows: number; joined: number }>(sql`
    select members_count as counted, (select count(*) from community_member where community_id = c.id) as rows,
      (select count(*) filter (where type = 'member.joined') - count(*) filter (where type = 'member.left')
       from outbox where aggregate_id = ${communityId}) as joined
    from community c where id = ${toUuid(communityId)}`);
  expect(row?.counted).toBe(row?.rows);
  expect(row?.joined).toBe(row?.rows);
});

test('nobody makes or joins a community unsigned', async () => {
  expect(codeOf(await graph.anonymously.run(CREATE_COMMUNITY, { input: { name: 'unsigned' } }))).toBe(
    'UNAUTHENTICATED',
  );
  expect(codeOf(await graph.anonymously.run(JOIN_COMMUNITY, { input: { communityId: newId('community') } }))).toBe(
    'UNAUTHENTICATED',
  );
});

test('communities and members are paged both ways', async () => {
  const owner = aPerson();
  const { id, name } = await aCommunity(graph, owner);
  for (let n = 0; n < 4; n++) await act(graph, aPerson(), JOIN_COMMUNITY, { communityId: id });
  const members = `query ($name: String!, $first: Int, $after: String, $last: Int, $before: String) { community(name: $name) {
    list: members(first: $first, after: $after, last: $last, before: $before) {
      edges { node { user { id } role joinedAt } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }`;
  interface Members {
    community: {
      list: {
        edges: { node: { user: { id: string } } }[];
        pageInfo: { startCursor: string; endCursor: string; hasNextPage: boolean };
      };
    };
  }
  const page = async (args: object) => {
    const { community } = await graph.anonymously.data<Members>(members, { name, ...args });
    return { ids: community.list.edges.map((edge) => edge.node.user.id), ...community.list.pageInfo };
  };
  const all = (await page({ first: 100 })).ids;
  expect(all).toHaveLength(5);
  const first = await page({ first: 3 });
  const second = await page({ first: 3, after: first.endCursor });
  expect([...first.ids, ...second.ids]).toEqual(all);
  expect(second.hasNextPage).toBe(false);
  expect((await page({ last: 2 })).ids).toEqual(all.slice(3));
  expect((await page({ last: 3, before: second.startCursor })).ids).toEqual(first.ids);
});

test.each([
  [
    'communities',
    (after: string) => ({ query: `query ($after: String) { communities(after: $after) { edges { cursor } } }`, after }),
  ],
  [
    'members',
    (after: string) => ({
      query: `query ($after: String) { community(name: "Paging") { members(after: $after) { edges { cursor } } } }`,
      after,
    }),
  ],
])('another list’s cursor is refused in %s', async (_, of) => {
  await act(graph, aPerson(), CREATE_COMMUNITY, { name: 'Paging' });
  for (const cursor of [
    'x',
    cursorOf('posts', [newId('post')]),
    cursorOf('communities', ['\0']),
    cursorOf('communities', [5]),
  ]) {
    const { query, after } = of(cursor);
    expect(codeOf(await graph.anonymously.run(query, { after }))).toBe('INVALID_CURSOR');
  }
});

test('a name with NUL is bad input', async () => {
  expect(codeOf(await graph.anonymously.run(byName, { name: 'a\0b' }))).toBe('BAD_USER_INPUT');
});

test('a page of communities costs as many statements whatever its length', async () => {
  const viewer = aPerson();
  await Promise.all(Array.from({ length: 20 }, () => aCommunity(graph, viewer)));
  const query =
    'query ($first: Int) { communities(first: $first) { edges { node { id name viewerRole owner { id } members(first: 2) { edges { node { role } } } } } } }';
  expect(await graph.as(viewer).queriesOf(query, { first: 1 })).toBe(3);
  expect(await graph.as(viewer).queriesOf(query, { first: 100 })).toBe(3);
});
