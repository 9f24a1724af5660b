import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { find, givenIn, SEARCH } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
import { deleteIndexes } from './engines.testing.ts';

const { elasticsearchUrl } = testEngines();

if (!elasticsearchUrl) {
  test.skip('set TEST_ELASTICSEARCH_URL to exercise its silence', () => undefined);
} else {
  /** Passes connections on to Elasticsearch, and nothing any more once it is silent. */
  const sockets = new Set<Socket>();
  let isSilent = false;
  const { hostname, port } = new URL(elasticsearchUrl);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const one of [near, far]) sockets.add(one.on('error', () => undefined));
    near.on('data', (chunk) => isSilent || far.write(chunk));
    far.pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };

  const environment = { ELASTICSEARCH_URL: elasticsearchUrl, ELASTICSEARCH_INDEX: `test-silence-${Date.now()}` };
  const line = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const graph = testSubgraph(search, { ...environment, ELASTICSEARCH_URL: line });
  const given = givenIn(graph);
  afterAll(async () => {
    cut();
    await deleteIndexes(environment);
  });

  test('while searches wait for an Elasticsearch that says nothing, all else is answered', async () => {
    const post = await given.post({ title: 'Serpent' });
    expect((await find(graph.anonymously, 'serpent')).ids).toEqual([post]);
    isSilent = true;
    const late = await given.post({ title: 'Ophicleide' });
    const searches = Array.from({ length: 20 }, () => graph.anonymously.run(SEARCH, { query: 'ophicleide' }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const trends = graph.anonymously.data('{ trendingPosts { edges { node { post { id } } } } }');
    const patience = new Promise((resolve) => setTimeout(resolve, 4000, 'nothing in 4 s'));
    expect(await Promise.race([trends, patience])).toMatchObject({
      trendingPosts: { edges: expect.arrayContaining([{ node: { post: { id: late } } }]) as unknown },
    });
    cut();
    for (const { errors } of await Promise.all(searches)) expect(errors?.[0]?.extensions?.['code']).toBe('RETRY_LATER');
    await trends;
  });
}
