import { testSubgraph } from 'kit/testing/subgraph';
import { anonymous, type Viewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import {
  act,
  ADD_MEMBER,
  aCommunity,
  aDraft,
  aPerson,
  aPost,
  type CommunityAnswer,
  complaints,
  DELETE_POST,
  hopOf,
  type PostAnswer,
  PUBLISH_POST,
  REMOVE_MEMBER,
  UPDATE_POST,
} from '../testing.ts';

const graph = testSubgraph(content);
const people = {
  anonymous,
  stranger: aPerson(),
  author: aPerson(),
  member: aPerson(),
  moderator: aPerson(),
  owner: aPerson(),
  removed: aPerson(),
  'site moderator': aPerson('moderator'),
  admin: aPerson('admin'),
} as const;
type Role = keyof typeof people;
const everyone = Object.keys(people) as Role[];
const insiders: readonly Role[] = ['author', 'member', 'moderator', 'owner', 'admin'];

let community: CommunityAnswer;
const posts: Record<string, PostAnswer> = {};

beforeAll(async () => {
  community = await aCommunity(graph, people.owner, { isPrivate: true });
  const member = (mutation: string, userId: string, role?: string) =>
    act(graph, people.owner, mutation, { communityId: community.id, userId, ...(role ? { role } : {}) });
  for (const role of ['author', 'member', 'removed'] as const) await member(ADD_MEMBER, people[role].userId);
  await member(ADD_MEMBER, people.moderator.userId, 'moderator');
  const tags = ['matrix'];
  posts['public'] = await aPost(graph, people.author, { tags });
  posts['draft'] = await aDraft(graph, people.author, { tags });
  posts['private'] = await aPost(graph, people.author, { tags, communityId: community.id });
  posts['private draft'] = await aDraft(graph, people.author, { tags, communityId: community.id });
  posts['deleted'] = await aPost(graph, people.author, { tags });
  await act(graph, people.author, DELETE_POST, { id: posts['deleted'].id });
  await member(REMOVE_MEMBER, people.removed.userId);
});

const SUBSCRIPTION = 'subscription ($id: ID!) { postUpdated(postId: $id) { id title html } }';

/** Every way to a post: whether anything of it comes through each. */
async function doorsTo(viewer: Viewer, { id, slug }: PostAnswer): Promise<Record<string, boolean>> {
  const asking = graph.as(viewer);
  const one = async (query: string, variables: object) =>
    (await asking.data<{ post: unknown }>(query, { ...variables })).post !== null;
  const listed = async (filter: object) => {
    const { posts: list } = await asking.data<{ posts: { edges: { node: { id: string } }[] } }>(
      'query ($filter: PostFilter) { posts(first: 100, filter: $filter) { edges { node { id } } } }',
      { filter },
    );
    return list.edges.some((edge) => edge.node.id === id);
  };
  const inAnyStatus = async (filter: object) =>
    (await listed(filter)) || (await listed({ ...filter, status: 'DRAFT' }));
  const entities = async (key: object) => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { title } } }';
    const { _entities } = await asking.data<{ _entities: unknown[] }>(query, { r: [{ __typename: 'Post', ...key }] });
    return _entities[0] !== null;
  };
  const live = (mode: 'subscribe' | { event: object }) =>
    graph.running().execute({ query: SUBSCRIPTION, variables: { id }, live: mode as 'subscribe' }, hopOf(viewer));
  return {
    'post by id': await one('query ($id: ID) { post(id: $id) { id } }', { id }),
    'post by slug': await one('query ($slug: String) { post(slug: $slug) { id } }', { slug }),
    posts: await inAnyStatus({}),
    'posts by author': await inAnyStatus({ authorId: people.author.userId }),
    'posts by tag': await inAnyStatus({ tag: 'matrix' }),
    'entity by id': await entities({ id }),
    'entity by nodeId': await entities({ nodeId: id }),
    'subscription topic': (await live('subscribe')).extensions?.topic !== undefined,
    'subscription event': (await live({ event: { postId: id } })).data?.['postUpdated'] != null,
  };
}

test.each([
  ['public', everyone],
  ['draft', ['author']],
  ['private', insiders],
  ['private draft', ['author']],
  ['deleted', []],
] as [string, readonly Role[]][])(
  'a %s post is seen by every door by %j, and by none by anyone else',
  async (kind, seenBy) => {
    for (const role of everyone) {
      const doors = await doorsTo(people[role], posts[kind] as PostAnswer);
      const expected = Object.fromEntries(Object.keys(doors).map((door) => [door, seenBy.includes(role)]));
      expect({ role, doors }).toEqual({ role, doors: expected });
    }
  },
);

test('a private community exists by every door for its people and administrators only', async () => {
  for (const role of everyone) {
    const asking = graph.as(people[role]);
    const isSeen = insiders.includes(role);
    const { community: named } = await asking.data(
      'query ($name: String!) { community(name: $name) { members { edges { node { role } } } } }',
      {
        name: community.name.toUpperCase(),
      },
    );
    const { communities } = await asking.data<{ communities: { edges: { node: { id: string } }[] } }>(
      '{ communities(first: 100) { edges { node { id } } } }',
    );
    const { posts: list } = await asking.data<{ posts: { edges: unknown[] } }>(
      'query ($id: ID) { posts(filter: { communityId: $id }) { edges { node { id } } } }',
      { id: community.id },
    );
    expect({
      role,
      named: named !== null,
      listed: communities.edges.some((edge) => edge.node.id === community.id),
      entity: (await asking.entity('Community', community.id, 'name description rules')) !== null,
      nodeId: (await asking.entity('Community', community.id, 'nodeId')) !== null,
      posts: list.edges.length > 0,
    }).toEqual({ role, named: isSeen, listed: isSeen, entity: isSeen, nodeId: isSeen, posts: isSeen });
  }
});

test('the text as written and its revisions are the author’s and administrators’', async () => {
  const { id } = await aPost(graph, people.author, { communityId: community.id, markdown: 'raw words' });
  await act(graph, people.author, UPDATE_POST, { id, version: 1, markdown: 'other words' });
  for (const role of insiders) {
    const post = await graph.as(people[role]).entity('Post', id, 'markdown revisions { edges { node { markdown } } }');
    const isShown = role === 'author' || role === 'admin';
    expect({ role, post }).toEqual({
      role,
      post: isShown
        ? { markdown: 'other words', revisions: { edges: [{ node: { markdown: 'raw words' } }] } }
        : { markdown: null, revisions: null },
    });
  }
});

test('who is removed from a private community sees nothing of it at once, not even their own posts', async () => {
  const leaver = aPerson();
  const input = { communityId: community.id, userId: leaver.userId };
  await act(graph, people.owner, ADD_MEMBER, input);
  const own = await aPost(graph, leaver, { communityId: community.id });
  expect(await graph.as(leaver).entity('Post', own.id)).not.toBeNull();
  await act(graph, people.moderator, REMOVE_MEMBER, input);
  expect(Object.values(await doorsTo(leaver, own))).not.toContain(true);
  expect(Object.values(await doorsTo(leaver, posts['private'] as PostAnswer))).not.toContain(true);
});

test('the draft of one who was removed keeps its text and tells nothing of the community', async () => {
  const leaver = aPerson();
  const input = { communityId: community.id, userId: leaver.userId };
  await act(graph, people.owner, ADD_MEMBER, input);
  const draft = await aDraft(graph, leaver, { communityId: community.id });
  await act(graph, people.owner, REMOVE_MEMBER, input);
  expect(await graph.as(leaver).entity('Post', draft.id, 'title community { name }')).toEqual({
    title: 'A post',
    community: null,
  });
});

test('who was removed from a community publishes nothing there that was written before', async () => {
  const isPublished = async (viewer: Viewer, id: string) => (await graph.as(viewer).entity('Post', id)) !== null;
  for (const isPrivate of [true, false]) {
    const [owner, leaver] = [aPerson(), aPerson()];
    const { id: communityId } = await aCommunity(graph, owner, { isPrivate });
    const membership = { communityId, userId: leaver.userId };
    await act(graph, owner, ADD_MEMBER, membership);
    const { id } = await aDraft(graph, leaver, { communityId });
    await act(graph, owner, REMOVE_MEMBER, membership);
    expect(complaints(await act(graph, leaver, PUBLISH_POST, { id }))).toEqual(['id: CONFLICT']);
    expect(await isPublished(owner, id)).toBe(false);
    await act(graph, owner, ADD_MEMBER, membership);
    expect(complaints(await act(graph, leaver, PUBLISH_POST, { id }))).toEqual([]);
    expect(await isPublished(owner, id)).toBe(true);
  }
});
