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
  await new Promise((r) => setTimeout(r, 15));
  await graph.rows(sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%post_total%'`).catch((e) => console.log(String(e)));
  const a = await all;
  await new Promise((r) => setTimeout(r, 1500));
  console.log('after', pool(), a.filter((x) => x.errors).length, (graph.running().contextFor(userViewer(newId('user'))).services.database.pool as any)._clients.filter((c:any)=>!(graph.running().contextFor(userViewer(newId('user'))).services.database.pool as any)._idle.some((i:any)=>i.client===c)).map((c:any)=>[c._connected,c._ending,c._ended,c._queryable,c.activeQuery?.text, c._activeQuery?.text,c._txStatus,c.queryQueue?.length]));
  }
});
