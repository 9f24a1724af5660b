import { sql } from 'kit/database';
import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { aPost } from './insights.testing.ts';
import { insights } from './subgraph.ts';
const graph = testSubgraph(insights);
const TRACK = `mutation ($input: TrackEventInput!) { trackEvent(input: $input) { accepted userErrors { field code } } }`;
const pool = () => { const p = graph.running().contextFor(userViewer(newId('user'))).services.database.pool; return [p.totalCount, p.idleCount, p.waitingCount]; };
test('probe', async () => {
  const postId = await aPost(graph);
  console.log('before', pool());
  for (let round = 0; round < 5; round++) {
  const all = Promise.all(Array.from({ length: 50 }, (_, n) => graph.as(userViewer(newId('user'))).run(TRACK, { input: { postId, kind: 'VIEW' } })));
  await graph.rows(sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%post_total%'`).catch((e) => console.log(String(e)));
  const a = await all;
  await new Promise((r) => setTimeout(r, 1500));
  console.log('after', pool(), a.filter((x) => x.errors).length);
  }
});
