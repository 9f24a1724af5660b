import { once } from 'node:events';
import { content } from 'subgraphs/content/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { WebSocket } from 'ws';
import { openDoor, type Door } from '../setup/doors.ts';

const people = testSubgraph(users);
const posts = testSubgraph(content);
let doors: readonly [Door, Door];
beforeAll(async () => {
  const open = () => openDoor({ users: people, content: posts });
  doors = [await open(), await open()];
}, 60_000);
afterAll(async () => {
  await Promise.all(doors.map((door) => door.stop()));
});

const PROMISED_MS = 1000;
const SUBSCRIPTION = 'subscription Changed($id: ID!) { postChanged(id: $id) { id title } }';

interface SignedIn {
  readonly userId: string;
  readonly username: string;
  readonly token: string;
}

async function signIn(username: string): Promise<string> {
  const body = { identifier: username, password: PASSWORD };
  return ((await doors[0].ask('POST', '/api/v1/auth/login', { body })).json as { accessToken: string }).accessToken;
}

async function signedIn(): Promise<SignedIn> {
  const { userId, username } = await aPerson(people);
  return { userId, username, token: await signIn(username) };
}

/** A draft of one's own: something to follow that only its author may. */
async function aDraft({ token }: SignedIn): Promise<string> {
  const query = `mutation Draft($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { code } } }`;
  const input = { title: 'A draft', markdown: 'Not yet.', tags: ['stories'] };
  const id = await until('a draft', async () => {
    const { json } = await doors[0].graphql(query, { input }, { token });
    return (json as { data?: { createPost?: { post?: { id: string } } } }).data?.createPost?.post?.id;
  });
  return id;
}

/** A socket that follows a post; resolves once the subscription runs, with what tells when it is closed. */
async function follow(door: Door, { token }: SignedIn, id: string): Promise<{ readonly closed: Promise<number> }> {
  const socket = new WebSocket(door.url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  const [acknowledged] = (await once(socket, 'message')) as [Buffer];
  expect(String(acknowledged)).toContain('connection_ack');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: SUBSCRIPTION, variables: { id } } }));
  return { closed: once(socket, 'close').then(([code]) => code as number) };
}

/** The same over SSE; resolves with what tells that the stream has ended. */
async function stream(door: Door, { token }: SignedIn, id: string): Promise<{ readonly ended: Promise<string> }> {
  const response = await fetch(door.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: SUBSCRIPTION, variables: { id } }),
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  return { ended: response.text().catch(() => 'cut off') };
}

const isLetIn = async (door: Door, { token }: SignedIn): Promise<boolean> =>
  (await door.graphql('{ viewer { id } }', {}, { token })).status === 200;
const isLetInByRest = async (door: Door, { token, userId }: SignedIn): Promise<boolean> =>
  (await door.ask('PUT', `/api/v1/users/${userId}`, { body: {}, token })).status === 200;

/** How long a door went on saying yes. */
async function millisecondsUntilShut(isOpen: () => Promise<boolean>, since: number): Promise<number> {
  while (await isOpen()) {
    if (performance.now() - since > 5 * PROMISED_MS) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - since;
}

const ENDINGS: readonly (readonly [name: string, end: (person: SignedIn) => Promise<unknown>])[] = [
  ['a sign-out', ({ token }) => doors[0].graphql('mutation { logout { userErrors { code } } }', {}, { token })],
  [
    'the end of the session from another device',
    async ({ username }) => {
      const token = await signIn(username);
      const since = performance.now();
      await doors[0].graphql('mutation { logoutEverywhere { userErrors { code } } }', {}, { token });
      return since;
    },
  ],
  [
    'a change of the password from another device',
    async ({ username }) => {
      const token = await signIn(username);
      const query = `mutation Change($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
      const input = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
      const { json } = await doors[0].graphql(query, { input }, { token });
      expect(json).toEqual({ data: { changePassword: { userErrors: [] } } });
    },
  ],
];

test.each(ENDINGS)(
  '%s is seen at every door of two gateways within a second',
  async (_, end) => {
    const [person, bystander] = [await signedIn(), await signedIn()];
    const [id, other] = [await aDraft(person), await aDraft(bystander)];
    const sockets = await Promise.all(doors.map((door) => follow(door, person, id)));
    const streams = await Promise.all(doors.map((door) => stream(door, person, id)));
    const untouched = await Promise.all(doors.map((door) => follow(door, bystander, other)));
    // Each gateway has just found the session alive, and remembers it.
    for (const door of doors)
      expect([await isLetIn(door, person), await isLetInByRest(door, person)]).toEqual([true, true]);

    await end(person);
    // What has been answered is done: from here on a second is promised.
    const since = performance.now();
    const elapsed = await Promise.all([
      ...doors.map((door) => millisecondsUntilShut(() => isLetIn(door, person), since)),
      ...doors.map((door) => millisecondsUntilShut(() => isLetInByRest(door, person), since)),
      ...sockets.map(({ closed }) => closed.then(() => performance.now() - since)),
      ...streams.map(({ ended }) => ended.then(() => performance.now() - since)),
    ]);
    expect(elapsed).toHaveLength(8);
    for (const milliseconds of elapsed) expect(milliseconds).toBeLessThan(PROMISED_MS);
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4403, 4403]);
    // Nobody else has lost anything.
    const still = await Promise.race([
      ...untouched.map(({ closed }) => closed),
      new Promise((resolve) => setTimeout(resolve, 300, 'open')),
    ]);
    expect(still).toBe('open');
    for (const door of doors) expect(await isLetIn(door, bystander)).toBe(true);
  },
  30_000,
);
