import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { aPerson, signIn } from '../testing.ts';
import { sweep } from './privacy.steps.ts';

const graph = testSubgraph(users);

test('of limits only those go that somebody who is gone was counted by', async () => {
  const [gone, other] = [await aPerson(graph, 'Straße', 'street@example.org'), await aPerson(graph, 'ign')];
  for (const { username, email } of [gone, other]) {
    await signIn(graph, username);
    await signIn(graph, email);
  }
  const ctx = graph.running().contextFor(systemViewer);
  const counted = async () => (await ctx.services.redis.keys('limit:sign-in:*')).sort();
  const before = await counted();
  for (const { userId, username, email } of [gone, other]) {
    await graph.rows(sql`
      insert into deletion (id, user_id, mode, status, receipt_hash, due_at, username, address)
      values (${toUuid(newId('deletion'))}, ${toUuid(userId)}, 'ERASE', 'SWEEPING', ${Buffer.from(userId)}, now(), ${username}, ${email})`);
  }
  const forget = ({ userId: id }: typeof gone) =>
    ctx.change(async (tx) =>
      sweep.find(({ name }) => name === 'keys in Redis')?.run(tx, { id, uuid: toUuid(id), mode: 'ERASE' }),
    );
  await forget(gone);
  expect(await counted()).toEqual(before.filter((key) => !/\|str(asse|eet@)/.test(key)));
  await forget(other);
  expect(await counted()).toEqual([expect.stringMatching(/^limit:sign-in:[^|]+$/)]);
});
