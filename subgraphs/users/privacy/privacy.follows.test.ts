import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson } from '../testing.ts';
import { erasure } from './privacy.steps.ts';

const graph = testSubgraph(users);

test('of somebody with many followers each batch reads its own, and not all that are left', async () => {
  const [person, another] = [await aPerson(graph), await aPerson(graph)];
  await graph.rows(sql`
    with fans as (
      insert into "user" (id, username, username_folded, username_skeleton, name, email, email_folded, password_hash, following_count,
        joined_at, updated_at)
      select gen_random_uuid(), 'fan' || n, 'fan' || n, 'fan' || n, 'Fan', '', 'fan' || n, '', 1, now(), now()
      from generate_series(1, 3000) n returning id)
    insert into follow (follower_id, followed_id, followed_at) select id, ${toUuid(person.userId)}::uuid, now() from fans`);
  await graph.rows(sql`update "user" set followers_count = 3000 where id = ${toUuid(person.userId)}`);
  await graph.rows(sql`analyze follow`);
  const batch = (userId: string) =>
    graph
      .running()
      .contextFor(systemViewer)
      .change(async (tx) => {
        const count = await erasure[0]?.run(tx, { id: userId, uuid: toUuid(userId), mode: 'ERASE' });
        const [{ read } = { read: 0 }] = await tx.rows<{ read: number }>(sql`
          select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'follow'`);
        return { count, read };
      });
  const { count, read } = await batch(person.userId);
  expect(count).toBe(50);
  expect(read).toBeLessThan(1000);
  expect((await batch(another.userId)).count).toBe(0);
});
