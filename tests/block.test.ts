import { aPerson, eventually, Frontend, publish } from './setup/client.ts';
import { follow } from './setup/follower.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

const DOORS = `query Doors($postId: ID!, $otherId: ID!, $userId: ID!, $name: String!, $word: String!) {
  post(id: $postId) { id title author { username } counts { score } }
  user(id: $userId) { username isOnline }
  byName: user(username: $name) { username }
  node(id: $userId) { ... on User { username } }
  comments(postId: $otherId, sort: OLD) { edges { node { id html isDeleted author { username } sentiment { label } } } }
  search(query: $word) { edges { node { node { ... on Post { id title } ... on User { id username } } } } }
}`;
interface Doors {
  post: { author: { username: string } | null } | null;
  user: { username: string; isOnline: boolean | null } | null;
  byName: object | null;
  node: object | null;
  comments: {
    edges: {
      node: { html: string | null; isDeleted: boolean; author: { username: string } | null; sentiment: object | null };
    }[];
  };
  search: { edges: { node: { node: object | null } }[] };
}

/** Until everybody who asks finds a post in engagement, too. */
const arrived = (id: string, one: Frontend) =>
  eventually(
    () =>
      one.ask<{ post: { counts: object | null } | null }>('query ($id: ID!) { post(id: $id) { counts { score } } }', {
        id,
      }),
    ({ data }) => data?.post?.counts != null,
  );

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('who is blocked meets the other behind no door of the graph, from the same second on, and others do', async () => {
    const [author, reader, other] = [
      await aPerson(graph.url, 'author'),
      await aPerson(graph.url, 'reader'),
      await aPerson(graph.url, 'other'),
    ];
    const word = `quodlibet${process.pid}`;
    const post = await publish(author, `A ${word}`, 'Words.');
    const others = await publish(other, 'About the weather', 'Words.');
    await arrived(others.id, author);
    await author.change('addComment', { postId: others.id, markdown: 'What a wonderful day!' }, 'comment { id }');
    await other.change('addComment', { postId: others.id, markdown: 'It is.' }, 'comment { id }');
    const variables = { postId: post.id, otherId: others.id, userId: author.userId, name: author.username, word };
    const doors = (one: Frontend) => one.data<Doors>(DOORS, variables);
    const meets = async (one: Frontend) => {
      const { post: own, user, byName, node, comments, search } = await doors(one);
      const [first, second] = comments.edges;
      return {
        post: own?.author?.username === author.username,
        user: user !== null && byName !== null && node !== null,
        comment: first?.node.html != null && first.node.author !== null && first.node.sentiment !== null,
        found: search.edges.length > 0,
        others: second?.node.author?.username === other.username,
      };
    };
    const all = { post: true, user: true, comment: true, found: true, others: true };
    const none = { post: false, user: false, comment: false, found: false, others: true };
    const same = (wanted: object) => (seen: object) => JSON.stringify(seen) === JSON.stringify(wanted);
    const visitor = new Frontend(graph.url);
    // Several times, so that whatever is kept is kept.
    for (const one of [reader, other, visitor]) {
      for (let round = 0; round < 3; round++) await eventually(() => meets(one), same(all));
    }
    expect((await doors(reader)).user?.isOnline).toBe(true);
    expect((await doors(visitor)).user?.isOnline).toBeNull();
    const news = (one: Frontend) =>
      follow<{ newComment: { html: string } }>(
        () => one.socket(),
        'subscription ($postId: ID!) { newComment(postId: $postId) { html author { username } } }',
        { postId: others.id },
      );
    const [readers, visitors] = [news(reader), news(visitor)];
    const say = (one: Frontend, markdown: string) =>
      one.change('addComment', { postId: others.id, markdown }, 'comment { id }');
    const heard = (messages: readonly { data: { newComment: { html: string } } }[]) =>
      messages.map(({ data }) => data.newComment.html);
    await eventually(
      async () => {
        await say(other, 'Testing.');
        return [heard(readers.messages).length, heard(visitors.messages).length];
      },
      (counts) => counts.every((count) => count > 0),
    );

    await author.change('blockUser', { userId: reader.userId }, 'blockedUser { id }');
    await eventually(() => meets(reader), same(none), 2000);
    for (const one of [other, visitor]) expect(await meets(one)).toEqual(all);
    await say(author, 'Behind a block.');
    await say(other, 'Before all.');
    await eventually(
      () => Promise.resolve(heard(readers.messages).at(-1)),
      (html) => html === '<p>Before all.</p>',
    );
    await eventually(
      () => Promise.resolve(heard(visitors.messages)),
      (html) => html.includes('<p>Behind a block.</p>') && html.includes('<p>Before all.</p>'),
    );
    expect(heard(readers.messages)).not.toContain('<p>Behind a block.</p>');

    await author.change('unblockUser', { userId: reader.userId }, 'user { id }');
    await eventually(() => meets(reader), same(all), 5000);
  });

  test('a block and a vote or an answer: what comes after it is refused', async () => {
    const [author, reader] = [await aPerson(graph.url, 'author'), await aPerson(graph.url, 'reader')];
    const post = await publish(author, 'Asked', 'Words.');
    await arrived(post.id, reader);
    await reader.change('vote', { targetId: post.id, value: 'UP' }, 'viewerVote');
    await reader.change('followUser', { userId: author.userId }, 'user { id }');
    await reader.change('blockUser', { userId: author.userId }, 'blockedUser { id }');
    // One's own block is seen by one's own next request, wherever it goes.
    for (const [mutation, input, selection] of [
      ['vote', { targetId: post.id, value: 'DOWN' }, 'viewerVote'],
      ['addComment', { postId: post.id, markdown: 'Hello?' }, 'comment { id }'],
      ['followUser', { userId: author.userId }, 'user { id }'],
    ] as const) {
      await expect(reader.change(mutation, input, selection)).rejects.toThrow('NOT_FOUND');
    }
    const { user } = await new Frontend(graph.url).data<{ user: object }>(
      'query ($id: ID!) { user(id: $id) { followersCount followingCount } }',
      { id: author.userId },
    );
    expect(user).toEqual({ followersCount: 0, followingCount: 0 });
  });
});
