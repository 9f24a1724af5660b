import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { insights } from '../subgraph.ts';
import { forgetPastViewers } from './track.keys.ts';

const graph = testSubgraph(insights);

test('the key of a day is gone two days later, however late in its day it was made', async () => {
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  await graph.rows(
    sql`insert into viewer_key (name, secret, made_at) values (${day}, 'x', now() - interval '25 hours')`,
  );
  await forgetPastViewers(graph.running().contextFor(systemViewer));
  expect(await graph.rows(sql`select 1 from viewer_key where name = ${day}`)).toEqual([]);
});
