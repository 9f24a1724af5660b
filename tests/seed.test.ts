import { sql } from 'kit/database';
import type { Transport } from 'kit/request';
import { systemViewer, userViewer } from 'kit/viewer';
import { reserveUsername } from 'subgraphs/users/account/reserved-username.actions';
import { people } from '../local/demo.ts';
import { startInProcess } from '../local/in-process.ts';
import { freePort } from '../local/port.ts';
import { seedWhenEmpty } from '../local/seed.ts';
import { Frontend } from './setup/client.ts';
import { prepareStores, type Stores } from './setup/graph.ts';

let stores: Stores;
let graph: Awaited<ReturnType<typeof startInProcess>>;
beforeAll(async () => {
  stores = await prepareStores();
  graph = await startInProcess({ ...stores.environment, PORT: String(await freePort()) });
}, 60_000);
afterAll(async () => {
  await graph.stop();
  await stores.drop();
});

/** Goes away when the first post is to be made. */
const withoutPosts: Transport = {
  send: async (request, hop) => {
    if (request.query.includes('createPost')) throw new Error('cut short');
    return (await graph.transports['content']?.send(request, hop)) ?? {};
  },
  close: () => Promise.resolve(),
};
const said: string[] = [];
const seed = (transports: Readonly<Record<string, Transport>>) => seedWhenEmpty(transports, (line) => said.push(line));
const postsOf = async () =>
  (
    await new Frontend(graph.url).data<{ posts: { edges: { node: { author: { username: string } } }[] } }>(
      '{ posts(first: 10) { edges { node { author { username } } } } }',
    )
  ).posts.edges.map(({ node }) => node.author.username);

test('the name of somebody who has left is not taken again: the graph starts without demo content', async () => {
  const users = graph.running.find(({ name }) => name === 'users')?.contextFor(systemViewer);
  await users?.change((tx) => reserveUsername(tx, people[0].username));
  await seed(graph.transports);
  expect(said.at(-1)).toContain('no demo content');
  expect(await postsOf()).toEqual([]);
  await users?.rows(sql`delete from reserved_username`);
});

test('demo content that was cut short is added by the next start', async () => {
  await expect(seed({ ...graph.transports, content: withoutPosts })).rejects.toThrow('cut short');
  await seed(graph.transports);
  expect((await postsOf()).sort()).toEqual(['ada', 'ada', 'grace']);
});

test('demo content whose posts have been deleted since is added again by the next start', async () => {
  const { posts } = await new Frontend(graph.url).data<{
    posts: { edges: { node: { id: string; author: { id: string } } }[] };
  }>('{ posts(first: 10) { edges { node { id author { id } } } } }');
  for (const { node } of posts.edges) {
    const query = 'mutation ($id: ID!) { deletePost(input: { id: $id }) { userErrors { message } } }';
    const client = { address: 'test', userAgent: 'test' };
    const hop = { viewer: userViewer(node.author.id), requestId: 'deleting', client, after: [] };
    const answer = await graph.transports['content']?.send({ query, variables: { id: node.id } }, hop);
    expect(answer?.data).toEqual({ deletePost: { userErrors: [] } });
  }
  expect(await postsOf()).toEqual([]);
  await seed(graph.transports);
  expect((await postsOf()).sort()).toEqual(['ada', 'ada', 'grace']);
  const counts = await new Frontend(graph.url).data<{ posts: { edges: { node: { counts: { comments: number } } }[] } }>(
    '{ posts(first: 10) { edges { node { counts { comments } } } } }',
  );
  expect(counts.posts.edges.map(({ node }) => node.counts.comments).sort()).toEqual([1, 1, 2]);
});
