import { Client } from 'pg';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import type { RunningSubgraph } from 'kit/running';
import { systemViewer } from 'kit/viewer';
import { issueToken } from 'subgraphs/users/token/token.actions';
import { startInProcess } from '../../local/in-process.ts';
import { freePort } from '../../local/port.ts';
import { prepareStores } from '../setup/graph.ts';
import { word } from './canaries.ts';
import { ADMINISTRATOR, type Credentials, type Doors, nobody, openDoors, type Session, signIn } from './doors.ts';
import { plant } from './plant.ts';
import type { Instance, Person } from './people.ts';
import { type Change, type Place, populate, type Things, type UserIds } from './populate.ts';

export interface World extends Doors, Things {
  readonly url: string;
  readonly running: readonly RunningSubgraph[];
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly credentials: ReadonlyMap<Person, Credentials>;
  readonly userIds: UserIds;
  /** Three who do nothing: whoever asks may block the one and mute the other, and the rest stays as it is; the third is suspended. */
  readonly bystanders: Readonly<Record<'blocked' | 'muted' | 'suspended', string>>;
  /** Where each instance lies: a draft in the private community. */
  readonly communityOf: (instance: Instance) => Things['communities'][Place];
  /** Runs a mutation that must succeed, as this person, and answers its payload. */
  readonly change: Change;
  /** A further session of the person, to be ended. */
  readonly signInAgain: (person: Person) => Promise<Session>;
  readonly stop: () => Promise<void>;
}

const PASSWORD = 'a password of the matrix';
const ADMIN_PASSWORD = 'an administrator of the matrix';
const registered = ['stranger', 'author', 'founder', 'blocked', 'member', 'moderator', 'siteModerator'] as const;

/** A graph on stores of its own with people, posts and comments of every kind of visibility, and canaries in all of it. */
export async function makeWorld(): Promise<World> {
  const stores = await prepareStores();
  const graph = await startInProcess({
    ...stores.environment,
    PORT: String(await freePort()),
    ADMIN_USERNAME: ADMINISTRATOR,
    ADMIN_EMAIL: emailOf('admin'),
    ADMIN_PASSWORD,
    // One question for all fields of a type is longer than what people ask.
    MAX_TOKENS: '20000',
    MAX_ALIASES: '10000',
    MAX_ROOT_FIELDS: '1000',
    MAX_OVERLAPS: '1000000',
    MAX_COST: '1000000000',
  }).catch(async (error: unknown) => {
    await stores.drop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await graph.stop();
    await stores.drop();
  };
  try {
    const credentials = new Map<Person, Credentials>([['anonymous', nobody]]);
    const doors = openDoors(graph.url, graph.running, credentials);
    const change = changeBy(doors);
    const userIds = await signUp(graph, change, credentials);
    const [blocked, muted, suspended] = await Promise.all([
      aBystander(graph.running, change, 'blocked'),
      aBystander(graph.running, change, 'muted'),
      aBystander(graph.running, change, 'suspended'),
    ]);
    const bystanders = { blocked, muted, suspended };
    await change('admin', 'suspendUser', { userId: bystanders.suspended, reason: word('suspensionReason') });
    const things = await populate(change, userIds);
    const { databaseUrls } = stores;
    await plant(databaseUrls, things.posts.public.id, userIds.author);
    await settled(databaseUrls);
    doors.uttered.length = 0;
    const communityOf = (instance: Instance) => things.communities[instance === 'public' ? 'public' : 'private'];
    const signInAgain = (person: Person) => signIn(graph.url, usernameOf(person), passwordOf(person), 'access');
    return {
      ...graph,
      ...doors,
      ...things,
      databaseUrls,
      credentials,
      userIds,
      bystanders,
      communityOf,
      change,
      signInAgain,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const usernameOf = (person: Person): string => (person === 'admin' ? ADMINISTRATOR : `matrix-${person}`);
const passwordOf = (person: Person): string => (person === 'admin' ? ADMIN_PASSWORD : PASSWORD);
const emailOf = (person: Exclude<Person, 'anonymous'>): string => `${word(`${person}Email`)}@example.org`;

/** The stranger's name and password, for the sample of `login`. */
export const strangersLogin = { identifier: usernameOf('stranger'), password: PASSWORD };

interface Refused {
  readonly userErrors: readonly { readonly code: string }[];
}

function changeBy({ gateway }: Doors): Change {
  return async <Payload>(
    person: Person,
    mutation: string,
    input: object,
    selection = '__typename',
  ): Promise<Payload> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { ${selection} userErrors { field code message } } }`;
    for (let attempt = 1; ; attempt++) {
      const { data, errors } = await gateway({ person }, query, { input });
      const payload = data?.[mutation] as (Payload & Refused) | null | undefined;
      if (payload?.userErrors.length === 0) return payload;
      // What another has made reaches the rest of the graph a moment later; only one's own is there at once.
      const isOnItsWay = payload?.userErrors.every(({ code }) => code === 'NOT_FOUND') ?? false;
      if (!isOnItsWay || attempt === 50) {
        throw new Error(`${person} cannot ${mutation}: ${JSON.stringify({ payload, errors })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
}

/** A token like the one that is on its way by mail. */
async function verificationOf(running: readonly RunningSubgraph[], person: { username: string; email: string }) {
  const users = running.find(({ name }) => name === 'users') ?? fail('no users');
  return users.contextFor(systemViewer).change(async (tx) => {
    const [row] = await tx.rows<{ id: string }>(sql`select id from "user" where username = ${person.username}`);
    const userId = fromUuid('user', row?.id ?? fail(`no ${person.username}`));
    const data = { address: person.email };
    return issueToken(tx, { purpose: 'verify-email', userId, lifetimeSeconds: 60, data, keepOthers: true });
  });
}

/** Confirms an address. The mail's own token ends ours where it is made in between: then once more. */
async function verify(
  running: readonly RunningSubgraph[],
  change: Change,
  person: { username: string; email: string },
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const input = { token: await verificationOf(running, person) };
      const { user } = await change<{ user: { id: string } }>('anonymous', 'verifyEmail', input, 'user { id }');
      return user.id;
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function aBystander(running: readonly RunningSubgraph[], change: Change, name: string): Promise<string> {
  const profile = {
    username: `bystander-${name}`,
    email: `${name}@example.org`,
    password: PASSWORD,
    name: 'A bystander',
  };
  await change('anonymous', 'register', profile);
  return verify(running, change, profile);
}

function fail(message: string): never {
  throw new Error(message);
}

async function signUp(
  { url, running }: Pick<World, 'url' | 'running'>,
  change: Change,
  credentials: Map<Person, Credentials>,
): Promise<UserIds> {
  const ids: Record<string, string> = {};
  await Promise.all(
    [...registered, 'admin' as const].map(async (person) => {
      if (person !== 'admin') {
        const profile = { username: usernameOf(person), email: emailOf(person), password: PASSWORD };
        await change('anonymous', 'register', { ...profile, name: `The ${person}` });
        await verify(running, change, profile);
      }
      const { token, viewer, userId } = await signIn(url, usernameOf(person), passwordOf(person), 'access');
      credentials.set(person, { token, viewer });
      ids[person] = userId;
    }),
  );
  await change('admin', 'setUserRole', {
    userId: ids['siteModerator'],
    role: 'moderator',
    reason: 'looks after the site',
  });
  const moderator = credentials.get('siteModerator') ?? fail('no moderator of the site');
  credentials.set('siteModerator', { ...moderator, viewer: { ...moderator.viewer, role: 'moderator' } });
  await change('author', 'updateProfile', { name: word('authorName'), bio: word('authorBio') });
  return ids as UserIds;
}

const WAIT_MS = 60_000;

/** Until every event has reached all its consumers. */
export async function settled(databaseUrls: Readonly<Record<string, string>>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (const [name, connectionString] of Object.entries(databaseUrls)) {
    const client = new Client({ connectionString });
    await client.connect();
    try {
      for (;;) {
        const { rows } = await client.query<{ waiting: number }>(
          `select count(*)::int as waiting from outbox where sent_at is null or awaiting <> '{}'`,
        );
        if (rows[0]?.waiting === 0) break;
        if (Date.now() > deadline) throw new Error(`events of ${name} are still on their way`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      await client.end();
    }
  }
}
