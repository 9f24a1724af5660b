import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { aPerson, givenComment, givenPost } from '../engagement.testing.ts';
import { engagement } from '../subgraph.ts';
import { storm, tallyOf, wantedTally } from './vote.testing.ts';

const graph = testSubgraph(engagement, { LOG_LEVEL: 'error' });
for (const mode of ['none', 'select lock', 'update only', 'lock+update', 'add']) {
test(mode, async () => {
  const me = graph.as(aPerson());
  const postId = await givenPost(graph);
  const commentId = await givenComment(me, postId);
  await graph.rows(sql`alter table comment drop constraint if exists comment_down_check, drop constraint if exists comment_up_check`);
  let going = true;
  const c = toUuid(commentId);
  const noise = async () => { while (going) {
    if (mode === 'none') return;
    if (mode === 'add') await givenComment(me, postId, { parentId: commentId });
    else await me.context().change(async (tx) => {
      if (mode !== 'update only') await tx.rows(sql`select depth from comment where id = ${c} for no key update`);
      if (mode !== 'select lock') await tx.rows(sql`update comment set replies_count = replies_count + 1 where id = ${c}`);
    });
  } };
  const n = [noise(), noise()];
  const last = await storm(graph, { targets: [commentId], voters: 20, votes: 600 });
  going = false; await Promise.all(n);
  const answer = await graph.anonymously.entity('Comment', commentId, 'counts { up down score }');
  console.log(mode, JSON.stringify([answer, await tallyOf(graph, commentId), wantedTally(last, commentId)]));
}, 60000);
}
