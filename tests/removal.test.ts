import { aPerson, eventually, type Post } from './setup/client.ts';
import { withinASecond } from './setup/second.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('who is removed from a private community sees nothing of it by any door a second later', async () => {
    const [owner, member] = [await aPerson(graph.url, 'owner'), await aPerson(graph.url, 'member')];
    const name = `secret${Date.now()}`;
    const { community } = await owner.change<{ community: { id: string } }>(
      'createCommunity',
      { name, isPrivate: true },
      'community { id }',
    );
    await owner.change('addCommunityMember', { communityId: community.id, userId: member.userId }, 'community { id }');
    const { post } = await owner.change<{ post: Post }>(
      'createPost',
      { title: 'Xylographic secrets', markdown: 'Hidden words.', communityId: community.id, tags: ['xylography'] },
      'post { id slug }',
    );
    await owner.change('publishPost', { id: post.id }, 'post { id }');
    const { comment } = await owner.change<{ comment: { id: string } }>(
      'addComment',
      { postId: post.id, markdown: 'Hush.' },
      'comment { id }',
    );
    const doors: Record<string, [query: string, variables?: object]> = {
      post: ['query ($id: ID!) { post(id: $id) { title } }', { id: post.id }],
      slug: ['query ($slug: String!) { post(slug: $slug) { title } }', { slug: post.slug }],
      node: ['query ($id: ID!) { node(id: $id) { id } }', { id: post.id }],
      'comment node': ['query ($id: ID!) { node(id: $id) { id } }', { id: comment.id }],
      'community node': ['query ($id: ID!) { node(id: $id) { id } }', { id: community.id }],
      community: ['query ($name: String!) { community(name: $name) { id } }', { name }],
      posts: [
        'query ($id: ID!) { posts(filter: { communityId: $id }) { edges { node { id } } } }',
        { id: community.id },
      ],
      comments: ['query ($id: ID!) { comments(postId: $id) { edges { node { id } } } }', { id: post.id }],
      search: ['{ search(query: "xylographic") { edges { node { node { __typename } } } } }'],
      'search of comments': ['{ search(query: "hush") { edges { node { node { __typename } } } } }'],
      suggest: ['{ suggest(prefix: "xylog") { text } }'],
      trending: ['{ trendingPosts(first: 100) { edges { node { post { id title } } } } }'],
      feed: ['{ homeFeed(first: 100) { edges { node { post { id title } } } } }'],
    };
    const canary = new RegExp(
      `${post.id}|${comment.id}|${community.id}|Xylographic|xylography|"__typename":"(Post|Comment)"`,
    );
    // Errors repeat the id that was asked for: what counts is data.
    const shows = ({ data }: { data?: unknown }): boolean => canary.test(JSON.stringify(data ?? null));
    for (const [door, [query, variables]] of Object.entries(doors)) {
      await eventually(() => member.ask(query, variables), shows).catch((error: unknown) => {
        throw new Error(`a member could not see by ${door}: ${String(error)}`);
      });
    }
    await owner.change(
      'removeCommunityMember',
      { communityId: community.id, userId: member.userId },
      'community { id }',
    );
    let seenBy: string[] = [];
    const isSeen = async (): Promise<boolean> => {
      const shown = Object.entries(doors).map(async ([door, [query, variables]]) =>
        shows(await member.ask(query, variables)) ? [door] : [],
      );
      seenBy = (await Promise.all(shown)).flat();
      return seenBy.length > 0;
    };
    await withinASecond(graph, isSeen).catch((error: unknown) => {
      throw new Error(`a member who is none any more still sees by ${seenBy.join(', ') || 'nothing, but late'}`, {
        cause: error,
      });
    });
    const vote = await member.ask<{ vote: { userErrors: { code: string }[] } }>(
      'mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { code } } }',
      { id: post.id },
    );
    expect(vote.data?.vote.userErrors[0]?.code).toBe('NOT_FOUND');
  });
});
