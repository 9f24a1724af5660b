import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sql } from 'kit/database';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { find, givenIn } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
import { rebuildIndex } from '../search.actions.ts';
import { deleteIndexes } from './engines.testing.ts';

const { elasticsearchUrl } = testEngines();

interface Line {
  readonly url: string;
  /** Resolves when the second part of a new index is on its way, which stays there until it is let go. */
  readonly isHeld: Promise<void>;
  readonly letGo: () => void;
  readonly close: () => void;
}

/** Passes connections on to Elasticsearch, and holds up the second part of an index that is being filled. */
async function aLine(to: URL): Promise<Line> {
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let parts = -Infinity;
  const passes = async (text: string): Promise<void> => {
    if (/^PUT \/[^ /]+-\d+ /.test(text)) parts = 0;
    if (/^\w+ \/_bulk/.test(text) && ++parts === 2) {
      held.resolve();
      await release.promise;
    }
  };
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    far.pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('data', (chunk: Buffer) => {
      near.pause();
      void passes(chunk.toString('latin1')).then(() => {
        far.write(chunk);
        near.resume();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    isHeld: held.promise,
    letGo: release.resolve,
    close: () => void server.close(),
  };
}

if (!elasticsearchUrl) {
  test.skip('set TEST_ELASTICSEARCH_URL to exercise a rebuild of its index', () => undefined);
} else {
  const line = await aLine(new URL(elasticsearchUrl));
  const environment = { ELASTICSEARCH_URL: elasticsearchUrl, ELASTICSEARCH_INDEX: `test-rebuild-${Date.now()}` };
  const graph = testSubgraph(search, { ...environment, ELASTICSEARCH_URL: line.url });
  const given = givenIn(graph);
  afterAll(async () => {
    line.close();
    await deleteIndexes(environment);
  });

  test('events are heard while an index is filled, and what they change is in it afterwards', async () => {
    const posts = await given.posts(Array.from({ length: 150 }, (_, n) => ({ title: `Ocarina ${n}` })));
    const [first = ''] = posts.toSorted();
    expect((await find(graph.anonymously, 'ocarina')).ids).toHaveLength(20);
    const rebuilt = rebuildIndex(graph.anonymously.context()).then(() => 'rebuilt');
    await line.isHeld;
    const heard = given.post({ id: first, title: 'Nightingale' }, { aggregateVersion: 1000 }).then(() => 'heard');
    expect(await Promise.race([heard, rebuilt.catch(() => 'failed')])).toBe('heard');
    line.letGo();
    expect(await rebuilt).toBe('rebuilt');
    // Only what has changed meanwhile has to be sent once more.
    expect(await graph.rows(sql`select 1 from document_change where pushed < revision`)).toHaveLength(1);
    expect((await find(graph.anonymously, 'nightingale')).ids).toEqual([first]);
    expect(await graph.rows(sql`select 1 from dead_letter`)).toEqual([]);
  });
}
