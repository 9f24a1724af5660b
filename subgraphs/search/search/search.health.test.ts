import { testSubgraph } from 'kit/testing/subgraph';
import { search } from '../subgraph.ts';

// Port 9 discards: nobody listens there.
const without = testSubgraph(search, { ELASTICSEARCH_URL: 'http://127.0.0.1:9' });
const onPostgresql = testSubgraph(search);

test('health names the Elasticsearch that is away, and is degraded, not down', async () => {
  expect(await without.running().health()).toEqual({
    status: 'degraded',
    dependencies: { postgresql: 'ok', redis: 'ok', elasticsearch: 'away' },
  });
});

test('an engine that is not used is no dependency', async () => {
  expect(await onPostgresql.running().health()).toEqual({
    status: 'ok',
    dependencies: { postgresql: 'ok', redis: 'ok' },
  });
});
