import { aPerson, eventually, Frontend } from './setup/client.ts';
import { follow } from './setup/follower.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

interface Post {
  id: string;
  slug: string;
}

const POST_PAGE = `query PostPage($id: ID!) {
  post(id: $id) {
    title author { name }
    counts { up down score comments bookmarks }
    viewerVote
    sentiment { label }
    comments(first: 10) { edges { node { id author { username } sentiment { label } replies(first: 5) { edges { node { html } } } } } }
  }
}`;

interface PostPage {
  post: {
    title: string;
    author: { name: string };
    counts: { up: number; score: number; comments: number; bookmarks: number } | null;
    viewerVote: string | null;
    sentiment: { label: string } | null;
    comments: {
      edges: { node: { id: string; author: { username: string }; sentiment: { label: string } | null } }[];
    } | null;
  };
}

async function publish(author: Frontend, title: string, markdown: string): Promise<Post> {
  const { post } = await author.change<{ post: Post }>(
    'createPost',
    { title, markdown, tags: ['stories'] },
    'post { id slug }',
  );
  await author.change('publishPost', { id: post.id }, 'post { id }');
  return post;
}

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  }, 90_000);
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  }, 30_000);

  test('two people write, talk and vote; a third watches live; a process is killed in the middle and nothing is lost', async () => {
    const [ada, grace] = [await aPerson(graph.url, 'ada'), await aPerson(graph.url, 'grace')];
    const post = await publish(ada, 'A wonderful morning in Trondheim', 'What a **great** day! I love this city.');
    const live = follow<{ newComment: { id: string; author: { username: string } } }>(
      new Frontend(graph.url).socket(),
      'subscription Comments($postId: ID!) { newComment(postId: $postId) { id text author { username } } }',
      { postId: post.id },
    );
    const first = await grace.change<{ comment: { id: string } }>(
      'addComment',
      { postId: post.id, markdown: 'Lovely, thank you!' },
      'comment { id }',
    );
    await eventually(
      () => Promise.resolve(live.messages.length),
      (count) => count >= 1,
    );

    await graph.killAndRestart('engagement');
    const ids = [first.comment.id];
    for (let n = 0; n < 10; n++) {
      const input = { postId: post.id, markdown: `Comment ${n}`, idempotencyKey: `comment-${n}` };
      ids.push((await grace.change<{ comment: { id: string } }>('addComment', input, 'comment { id }')).comment.id);
    }
    await grace.change('vote', { targetId: post.id, value: 'UP', idempotencyKey: 'up' }, 'viewerVote');
    await grace.change('bookmarkPost', { postId: post.id }, 'bookmark { savedAt }');

    const seen = await eventually(
      () => Promise.resolve(new Set(live.messages.map(({ data }) => data.newComment.id))),
      (set) => ids.every((id) => set.has(id)),
      20_000,
    );
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(live.messages.map(({ data }) => data.newComment.id)).toHaveLength(ids.length);
    live.stop();

    const page = await eventually(
      () => grace.data<PostPage>(POST_PAGE, { id: post.id }),
      ({ post: shown }) =>
        shown.sentiment !== null && shown.comments?.edges.every(({ node }) => node.sentiment !== null) === true,
    );
    expect(page.post).toMatchObject({
      title: 'A wonderful morning in Trondheim',
      author: { name: ada.username },
      counts: { up: 1, score: 1, comments: ids.length, bookmarks: 1 },
      viewerVote: 'UP',
      sentiment: { label: 'POSITIVE' },
    });
    const found = await eventually(
      () =>
        new Frontend(graph.url).data<{ search: { edges: { node: { node: { __typename: string; id: string } } }[] } }>(
          '{ search(query: "Trondhiem morning", first: 5) { edges { node { node { __typename ... on Post { id title } } } } } }',
        ),
      ({ search }) => search.edges.length > 0,
    );
    expect(found.search.edges[0]?.node.node).toMatchObject({ id: post.id });
    const analytics = await ada.data<{ analytics: { views: number; comments: number } }>(
      'query ($id: ID!) { analytics(postId: $id) { views comments } }',
      { id: post.id },
    );
    expect(analytics.analytics).toBeTruthy();
  }, 90_000);

  test('Redis is emptied in the middle; every write stays and every event arrives', async () => {
    const [ada, grace] = [await aPerson(graph.url, 'ada'), await aPerson(graph.url, 'grace')];
    const post = await publish(ada, 'A post that outlives its cache', 'Some text.');
    const live = follow<{ newComment: { id: string } }>(
      ada.socket(),
      'subscription Comments($postId: ID!) { newComment(postId: $postId) { id } }',
      { postId: post.id },
    );
    await grace.change('addComment', { postId: post.id, markdown: 'Before.' }, 'comment { id }');
    await eventually(
      () => Promise.resolve(live.messages.length),
      (count) => count >= 1,
    );
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) {
      if (n % 10 === 5) await graph.redis.flushdb();
      ids.push(
        (
          await grace.change<{ comment: { id: string } }>(
            'addComment',
            { postId: post.id, markdown: `Comment ${n}` },
            'comment { id }',
          )
        ).comment.id,
      );
    }
    await graph.redis.flushdb();
    await eventually(
      () => Promise.resolve(ids.filter((id) => !live.messages.some(({ data }) => data.newComment.id === id))),
      (missing) => missing.length === 0,
      20_000,
    );
    live.stop();
    const query =
      'query ($id: ID!) { post(id: $id) { counts { comments } comments(first: 100) { edges { node { id sentiment { label } } } } } }';
    const { post: shown } = await eventually(
      () =>
        ada.data<{
          post: {
            counts: { comments: number };
            comments: { edges: { node: { id: string; sentiment: object | null } }[] };
          };
        }>(query, { id: post.id }),
      ({ post: now }) => now.comments.edges.every(({ node }) => node.sentiment !== null),
      20_000,
    );
    expect(shown.counts.comments).toBe(31);
    expect(shown.comments.edges).toHaveLength(31);
  }, 60_000);

  test('who publishes and comments at once never meets NOT_FOUND, a thousand times', async () => {
    const ada = await aPerson(graph.url, 'ada');
    let left = 1000;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const post = await publish(ada, `Post ${left}`, 'Text.');
        // `change` throws on any user error, NOT_FOUND among them.
        await ada.change('addComment', { postId: post.id, markdown: 'First!' }, 'comment { id }');
      }
    };
    await Promise.all(Array.from({ length: 10 }, work));
  }, 240_000);

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
    const shows = (answer: unknown): boolean =>
      new RegExp(`${post.id}|${comment.id}|${community.id}|Xylographic|xylography|"__typename":"(Post|Comment)"`).test(
        JSON.stringify(answer),
      );
    for (const [door, [query, variables]] of Object.entries(doors)) {
      await eventually(() => member.ask(query, variables), shows, 10_000).catch((error: unknown) => {
        throw new Error(`a member could not see by ${door}: ${String(error)}`);
      });
    }
    await owner.change(
      'removeCommunityMember',
      { communityId: community.id, userId: member.userId },
      'community { id }',
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const [door, [query, variables]] of Object.entries(doors)) {
      expect([door, shows(await member.ask(query, variables))]).toEqual([door, false]);
    }
    const vote = await member.ask<{ vote: { userErrors: { code: string }[] } }>(
      'mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { code } } }',
      { id: post.id },
    );
    expect(vote.data?.vote.userErrors[0]?.code).toBe('NOT_FOUND');
  }, 60_000);
});
