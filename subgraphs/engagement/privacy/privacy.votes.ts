import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import type { Person, Step } from 'kit/rights/rights';
import { countCommentVotes } from '../comment/comment.actions.ts';
import { countPost } from '../count/count.actions.ts';

const BATCH = 50;

interface Vote {
  readonly targetId: string;
  readonly value: number;
}

const isOn = (isOnComments: boolean) =>
  sql`${isOnComments ? sql`exists` : sql`not exists`} (select 1 from comment c where c.id = v.target_id)`;

/** In the order of their targets: of two who are erased at once, neither waits for a counter the other holds. */
async function takeBack(tx: Change, uuid: string, isOnComments: boolean): Promise<number> {
  const votes = await tx.rows<Vote>(sql`
    delete from vote where (target_id, voter_id) in (
      select v.target_id, v.voter_id from vote v
      where v.voter_id = ${uuid} and ${isOn(isOnComments)}
      order by v.target_id limit ${sql.lit(BATCH)} for update)
    returning target_id as "targetId", value`);
  const count = isOnComments ? countCommentVotes : countPost;
  for (const { targetId, value } of votes.sort((one, other) => (one.targetId < other.targetId ? -1 : 1))) {
    const [up, down] = [-Number(value === 1), -Number(value === -1)];
    const delta = sql`delta as (select ${up}::int as up, ${down}::int as down, 0 as comments, 0 as bookmarks)`;
    await count(tx, fromUuid(isOnComments ? 'comment' : 'post', targetId), delta);
  }
  return votes.length;
}

/** The sums stay, and nothing tells any more that one person gave these votes. */
async function disconnect(tx: Change, uuid: string, isOnComments: boolean): Promise<number> {
  const rows = await tx.rows(sql`
    update vote set voter_id = gen_random_uuid() where (target_id, voter_id) in (
      select v.target_id, v.voter_id from vote v where v.voter_id = ${uuid} and ${isOn(isOnComments)} limit 500)
    returning 1`);
  return rows.length;
}

const votesOn =
  (isOnComments: boolean) =>
  (tx: Change, { uuid, mode }: Person) =>
    mode === 'ERASE' ? takeBack(tx, uuid, isOnComments) : disconnect(tx, uuid, isOnComments);

async function forgetBookmarks(tx: Change, { uuid }: Person): Promise<number> {
  const gone = await tx.rows<{ postId: string }>(sql`
    delete from bookmark where id in (
      select id from bookmark where reader_id = ${uuid} order by post_id limit ${sql.lit(BATCH)})
    returning post_id as "postId"`);
  for (const { postId } of gone.sort((one, other) => (one.postId < other.postId ? -1 : 1))) {
    await countPost(
      tx,
      fromUuid('post', postId),
      sql`delta as (select 0 as up, 0 as down, 0 as comments, -1 as bookmarks)`,
    );
  }
  return gone.length;
}

export const voteSteps: readonly Step[] = [
  { name: 'votes on posts', run: votesOn(false) },
  { name: 'votes on comments', run: votesOn(true) },
  { name: 'bookmarks', run: forgetBookmarks },
];
