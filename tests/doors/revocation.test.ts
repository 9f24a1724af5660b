import { isDeepStrictEqual } from 'node:util';
import { content } from 'subgraphs/content/subgraph';
import { aKey, REVOKE_KEY } from 'subgraphs/users/apikey/apikey.testing';
import { aPersonOfRole, SUSPEND } from 'subgraphs/users/role/role.testing';
import { users } from 'subgraphs/users/subgraph';
import { aPerson, PASSWORD } from 'subgraphs/users/testing';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { userViewer } from 'kit/viewer';
import { openDoor, type Door } from '../setup/doors.ts';
import { lastSeen, startSecondBeside } from '../setup/second.ts';
import { followBySocket, followByStream, type Followed, type LiveAnswer } from './live.testing.ts';

const people = testSubgraph(users);
const posts = testSubgraph(content);
let doors: readonly [Door, Door];
beforeAll(async () => {
  const open = () => openDoor({ users: people, content: posts });
  doors = [await open(), await open()];
});
afterAll(async () => {
  await Promise.all(doors.map((door) => door.stop()));
});

const SUBSCRIPTION = 'subscription Changed($id: ID!) { postUpdated(postId: $id) { id title } }';

interface SignedIn {
  readonly userId: string;
  readonly username: string;
  readonly token: string;
  readonly keyId?: string;
}

async function signIn(username: string): Promise<string> {
  const body = { identifier: username, password: PASSWORD };
  return ((await doors[0].ask('POST', '/api/v1/auth/login', { body })).json as { accessToken: string }).accessToken;
}

async function signedIn(): Promise<SignedIn> {
  const { userId, username } = await aPerson(people);
  return { userId, username, token: await signIn(username) };
}

const CREATE = `mutation Draft($input: CreatePostInput!) { createPost(input: $input) { post { id version } userErrors { code } } }`;
const CHANGE = `mutation Change($input: UpdatePostInput!) { updatePost(input: $input) { post { id } userErrors { code } } }`;

interface Draft {
  readonly id: string;
  readonly version: number;
}

/** A draft of one's own: something to follow that only its author may. */
function aDraft({ token }: SignedIn): Promise<Draft> {
  const input = { title: 'A draft', markdown: 'Not yet.', tags: ['stories'] };
  return until('a draft', async () => {
    const { json } = await doors[0].graphql(CREATE, { input }, { token });
    return (json as { data?: { createPost?: { post?: Draft } } }).data?.createPost?.post;
  });
}

/** Follows one's draft over WebSocket and SSE at both gateways; resolves once each of them has told of a change. */
async function follow({ token }: SignedIn, { id, version }: Draft) {
  const sockets = await Promise.all(doors.map((door) => followBySocket(door, token, SUBSCRIPTION, { id })));
  const streams = await Promise.all(doors.map((door) => followByStream(door, token, SUBSCRIPTION, { id })));
  // A subscription over a socket says nothing when it begins.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const input = { id, version, title: 'A changed draft' };
  expect((await doors[0].graphql(CHANGE, { input }, { token })).json).toMatchObject({
    data: { updatePost: { userErrors: [] } },
  });
  const all: readonly Followed[] = [...sockets, ...streams];
  // That the draft was made may be told first, where it is told late.
  const hasChanged = ({ data }: LiveAnswer): boolean =>
    isDeepStrictEqual(data?.['postUpdated'], { id, title: 'A changed draft' });
  await until('the change at every door', () => all.every(({ heard }) => heard.some(hasChanged)));
  expect(all.flatMap(({ heard }) => heard.flatMap(({ errors = [] }) => errors))).toEqual([]);
  return { sockets, streams, all };
}

const isLetIn = async (door: Door, { token }: SignedIn): Promise<boolean> =>
  (await door.graphql('{ viewer { id } }', {}, { token })).status === 200;
const isLetInByRest = async (door: Door, { token, userId }: SignedIn): Promise<boolean> =>
  (await door.ask('PUT', `/api/v1/users/${userId}`, { body: {}, token })).status === 200;

interface Ending {
  readonly name: string;
  /** What lets the person in; their session where it is not said. */
  readonly credentials?: (person: SignedIn) => Promise<SignedIn>;
  readonly end: (person: SignedIn) => Promise<unknown>;
}

/** Runs a mutation at the first gateway, and holds it to having been done. */
async function done(token: string, query: string, input: object): Promise<void> {
  const { json } = await doors[0].graphql(query, { input }, { token });
  expect(json).toMatchObject({ data: { [/\{\s*(\w+)/.exec(query)?.[1] ?? '']: { userErrors: [] } } });
}

/** A key of theirs in place of their session: `keyId` says which. */
const aKeyOf = async (person: SignedIn): Promise<SignedIn> => {
  const { id: keyId, secret } = await aKey(
    people,
    userViewer(person.userId),
    'users:read',
    'profile:write',
    'posts:write',
  );
  return { ...person, keyId, token: secret };
};

const suspended = async ({ userId }: SignedIn): Promise<void> => {
  const moderator = await aPersonOfRole(people, 'moderator');
  await done(await signIn(moderator.username), SUSPEND, { userId, reason: 'a test' });
};

const deleted = async ({ username }: SignedIn): Promise<void> => {
  const query = `mutation Delete($input: DeleteAccountInput!) { deleteAccount(input: $input) { userErrors { code } } }`;
  await done(await signIn(username), query, { mode: 'ANONYMISE', password: PASSWORD });
};

const ENDINGS: readonly Ending[] = [
  {
    name: 'a sign-out',
    end: ({ token }) => doors[0].graphql('mutation { logout { userErrors { code } } }', {}, { token }),
  },
  {
    name: 'the end of all sessions from another device',
    end: async ({ username }) => {
      const token = await signIn(username);
      await doors[0].graphql('mutation { logoutEverywhere { userErrors { code } } }', {}, { token });
    },
  },
  {
    name: 'a change of the password from another device',
    end: async ({ username }) => {
      const query = `mutation Change($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
      await done(await signIn(username), query, { currentPassword: PASSWORD, newPassword: 'another horse battery' });
    },
  },
  { name: 'a suspension', end: suspended },
  { name: 'a suspension, of whose key asks,', credentials: aKeyOf, end: suspended },
  { name: 'the end of the account', end: deleted },
  { name: 'the end of the account whose key asks', credentials: aKeyOf, end: deleted },
  {
    name: 'the end of an API key',
    credentials: aKeyOf,
    end: async ({ username, keyId }) => done(await signIn(username), REVOKE_KEY, { id: keyId }),
  },
];

test.each(ENDINGS)(
  '$name is seen at every door of two gateways within a second',
  async ({ credentials = (person) => Promise.resolve(person), end }) => {
    const [person, bystander] = [await credentials(await signedIn()), await credentials(await signedIn())];
    const followed = await follow(person, await aDraft(person));
    const untouched = await follow(bystander, await aDraft(bystander));
    // Each gateway has just found them let in, and remembers it.
    for (const door of doors)
      expect([await isLetIn(door, person), await isLetInByRest(door, person)]).toEqual([true, true]);

    await end(person);
    // What has been answered is done: from here on a second is promised.
    const since = performance.now();
    const second = startSecondBeside(() => Promise.all(doors.map((door) => isLetIn(door, bystander))));
    const elapsed = await Promise.all([
      ...doors.map((door) => lastSeen(() => isLetIn(door, person), since)),
      ...doors.map((door) => lastSeen(() => isLetInByRest(door, person), since)),
      ...followed.all.map(({ ended }) => ended.then(() => performance.now() - since)),
    ]);
    expect(elapsed).toHaveLength(8);
    expect(Math.max(...elapsed)).toBeLessThan(await second());
    expect(await Promise.all(followed.all.map(({ ended }) => ended))).toEqual([
      ...[4403, 4403],
      ...['UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ]);
    // Nobody else has lost anything.
    const still = await Promise.race([
      ...untouched.all.map(({ ended }) => ended),
      new Promise((resolve) => setTimeout(resolve, 300, 'open')),
    ]);
    expect(still).toBe('open');
    for (const door of doors) expect(await isLetIn(door, bystander)).toBe(true);
    for (const { close } of untouched.all) close();
  },
);
