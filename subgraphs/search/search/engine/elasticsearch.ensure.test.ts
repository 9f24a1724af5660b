import { Client } from '@elastic/elasticsearch';
import { sql } from 'kit/database';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { find, givenIn, SEARCH } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
import { pushDocuments } from '../search.jobs.ts';
import { deleteIndexes } from './engines.testing.ts';

const { elasticsearchUrl } = testEngines();

if (!elasticsearchUrl) {
  test.skip('set TEST_ELASTICSEARCH_URL to exercise an index that is made anew', () => undefined);
} else {
  const environment = { ELASTICSEARCH_URL: elasticsearchUrl, ELASTICSEARCH_INDEX: `test-ensure-${Date.now()}` };
  const graph = testSubgraph(search, environment);
  const given = givenIn(graph);
  afterAll(() => deleteIndexes(environment));

  test('an index is made anew with all there is, also where the first try failed half-way', async () => {
    const post = await given.post({ title: 'Hurdy-gurdy' });
    expect((await find(graph.anonymously, 'hurdy')).ids).toEqual([post]);
    await deleteIndexes(environment);
    expect((await graph.anonymously.run(SEARCH, { query: 'hurdy' })).errors).toHaveLength(1);
    await graph.rows(sql`alter table document_change add constraint unwritable check (pushed > 0)`);
    expect((await graph.anonymously.run(SEARCH, { query: 'hurdy' })).errors).toHaveLength(1);
    await graph.rows(sql`alter table document_change drop constraint unwritable`);
    expect((await find(graph.anonymously, 'hurdy')).ids).toEqual([post]);
  });

  test('an index that takes nothing in, as on a full disk, is away: what has changed waits', async () => {
    const client = new Client({ node: elasticsearchUrl });
    const block = (isOn: boolean) =>
      client.indices.putSettings({
        index: environment.ELASTICSEARCH_INDEX,
        settings: { 'index.blocks.read_only_allow_delete': isOn || null },
      });
    await block(true);
    const post = await given.post({ title: 'Nyckelharpa' });
    const { errors } = await graph.anonymously.run(SEARCH, { query: 'nyckelharpa' });
    expect(errors?.[0]?.extensions?.['code']).toBe('RETRY_LATER');
    await pushDocuments.run(graph.anonymously.context(), {});
    await block(false);
    expect((await find(graph.anonymously, 'nyckelharpa')).ids).toEqual([post]);
    await client.close();
  });
}
