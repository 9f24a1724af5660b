import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Client } from '@elastic/elasticsearch';
import { sql } from 'kit/database';
import { newId } from 'kit/ids';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { find, givenIn, SEARCH } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
import { pushDocuments } from '../search.jobs.ts';

/** Refuses connections: nothing listens on port 1. */
const NOWHERE = 'http://127.0.0.1:1';

describe('where Elasticsearch is away', () => {
  const graph = testSubgraph(search, { ELASTICSEARCH_URL: NOWHERE });
  const given = givenIn(graph);

  test('events are kept, rights go on being withdrawn, and only `search` asks to come again', async () => {
    const member = userViewer(newId('user'));
    const community = await given.community('spinet-players', true);
    await given.join(community, member.userId ?? '');
    const post = await given.post({ title: 'Spinet', communityId: community });
    const { data, errors } = await graph.anonymously.run(SEARCH, { query: 'spinet' });
    expect({ data, code: errors?.[0]?.extensions?.['code'] }).toEqual({ data: null, code: 'RETRY_LATER' });
    const feed =
      '{ homeFeed { edges { node { post { id } } } } trendingPosts { edges { node { post { id } } } } suggest(prefix: "spin") { text } }';
    const item = { node: { post: { id: post } } };
    const seen = await graph.as(member).data<{ suggest: object[] }>(feed);
    expect(seen).toMatchObject({ homeFeed: { edges: [item] }, trendingPosts: { edges: [item] } });
    expect(seen.suggest).toHaveLength(2);
    await given.leave(community, member.userId ?? '');
    expect(await graph.as(member).data(feed)).toEqual({
      homeFeed: { edges: [] },
      trendingPosts: { edges: [] },
      suggest: [],
    });
    expect(await graph.rows(sql`select 1 from dead_letter`)).toEqual([]);
    expect(
      await graph.rows<{ waiting: number }>(
        sql`select count(*) as waiting from document_change where pushed < revision`,
      ),
    ).toEqual([{ waiting: 2 }]);
  });
});

const { elasticsearchUrl } = testEngines();

/** Passes connections on to Elasticsearch until it is cut. */
async function aLine(to: URL): Promise<{ url: string; cut: () => void; mend: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  };
  const port = await listen(0);
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return { url: `http://127.0.0.1:${port}`, cut, mend: async () => void (await listen(port)) };
}

if (elasticsearchUrl) {
  const line = await aLine(new URL(elasticsearchUrl));
  const alias = `test-away-${Date.now()}`;
  const client = new Client({ node: elasticsearchUrl });
  const deleteIndex = async (): Promise<void> => {
    for (const index of Object.keys(await client.indices.getAlias({ name: alias })))
      await client.indices.delete({ index });
  };

  describe('where Elasticsearch comes and goes', () => {
    const graph = testSubgraph(search, { ELASTICSEARCH_URL: line.url, ELASTICSEARCH_INDEX: alias });
    const given = givenIn(graph);
    afterAll(async () => {
      line.cut();
      await deleteIndex();
    });

    test('what changed meanwhile is found when it is back, what was deleted is not', async () => {
      const [kept, doomed] = [await given.post({ title: 'Celesta' }), await given.post({ title: 'Celesta, too' })];
      expect((await find(graph.anonymously, 'celesta')).ids).toEqual([kept, doomed]);
      line.cut();
      const late = await given.post({ title: 'Celesta at last, after all' });
      await given.deletePost(doomed);
      expect((await graph.anonymously.run(SEARCH, { query: 'celesta' })).errors?.[0]?.extensions?.['code']).toBe(
        'RETRY_LATER',
      );
      await pushDocuments.run(graph.anonymously.context(), {});
      expect(await graph.rows(sql`select 1 from document_change where pushed < revision`)).toHaveLength(2);
      await line.mend();
      expect((await find(graph.anonymously, 'celesta')).ids).toEqual([kept, late]);
    });

    test('an index that was lost is made anew', async () => {
      const post = await given.post({ title: 'Glockenspiel' });
      expect((await find(graph.anonymously, 'glockenspiel')).ids).toEqual([post]);
      await deleteIndex();
      expect((await graph.anonymously.run(SEARCH, { query: 'glockenspiel' })).errors?.[0]?.extensions?.['code']).toBe(
        'RETRY_LATER',
      );
      expect((await find(graph.anonymously, 'glockenspiel')).ids).toEqual([post]);
    });

    test('an index that has not heard yet that a right was withdrawn shows nothing of it', async () => {
      const post = await given.post({ title: 'Vibraphone' });
      expect((await find(graph.anonymously, 'vibraphone')).ids).toEqual([post]);
      await given.deletePost(post);
      await graph.rows(sql`update document_change set pushed = revision`);
      expect((await find(graph.anonymously, 'vibraphone')).ids).toEqual([]);
    });
  });
}
