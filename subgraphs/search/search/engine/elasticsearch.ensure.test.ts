import { sql } from 'kit/database';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { find, givenIn, SEARCH } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
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
}
