import { content } from 'subgraphs/content/subgraph';
import { aPersonOfRole, SET_ROLE, SUSPEND } from 'subgraphs/users/role/role.testing';
import { users } from 'subgraphs/users/subgraph';
import { anUnverifiedPerson, aPerson, PASSWORD } from 'subgraphs/users/testing';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { openDoor, type Door } from '../setup/doors.ts';
import { lastSeen, startSecondBeside } from '../setup/second.ts';
import { followBySocket, followByStream, type LiveAnswer } from './live.testing.ts';

/** Whoever loses a role keeps their session: what they may do ends in the middle of it, at doors that stay open. */

const people = testSubgraph(users);
const posts = testSubgraph(content);
let doors: readonly [Door, Door];
let head: string;
beforeAll(async () => {
  const open = () => openDoor({ users: people, content: posts });
  doors = [await open(), await open()];
  head = (await someOf('admin')).token;
});
afterAll(async () => {
  await Promise.all(doors.map((door) => door.stop()));
});

interface Someone {
  readonly userId: string;
  readonly token: string;
}

async function signedIn(username: string): Promise<string> {
  const body = { identifier: username, password: PASSWORD };
  return ((await doors[0].ask('POST', '/api/v1/auth/login', { body })).json as { accessToken: string }).accessToken;
}

async function someOf(role: string): Promise<Someone> {
  const { userId, username } = role === 'user' ? await aPerson(people) : await aPersonOfRole(people, role);
  return { userId, token: await signedIn(username) };
}

/** Runs a mutation and answers its payload, once it can be done: what content knows of people comes by event. */
function change<Payload>(token: string, field: string, input: object, selection: string): Promise<Payload> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation Change($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { code } } }`;
  return until(field, async () => {
    const { json } = await doors[0].graphql(query, { input }, { token });
    const payload = (json as { data?: Record<string, Payload & { userErrors: unknown[] }> }).data?.[field];
    return payload?.userErrors.length === 0 ? payload : null;
  });
}

const setRole = async (userId: string, role: string): Promise<void> => {
  const { json } = await doors[0].graphql(SET_ROLE, { input: { userId, role } }, { token: head });
  expect(json).toMatchObject({ data: { setUserRole: { user: { role }, userErrors: [] } } });
};

/** A promised second, beside which another one asks who they are. */
const startSecondOf = ({ token }: Someone) =>
  startSecondBeside(() => Promise.all(doors.map((door) => door.graphql('{ viewer { id } }', {}, { token }))));

/** A post in a private community, which administrators see too; and what changes it. */
async function aPrivatePost() {
  const { token } = await someOf('user');
  const name = `private-${crypto.randomUUID().slice(0, 8)}`;
  const { community } = await change<{ community: { id: string } }>(
    ...([token, 'createCommunity', { name, isPrivate: true }, 'community { id }'] as const),
  );
  const draft = { title: 'At first', markdown: 'Among us.', tags: ['stories'], communityId: community.id };
  const { post } = await change<{ post: { id: string } }>(token, 'createPost', draft, 'post { id }');
  let { version } = (
    await change<{ post: { version: number } }>(token, 'publishPost', { id: post.id }, 'post { version }')
  ).post;
  const rename = async (title: string): Promise<void> => {
    const input = { id: post.id, version, title };
    version = (await change<{ post: { version: number } }>(token, 'updatePost', input, 'post { version }')).post
      .version;
  };
  return { id: post.id, rename };
}

const FOLLOW = 'subscription Changed($id: ID!) { postUpdated(postId: $id) { title } }';
const titles = (heard: readonly LiveAnswer[]): unknown[] =>
  heard.flatMap(({ data }) => (data?.['postUpdated'] as { title: string } | null | undefined)?.title ?? []);

async function followEverywhere({ token }: Someone, id: string) {
  const sockets = await Promise.all(doors.map((door) => followBySocket(door, token, FOLLOW, { id })));
  const streams = await Promise.all(doors.map((door) => followByStream(door, token, FOLLOW, { id })));
  return { sockets, all: [...sockets, ...streams] };
}

test('an administrator who is none any more sees no more than others within a second, on connections that are open', async () => {
  const [demoted, other] = [await someOf('admin'), await someOf('admin')];
  const { userId: hidden } = await anUnverifiedPerson(people);
  const { id, rename } = await aPrivatePost();
  const [followed, untouched] = [await followEverywhere(demoted, id), await followEverywhere(other, id)];
  await new Promise((resolve) => setTimeout(resolve, 200));
  await rename('As seen by both');
  await until('the change at every door', () =>
    [...followed.all, ...untouched.all].every(({ heard }) => titles(heard).length > 0),
  );

  const query = 'query Hidden($id: ID!) { user(id: $id) { username } }';
  const isUser = (answer: unknown): boolean => (answer as LiveAnswer).data?.['user'] != null;
  const probesOf = ({ token }: Someone, { sockets }: typeof followed) => [
    ...doors.map((door) => async () => isUser((await door.graphql(query, { id: hidden }, { token })).json)),
    ...doors.map((door) => async () => (await door.ask('GET', `/api/v1/users/${hidden}`, { token })).status === 200),
    ...sockets.map((socket) => async () => isUser(await socket.ask(query, { id: hidden }))),
    ...doors.map((door) => async () => {
      const accept = { accept: 'text/event-stream' };
      return (await door.graphql(query, { id: hidden }, { token, headers: accept })).text.includes('"username":"');
    }),
  ];
  const probes = probesOf(demoted, followed);
  expect(await Promise.all(probes.map((isSeen) => isSeen()))).toEqual(Array(8).fill(true));

  await setRole(demoted.userId, 'user');
  const [since, second] = [performance.now(), startSecondOf(other)];
  const last = await Promise.all(probes.map((isSeen) => lastSeen(isSeen, since)));
  expect(Math.max(...last)).toBeLessThan(await second());

  await rename('As seen by one');
  await until('the change at the other’s doors', () =>
    untouched.all.every(({ heard }) => titles(heard).includes('As seen by one')),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const { heard } of followed.all) expect(titles(heard)).toEqual(['As seen by both']);
  // Their session goes on: nothing but the role is lost, and by nobody else.
  for (const socket of followed.sockets)
    expect(await socket.ask('{ viewer { role } }')).toMatchObject({ data: { viewer: { role: 'user' } } });
  const others = await Promise.all(probesOf(other, untouched).map((isSeen) => isSeen()));
  expect(others).toEqual(Array(8).fill(true));
  for (const { close } of [...followed.all, ...untouched.all]) close();
});

test('a moderator who is none any more moderates nobody within a second, over a socket that is open', async () => {
  const [demoted, other] = [await someOf('moderator'), await someOf('moderator')];
  const { userId: suspended } = await aPerson(people);
  const { id } = await aPrivatePost();
  const [sockets, others] = await Promise.all(
    [demoted, other].map(({ token }) => Promise.all(doors.map((door) => followBySocket(door, token, FOLLOW, { id })))),
  );
  const suspend = { input: { userId: suspended, reason: 'a test' } };
  for (const socket of sockets ?? [])
    expect(await socket.ask(SUSPEND, suspend)).toMatchObject({ data: { suspendUser: { userErrors: [] } } });
  const query = 'query Why($id: ID!) { user(id: $id) { suspension { reason } } }';
  const isTold = ({ data }: LiveAnswer): boolean =>
    (data?.['user'] as { suspension?: object | null } | null | undefined)?.suspension != null;
  const probes = (sockets ?? []).map((socket) => async () => isTold(await socket.ask(query, { id: suspended })));
  expect(await Promise.all(probes.map((isSeen) => isSeen()))).toEqual([true, true]);

  await setRole(demoted.userId, 'user');
  const [since, second] = [performance.now(), startSecondOf(other)];
  const last = await Promise.all(probes.map((isSeen) => lastSeen(isSeen, since)));
  expect(Math.max(...last)).toBeLessThan(await second());
  for (const socket of sockets ?? []) {
    const { data, errors = [] } = await socket.ask(SUSPEND, suspend);
    const { userErrors = [] } = (data?.['suspendUser'] ?? {}) as { userErrors?: { code: string }[] };
    expect([...userErrors.map(({ code }) => code), ...errors.map(({ extensions }) => extensions?.code)]).toEqual([
      'FORBIDDEN',
    ]);
  }
  for (const socket of others ?? []) {
    expect(isTold(await socket.ask(query, { id: suspended }))).toBe(true);
    expect(await socket.ask(SUSPEND, suspend)).toMatchObject({ data: { suspendUser: { userErrors: [] } } });
  }
  for (const { close } of [...(sockets ?? []), ...(others ?? [])]) close();
});
