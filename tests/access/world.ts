import { Client } from 'pg';
import type { RunningSubgraph } from 'kit/running';
import { startInProcess } from '../../local/in-process.ts';
import { freePort } from '../../local/port.ts';
import { prepareStores } from '../setup/graph.ts';
import { type Canary, word } from './canaries.ts';
import { ADMINISTRATOR, type Credentials, type Doors, nobody, openDoors, type Session, signIn } from './doors.ts';
import { plant } from './plant.ts';
import type { Instance, Person } from './people.ts';

type Place = Exclude<Instance, 'draft'>;

export interface World extends Doors {
  readonly url: string;
  readonly running: readonly RunningSubgraph[];
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly credentials: ReadonlyMap<Person, Credentials>;
  readonly userIds: Readonly<Record<Exclude<Person, 'anonymous'>, string>>;
  readonly communities: Readonly<Record<Place, { readonly id: string; readonly name: string }>>;
  /** Where each instance lies: a draft in the private community. */
  readonly communityOf: (instance: Instance) => { readonly id: string; readonly name: string };
  readonly posts: Readonly<Record<Instance, { readonly id: string; readonly slug: string; readonly title: string }>>;
  /** On each post a thread by the member, and the author's edited answer to it: the comment that is asked for. */
  readonly threads: Readonly<Record<Place, string>>;
  readonly comments: Readonly<Record<Place, string>>;
  /** Runs a mutation that must succeed, as this person, and answers its payload. */
  readonly change: Change;
  /** A further session of the person, to be ended. */
  readonly signInAgain: (person: Person) => Promise<Session>;
  readonly stop: () => Promise<void>;
}

type Change = <Payload = Record<string, unknown>>(
  person: Person,
  mutation: string,
  input: object,
  selection?: string,
) => Promise<Payload>;

const PASSWORD = 'a password of the matrix';
const ADMIN_PASSWORD = 'an administrator of the matrix';
const registered = ['stranger', 'author', 'founder', 'member', 'moderator'] as const;

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
    const userIds = await signUp(graph.url, change, credentials);
    const things = await populate(change, userIds);
    const { databaseUrls } = stores;
    await plant(databaseUrls, things.posts.public.id, userIds.author);
    await settled(databaseUrls);
    doors.uttered.length = 0;
    const communityOf = (instance: Instance) => things.communities[instance === 'public' ? 'public' : 'private'];
    const signInAgain = (person: Person) =>
      signIn(graph.url, usernameOf(person), passwordOf(person), word('userAgent'));
    return {
      ...graph,
      ...doors,
      ...things,
      databaseUrls,
      credentials,
      userIds,
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

function changeBy({ gateway }: Doors): Change {
  return async <Payload>(
    person: Person,
    mutation: string,
    input: object,
    selection = '__typename',
  ): Promise<Payload> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { ${selection} userErrors { field code message } } }`;
    const { data, errors } = await gateway({ person }, query, { input });
    const payload = data?.[mutation] as (Payload & { userErrors: readonly unknown[] }) | null | undefined;
    if (!payload || payload.userErrors.length > 0) {
      throw new Error(`${person} cannot ${mutation}: ${JSON.stringify({ payload, errors })}`);
    }
    return payload;
  };
}

async function signUp(url: string, change: Change, credentials: Map<Person, Credentials>): Promise<World['userIds']> {
  const ids: Record<string, string> = {};
  for (const person of registered) {
    const profile = { username: usernameOf(person), email: emailOf(person), password: PASSWORD, name: `The ${person}` };
    await change('anonymous', 'register', profile);
  }
  for (const person of [...registered, 'admin'] as const) {
    const { token, viewer, userId } = await signIn(url, usernameOf(person), passwordOf(person), word('userAgent'));
    credentials.set(person, { token, viewer });
    ids[person] = userId;
  }
  await change('author', 'updateProfile', { bio: 'Writes what the matrix is asked for.' });
  return ids as World['userIds'];
}

async function populate(change: Change, userIds: World['userIds']) {
  const communities = {
    public: await aCommunity(change, userIds, 'public'),
    private: await aCommunity(change, userIds, 'private'),
  };
  const posts = {
    public: await aPost(change, 'public', communities.public.id),
    private: await aPost(change, 'private', communities.private.id),
    draft: await aPost(change, 'draft', communities.private.id),
  };
  await aDeletedPost(change);
  const [open, closed] = [
    await aThread(change, 'public', posts.public.id),
    await aThread(change, 'private', posts.private.id),
  ];
  const threads = { public: open.thread, private: closed.thread };
  const comments = { public: open.comment, private: closed.comment };
  for (const person of ['stranger', 'founder', 'member', 'moderator', 'admin'] as const) {
    await change(person, 'followUser', { userId: userIds.author });
  }
  await change('author', 'followUser', { userId: userIds.founder });
  for (const person of ['stranger', 'author', 'member', 'moderator', 'admin'] as const) {
    for (const place of person === 'stranger' ? (['public'] as const) : (['public', 'private'] as const)) {
      await change(person, 'vote', { targetId: posts[place].id, value: 'UP' });
      await change(person, 'vote', { targetId: comments[place], value: 'DOWN' });
      await change(person, 'bookmarkPost', { postId: posts[place].id });
      await change(person, 'trackEvent', { postId: posts[place].id, kind: 'VIEW' });
    }
  }
  await change('anonymous', 'trackEvent', { postId: posts.public.id, kind: 'VIEW' });
  return { communities, posts, threads, comments };
}

let made = 0;

/** A community of the founder's, with the author and the member in it, and a moderator. */
export async function aCommunity(
  change: Change,
  userIds: World['userIds'],
  place: Place,
  isScratch = false,
): Promise<{ id: string; name: string }> {
  const secret = {
    name: word('privateCommunityName'),
    description: word('privateCommunityDescription'),
    rules: word('privateCommunityRules'),
  };
  const open = { name: 'matrix-square', description: 'Open to all.', rules: 'Be kind.' };
  const texts = place === 'public' ? open : secret;
  const name = isScratch ? `scratch-${++made}` : texts.name;
  const { community } = await change<{ community: { id: string } }>(
    'founder',
    'createCommunity',
    { ...texts, name, isPrivate: place === 'private' },
    'community { id }',
  );
  for (const person of ['author', 'member', 'moderator'] as const) {
    const role = person === 'moderator' ? person : 'member';
    await change('founder', 'addCommunityMember', { communityId: community.id, userId: userIds[person], role });
  }
  return { id: community.id, name };
}

/** A definition of a link that nothing uses: in the source, not in what is rendered. */
const unseen = (canary: Canary): string => `\n\n[unused]: https://example.org/${word(canary)}`;

const OPEN = { title: 'Lighthouse gardening', body: 'A calm and lovely text for everyone.', tag: 'lighthouses' };

/** A post with an earlier version that held canaries; published unless it is the draft. */
async function aPost(change: Change, instance: Instance, communityId: string) {
  const texts =
    instance === 'public'
      ? OPEN
      : { title: word(`${instance}Title`), body: `A lovely ${word(`${instance}Body`)}.`, tag: word(`${instance}Tag`) };
  const now = { title: texts.title, markdown: texts.body + unseen(`${instance}Markdown`), tags: [texts.tag] };
  const earlier = {
    title: word(`${instance}EarlierTitle`),
    markdown: word(`${instance}EarlierBody`),
    tags: [word(`${instance}EarlierTag`)],
  };
  const { post } = await change<{ post: { id: string; slug: string } }>(
    'author',
    'createPost',
    { ...now, communityId },
    'post { id slug }',
  );
  await change('author', 'updatePost', { id: post.id, version: 1, ...earlier });
  await change('author', 'updatePost', { id: post.id, version: 2, ...now, reason: word(`${instance}Reason`) });
  if (instance !== 'draft') await change('author', 'publishPost', { id: post.id });
  return { ...post, title: texts.title };
}

async function aDeletedPost(change: Change): Promise<void> {
  const texts = { title: word('deletedTitle'), markdown: word('deletedBody') };
  const { post } = await change<{ post: { id: string } }>('author', 'createPost', texts, 'post { id }');
  await change('author', 'deletePost', { id: post.id });
}

async function aThread(change: Change, place: Place, postId: string): Promise<{ thread: string; comment: string }> {
  const say = async (person: Person, markdown: string, parentId: string | null = null): Promise<string> => {
    const { comment } = await change<{ comment: { id: string } }>(
      person,
      'addComment',
      { postId, parentId, markdown },
      'comment { id }',
    );
    return comment.id;
  };
  const [first, answer] =
    place === 'public' ? ['A fine start.', 'I agree.'] : [word('privateThreadText'), word('privateCommentText')];
  const thread = await say('member', first);
  const comment = await say('author', word(`${place}CommentEarlier`), thread);
  await change('author', 'editComment', { id: comment, markdown: answer + unseen(`${place}CommentMarkdown`) });
  await change('author', 'deleteComment', { id: await say('author', word(`${place}CommentDeleted`), thread) });
  return { thread, comment };
}

const WAIT_MS = 20_000;

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
