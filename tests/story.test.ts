import { aPerson, eventually, Frontend, publish, sleep } from './setup/client.ts';
import { follow } from './setup/follower.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

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

/** A socket says nothing when a subscription stands: comments until the first one arrives; answers those made. */
async function untilFollowed(
  live: { messages: readonly unknown[]; errors: readonly unknown[] },
  commenter: Frontend,
  postId: string,
): Promise<string[]> {
  const ids: string[] = [];
  // Another person's post: only its author reads it everywhere at once.
  await eventually(
    () =>
      commenter.data<{ post: { counts: object | null } }>('query ($id: ID!) { post(id: $id) { counts { up } } }', {
        id: postId,
      }),
    ({ post }) => post.counts !== null,
  );
  await eventually(
    async () => {
      const { comment } = await commenter.change<{ comment: { id: string } }>(
        'addComment',
        { postId, markdown: 'Are you there?' },
        'comment { id }',
      );
      ids.push(comment.id);
      await sleep(250);
      return { messages: live.messages.length, errors: live.errors };
    },
    ({ messages }) => messages > 0,
  );
  return ids;
}

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('two people write, talk and vote; a third watches live; a process is killed in the middle and nothing is lost', async () => {
    const [ada, grace] = [await aPerson(graph.url, 'ada'), await aPerson(graph.url, 'grace')];
    const post = await publish(ada, 'A wonderful morning in Trondheim', 'What a **great** day! I love this city.');
    const live = follow<{ newComment: { id: string; author: { username: string } } }>(
      () => new Frontend(graph.url).socket(),
      'subscription Comments($postId: ID!) { newComment(postId: $postId) { id html author { username } } }',
      { postId: post.id },
    );
    const warmUp = await untilFollowed(live, grace, post.id);

    await graph.killAndRestart('engagement');
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) {
      const input = { postId: post.id, markdown: `Comment ${n}`, idempotencyKey: `comment-${n}` };
      ids.push((await grace.change<{ comment: { id: string } }>('addComment', input, 'comment { id }')).comment.id);
    }
    await grace.change('vote', { targetId: post.id, value: 'UP', idempotencyKey: 'up' }, 'viewerVote');
    await grace.change('bookmarkPost', { postId: post.id }, 'bookmark { savedAt }');

    const seen = await eventually(
      () =>
        Promise.resolve(
          new Set(live.messages.map(({ data }) => data.newComment.id).filter((id) => !warmUp.includes(id))),
        ),
      (set) => ids.every((id) => set.has(id)),
    );
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(live.messages.filter(({ data }) => !warmUp.includes(data.newComment.id))).toHaveLength(ids.length);
    live.stop();

    const page = await eventually(
      () => grace.data<PostPage>(POST_PAGE, { id: post.id }),
      ({ post: shown }) =>
        shown.sentiment !== null && shown.comments?.edges.every(({ node }) => node.sentiment !== null) === true,
    );
    expect(page.post).toMatchObject({
      title: 'A wonderful morning in Trondheim',
      author: { name: ada.username },
      counts: { up: 1, score: 1, comments: warmUp.length + ids.length, bookmarks: 1 },
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
  });

  test('Redis is emptied in the middle; every write stays and every event arrives', async () => {
    const [ada, grace] = [await aPerson(graph.url, 'ada'), await aPerson(graph.url, 'grace')];
    const post = await publish(ada, 'A post that outlives its cache', 'Some text.');
    const live = follow<{ newComment: { id: string } }>(
      () => ada.socket(),
      'subscription Comments($postId: ID!) { newComment(postId: $postId) { id } }',
      { postId: post.id },
    );
    const warmUp = await untilFollowed(live, grace, post.id);
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
    );
    expect(shown.counts.comments).toBe(30 + warmUp.length);
    expect(shown.comments.edges).toHaveLength(30 + warmUp.length);
  });
});
