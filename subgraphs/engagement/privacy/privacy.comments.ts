import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { NOBODY, type Person, type Step } from 'kit/rights/rights';
import { commentDeleted } from '../comment/comment.actions.ts';
import { countPost } from '../count/count.actions.ts';

const BATCH = 50;

interface Row {
  readonly id: string;
  readonly postId: string;
  readonly isDeleted: boolean;
}

/**
 * Comments become what a deleted one is: its place in the thread stays, its words and author go. All rows of the batch are
 * locked before the first counter, as every change of comments locks: nobody waits for another in a circle.
 */
async function eraseComments(tx: Change, { uuid, mode }: Person): Promise<number> {
  // What stays of somebody made anonymous are the comments that are still to be read.
  const rows = await tx.rows<Row>(sql`
    select id, post_id as "postId", deleted_at is not null as "isDeleted" from comment
    where author_id = ${uuid} and ${mode === 'ERASE' ? sql`true` : sql`deleted_at is not null`}
    order by id limit ${sql.lit(BATCH)} for no key update`);
  if (rows.length === 0) return 0;
  await tx.rows(sql`
    update comment set markdown = null, html = null, author_id = ${NOBODY}, deleted_at = coalesce(deleted_at, now())
    where id = any(${rows.map((row) => row.id)}::uuid[])`);
  const fresh = rows.filter((row) => !row.isDeleted);
  const byPost = [...Map.groupBy(fresh, (row) => row.postId)].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [postId, comments] of byPost) {
    const by = -comments.length;
    const delta = sql`delta as (select 0 as up, 0 as down, ${by}::int as comments, 0 as bookmarks)`;
    await countPost(tx, fromUuid('post', postId), delta);
  }
  for (const { id, postId } of fresh) {
    tx.emit(commentDeleted, { commentId: fromUuid('comment', id), postId: fromUuid('post', postId) });
  }
  return rows.length;
}

export const commentSteps: readonly Step[] = [{ name: 'comments', run: eraseComments }];
