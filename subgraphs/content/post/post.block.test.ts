import { testSubgraph } from 'kit/testing/subgraph';
import type { Viewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import {
  ADD_MEMBER,
  act,
  aCommunity,
  aPerson,
  aPost,
  complaints,
  hopOf,
  JOIN_COMMUNITY,
  type Person,
} from '../testing.ts';

const graph = testSubgraph(content);

const block = (blocker: Person, blocked: Person) =>
  graph.deliver('users', 'user.blocked', { blockerId: blocker.userId, blockedId: blocked.userId });
const unblock = (blocker: Person, blocked: Person) =>
  graph.deliver('users', 'user.unblocked', { blockerId: blocker.userId, blockedId: blocked.userId });

type List = { edges: { node: { id: string } }[] };
const follow = (viewer: Viewer, postId: string, live: 'subscribe' | { event: Record<string, unknown> }) =>
  graph
    .running()
    .execute(
      { query: 'subscription ($postId: ID!) { postUpdated(postId: $postId) { id } }', variables: { postId }, live },
      hopOf(viewer),
    );

/** Every door through which somebody may meet a post, with whether they do. */
async function meets(viewer: Viewer, post: { id: string; slug: string }, author: Person) {
  const asking = graph.as(viewer);
  const { byId, bySlug, posts, theirs, tagged } = await asking.data<{
    byId: unknown;
    bySlug: unknown;
    posts: List;
    theirs: List;
    tagged: List;
  }>(
    `query ($id: ID, $slug: String, $author: ID) {
      byId: post(id: $id) { id } bySlug: post(slug: $slug) { id } posts(first: 100) { edges { node { id } } }
      theirs: posts(filter: { authorId: $author }) { edges { node { id } } }
      tagged: posts(first: 100, filter: { tag: "blocks" }) { edges { node { id } } } }`,
    { id: post.id, slug: post.slug, author: author.userId },
  );
  const isIn = ({ edges }: List): boolean => edges.some(({ node }) => node.id === post.id);
  const event = await follow(viewer, post.id, { event: { postId: post.id } });
  return {
    byId: byId !== null,
    bySlug: bySlug !== null,
    posts: isIn(posts),
    theirs: isIn(theirs),
    tagged: isIn(tagged),
    entity: (await asking.entity('Post', post.id)) !== null,
    subscription: (await follow(viewer, post.id, 'subscribe')).errors === undefined,
    event: event.data?.['postUpdated'] != null,
  };
}
const every = (isMet: boolean) => ({
  ...{ byId: isMet, bySlug: isMet, posts: isMet, theirs: isMet, tagged: isMet },
  ...{ entity: isMet, subscription: isMet, event: isMet },
});

test('a block hides posts behind every door, both ways, until it is taken back', async () => {
  const [author, reader] = [aPerson(), aPerson()];
  const post = await aPost(graph, author, { tags: ['blocks'] });
  const answer = await aPost(graph, reader, { tags: ['blocks'] });
  expect(await meets(reader, post, author)).toEqual(every(true));
  await block(author, reader);
  expect(await meets(reader, post, author)).toEqual(every(false));
  expect(await meets(author, answer, reader)).toEqual(every(false));
  expect(await meets(author, post, author)).toEqual(every(true));
  expect(await meets(aPerson(), post, author)).toEqual(every(true));
  await unblock(author, reader);
  expect(await meets(reader, post, author)).toEqual(every(true));
  expect(await meets(author, answer, reader)).toEqual(every(true));
});

test('those who look after the site see it, and those who look after its community', async () => {
  const [author, keeper] = [aPerson(), aPerson()];
  const community = await aCommunity(graph, keeper);
  await act(graph, author, JOIN_COMMUNITY, { communityId: community.id });
  const inside = await aPost(graph, author, { communityId: community.id, tags: ['blocks'] });
  const outside = await aPost(graph, author, { tags: ['blocks'] });
  await block(author, keeper);
  expect(await meets(keeper, inside, author)).toEqual(every(true));
  expect(await meets(keeper, outside, author)).toEqual(every(false));
  for (const role of ['moderator', 'admin']) {
    expect(await meets({ ...keeper, role }, outside, author)).toEqual(every(true));
  }
});

test('who has muted an author is sent no events of their posts, and sees them all the same', async () => {
  const [author, reader] = [aPerson(), aPerson()];
  const post = await aPost(graph, author, { tags: ['blocks'] });
  await graph.deliver('users', 'user.muted', { muterId: reader.userId, mutedId: author.userId });
  expect(await meets(reader, post, author)).toEqual({ ...every(true), event: false });
  expect(await meets(author, post, author)).toEqual(every(true));
  await graph.deliver('users', 'user.unmuted', { muterId: reader.userId, mutedId: author.userId });
  expect(await meets(reader, post, author)).toEqual(every(true));
});

test('members between whom there is a block are not in each other’s lists; those who look after the community see all', async () => {
  const [owner, one, other] = [aPerson(), aPerson(), aPerson()];
  const { id: communityId, name } = await aCommunity(graph, owner);
  for (const person of [one, other]) await act(graph, person, JOIN_COMMUNITY, { communityId });
  const members = async (viewer: Viewer) => {
    const { community } = await graph
      .as(viewer)
      .data<{ community: { members: { edges: { node: { user: { id: string } } }[] } } }>(
        'query ($name: String!) { community(name: $name) { members(first: 100) { edges { node { user { id } } } } } }',
        { name },
      );
    return new Set(community.members.edges.map(({ node }) => node.user.id));
  };
  const all = new Set([owner, one, other].map(({ userId }) => userId));
  expect(await members(one)).toEqual(all);
  await block(one, other);
  await block(one, owner);
  expect(await members(one)).toEqual(new Set([one.userId]));
  expect(await members(other)).toEqual(new Set([owner.userId, other.userId]));
  expect(await members(owner)).toEqual(all);
  expect(await members(aPerson('moderator'))).toEqual(all);
  await act(graph, owner, ADD_MEMBER, { communityId, userId: one.userId, role: 'moderator' });
  expect(await members(one)).toEqual(all);
});

test('a list of posts costs as many statements with blocks as without', async () => {
  const [author, reader] = [aPerson(), aPerson()];
  await aPost(graph, author);
  const query = '{ posts(first: 100) { edges { node { id title author { id } community { name } } } } }';
  const before = await graph.as(reader).queriesOf(query);
  await block(author, reader);
  expect(await graph.as(reader).queriesOf(query)).toBe(before);
  expect(before).toBeLessThanOrEqual(2);
});

test('nobody is added to a community by whom they have blocked; one who is in it already may be promoted', async () => {
  const [owner, person, member] = [aPerson(), aPerson(), aPerson()];
  const { id: communityId } = await aCommunity(graph, owner);
  await act(graph, member, JOIN_COMMUNITY, { communityId });
  const add = (viewer: Viewer, userId: string, role?: string) =>
    act(graph, viewer, ADD_MEMBER, { communityId, userId, ...(role ? { role } : {}) });
  await block(person, owner);
  await block(member, owner);
  expect(complaints(await add(owner, person.userId))).toEqual(['userId: NOT_FOUND']);
  const roleOf = async (viewer: Viewer) =>
    (await graph.as(viewer).entity('Community', communityId, 'viewerRole'))?.['viewerRole'];
  expect(await roleOf(person)).toBeNull();
  await add(owner, member.userId, 'moderator');
  expect(await roleOf(member)).toBe('moderator');
  await unblock(person, owner);
  await add(owner, person.userId);
  expect(await roleOf(person)).toBe('member');
});
