import type { EmittedEvent } from 'kit/hop';
import type { SubgraphRequest, Transport } from 'kit/request';
import { anonymous, gatewayViewer, userViewer, type Viewer } from 'kit/viewer';
import { comments, follows, people, posts } from './demo.ts';

type Transports = Readonly<Record<string, Transport>>;

/**
 * Fills an empty graph with a few people, posts and comments, through the same doors the gateway uses. People of an earlier
 * start, which was cut short, or whose posts are gone, write again.
 */
export async function seedWhenEmpty(transports: Transports, log: (line: string) => void): Promise<void> {
  const ask = createAsk(transports);
  const existing = await ask<{ posts: { edges: unknown[] } }>(
    'content',
    anonymous,
    '{ posts(first: 1) { edges { cursor } } }',
  );
  if (existing.posts.edges.length > 0) return;
  log('empty: adding demo content (people ada, grace and linus; their password is "demo password")');
  const viewers = new Map<string, Viewer>();
  for (const person of people) {
    const viewer = await addPerson(ask, person);
    if (!viewer) return log(`no demo content: the name ${person.username} was that of somebody who has left`);
    viewers.set(person.username, viewer);
  }
  const viewerOf = (username: string): Viewer => viewers.get(username) ?? anonymous;
  for (const [follower, followed] of follows) {
    await ask(
      'users',
      viewerOf(follower),
      `mutation ($id: ID!) { followUser(input: { userId: $id }) { userErrors { code } } }`,
      {
        id: viewerOf(followed).userId,
      },
    );
  }
  const ids: string[] = [];
  for (const post of posts) ids.push(await addPost(ask, viewerOf(post.author), post));
  if (!transports['engagement']) return;
  for (const { author, post, markdown } of comments) {
    await ask(
      'engagement',
      viewerOf(author),
      `mutation ($input: AddCommentInput!) { addComment(input: $input) { userErrors { code message } } }`,
      { input: { postId: ids[post], markdown, idempotencyKey: `demo-${author}-${ids[post]}` } },
    );
    await ask(
      'engagement',
      viewerOf(author),
      `mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { code } } }`,
      {
        id: ids[post],
      },
    );
  }
}

type Ask = <Data>(
  subgraph: string,
  viewer: Viewer,
  query: string,
  variables?: Record<string, unknown>,
) => Promise<Data>;

/** Asks subgraphs one after the other, each reading what the ones before have changed. */
function createAsk(transports: Transports): Ask {
  const after: EmittedEvent[] = [];
  return async <Data>(subgraph: string, viewer: Viewer, query: string, variables = {}) => {
    const request: SubgraphRequest = { query, variables };
    const client = { address: 'demo content', userAgent: 'broadsheet' };
    const hop = { viewer, requestId: crypto.randomUUID(), client, after: after.slice(-50) };
    const answer = await transports[subgraph]?.send(request, hop);
    if (!answer || answer.errors) throw new Error(`demo content could not be added: ${JSON.stringify(answer?.errors)}`);
    after.push(...(answer.extensions?.emitted ?? []));
    return answer.data as Data;
  };
}

/** Null where nobody of that name can be there. */
async function addPerson(ask: Ask, person: (typeof people)[number]): Promise<Viewer | null> {
  const { username, name, bio } = person;
  const input = { username, name, email: `${username}@example.org`, password: 'demo password' };
  const { registerVerified } = await ask<{ registerVerified: { userId: string | null } }>(
    'users',
    gatewayViewer,
    `mutation ($input: RegisterInput!) { registerVerified(input: $input) { userId userErrors { message } } }`,
    { input },
  );
  const userId = registerVerified.userId ?? (await idOf(ask, username));
  if (userId === null) return null;
  const viewer = userViewer(userId);
  await ask(
    'users',
    viewer,
    `mutation ($bio: String) { updateProfile(input: { bio: $bio }) { userErrors { message } } }`,
    { bio },
  );
  return viewer;
}

async function idOf(ask: Ask, username: string): Promise<string | null> {
  const query = 'query ($username: String!) { user(username: $username) { id } }';
  const { user } = await ask<{ user: { id: string } | null }>('users', anonymous, query, { username });
  return user?.id ?? null;
}

async function addPost(ask: Ask, author: Viewer, post: (typeof posts)[number]): Promise<string> {
  const { title, markdown, tags } = post;
  const create = async (idempotencyKey: string | null): Promise<{ id: string } | null> => {
    const { createPost } = await ask<{ createPost: { post: { id: string } | null } }>(
      'content',
      author,
      `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { message } } }`,
      { input: { title, markdown, tags, idempotencyKey } },
    );
    return createPost.post;
  };
  // The key is remembered longer than a post that has been deleted.
  const { id } = (await create(`demo-${title}`)) ?? (await create(null)) ?? {};
  if (id === undefined) throw new Error(`demo content could not be added: no post "${title}"`);
  await ask('content', author, `mutation ($id: ID!) { publishPost(input: { id: $id }) { userErrors { message } } }`, {
    id,
  });
  return id;
}
