import { once } from 'node:events';
import { WebSocket } from 'ws';
import { aPerson, eventually, Frontend, publish, sleep } from './setup/client.ts';
import { follow } from './setup/follower.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';
import { startSecondBeside } from './setup/second.ts';

const codesOf = (errors: readonly unknown[]): unknown[] =>
  (errors.flat() as { extensions?: { code?: string } }[]).map((error) => error.extensions?.code);

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  const sockets: WebSocket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('a reader sees a post change, with what other subgraphs say of it', async () => {
    const author = await aPerson(graph.url, 'author');
    const post = await publish(author, 'Before', 'Text.');
    const live = follow<{ postUpdated: { title: string; author: { name: string }; counts: { score: number } | null } }>(
      () => new Frontend(graph.url).socket(),
      'subscription ($postId: ID!) { postUpdated(postId: $postId) { title version author { name } counts { score } sentiment { label } } }',
      { postId: post.id },
    );
    let version = 1;
    const seen = await eventually(
      async () => {
        await author.change(
          'updatePost',
          { id: post.id, version: version++, title: `After ${version}` },
          'post { version }',
        );
        await sleep(200);
        return live.messages[0]?.data.postUpdated;
      },
      (one) => one !== undefined,
    );
    expect(seen).toMatchObject({
      title: expect.stringMatching(/^After \d+$/) as string,
      author: { name: author.username },
      counts: { score: 0 },
    });
  });

  test('an author watches what readers do; others are refused', async () => {
    const [author, reader] = [await aPerson(graph.url, 'author'), await aPerson(graph.url, 'reader')];
    const post = await publish(author, 'Watched', 'Text.');
    const query =
      'subscription ($postId: ID!) { realtimeAnalytics(postId: $postId) { views up comments post { title } } }';
    const live = follow<{ realtimeAnalytics: { views: number; up: number } }>(() => author.socket(), query, {
      postId: post.id,
    });
    const nosy = follow(() => reader.socket(), query, { postId: post.id });
    await eventually(
      () => Promise.resolve(codesOf(nosy.errors)),
      (codes) => codes.length > 0,
    );
    // Until the post has arrived in insights it is nobody's business there; then it is the author's only.
    await eventually(
      () => Promise.resolve(codesOf(nosy.errors).at(-1)),
      (code) => code === 'FORBIDDEN',
    );
    await reader.change('vote', { targetId: post.id, value: 'UP' }, 'viewerVote');
    await reader.change('trackEvent', { postId: post.id, kind: 'VIEW' }, 'accepted');
    await eventually(
      async () => {
        await reader.change('trackEvent', { postId: post.id, kind: 'SHARE' }, 'accepted');
        await sleep(300);
        return live.messages.at(-1)?.data.realtimeAnalytics ?? live.errors;
      },
      (shown) => 'up' in shown && shown.up === 1 && shown.views === 1,
    );
    expect(nosy.messages).toEqual([]);
  });

  test('signing out closes the sockets of the session within a second, and no others', async () => {
    const [leaves, stays] = [await aPerson(graph.url, 'leaves'), await aPerson(graph.url, 'stays')];
    const closed: string[] = [];
    for (const person of [leaves, stays]) {
      const socket = new WebSocket(graph.url.replace('http', 'ws'), 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${person.token}` } }));
      await once(socket, 'message');
      socket.once('close', (code) => closed.push(`${person.username} ${code}`));
      sockets.push(socket);
    }
    await leaves.change('logout', {}, '__typename');
    const startedAt = performance.now();
    const second = startSecondBeside(() => stays.ask('{ viewer { id } }'));
    await eventually(
      () => Promise.resolve(closed),
      (all) => all.length > 0,
    );
    const took = performance.now() - startedAt;
    expect(took).toBeLessThan(500 + (await second()));
    expect(closed).toEqual([`${leaves.username} 4403`]);
  });

  test('nobody follows a draft that is not theirs', async () => {
    const [author, reader] = [await aPerson(graph.url, 'author'), await aPerson(graph.url, 'reader')];
    const { post } = await author.change<{ post: { id: string } }>(
      'createPost',
      { title: 'Draft', markdown: 'x' },
      'post { id }',
    );
    const nosy = follow(() => reader.socket(), 'subscription ($id: ID!) { postUpdated(postId: $id) { title } }', {
      id: post.id,
    });
    const codes = await eventually(
      () => Promise.resolve(codesOf(nosy.errors)),
      (all) => all.length > 0,
    );
    expect(codes[0]).toBe('NOT_FOUND');
    expect(nosy.messages).toEqual([]);
  });
});
