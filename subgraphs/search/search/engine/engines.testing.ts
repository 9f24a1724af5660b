import { Client } from '@elastic/elasticsearch';
import { testEngines } from 'kit/testing/subgraph';

type Environment = Readonly<Record<string, string>>;

/** What a test of both engines runs under, for `describe.each`; Elasticsearch's is null where this run has none. */
export const enginesFor = (name: string): [engine: string, environment: Environment | null][] => {
  const { elasticsearchUrl: url } = testEngines();
  const alias = `test-${name}-${process.pid}-${Date.now()}`;
  return [
    ['PostgreSQL', {}],
    ['Elasticsearch', url ? { ELASTICSEARCH_URL: url, ELASTICSEARCH_INDEX: alias } : null],
  ];
};

export const skipEngine = (): void => test.skip('set TEST_ELASTICSEARCH_URL to exercise it', () => undefined);

/** Every index made under an alias, those that it no longer leads to included. */
export async function indexesOf(client: Client, alias: string): Promise<string[]> {
  const all = Object.keys(await client.indices.get({ index: `${alias}-*` }));
  return all.filter((index) => /^-\d+$/.test(index.slice(alias.length)));
}

/** Takes away what a test has made at Elasticsearch, if it was there. */
export async function deleteIndexes({
  ELASTICSEARCH_URL: node,
  ELASTICSEARCH_INDEX: alias,
}: Environment): Promise<void> {
  if (!node || !alias) return;
  const client = new Client({ node });
  for (const index of await indexesOf(client, alias)) await client.indices.delete({ index });
  await client.close();
}
