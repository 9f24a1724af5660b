import { type Change, type Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, CodedError, notFound } from 'kit/errors';
import { checkId, type Id, toUuid } from 'kit/ids';
import { dissolveFollows, lockPair } from '../follow/follow.actions.ts';
import { userById } from '../user/user.loaders.ts';
import { userBlocked, userUnblocked } from './block.events.ts';
import { type BlockedUserRow, blockedUserById } from './block.loaders.ts';

/** A person's blocks are asked with everything they read, and handed whole to a search index. */
export const MAX_BLOCKS = 10_000;

export interface BlockInput {
  readonly userId: Id;
}

/** Hides two people from each other and ends their following. Blocking twice is blocking once. */
export async function blockUser(ctx: Context, { userId }: BlockInput): Promise<BlockedUserRow | null> {
  const blockerId = blockerOf(ctx, userId);
  if (!(await blockedUserById(ctx, userId)) && !(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  await ctx.change(async (tx) => {
    await lockPair(tx, blockerId, userId);
    if (!(await insertBlock(tx, blockerId, userId))) return;
    await dissolveFollows(tx, blockerId, userId);
    tx.emit(userBlocked, { blockerId, blockedId: userId });
  });
  blockedUserById.clear(ctx, userId);
  userById.clear(ctx, userId);
  return blockedUserById(ctx, userId);
}

/** Blocks of one person come one after the other, behind the lock of their row: the count is theirs alone. */
async function insertBlock(tx: Change, blockerId: Id, blockedId: Id): Promise<boolean> {
  const [{ count } = { count: 0 }] = await tx.rows<{ count: number }>(
    sql`select count(*) as count from block where blocker_id = ${toUuid(blockerId)} and blocked_id <> ${toUuid(blockedId)}`,
  );
  if (count >= MAX_BLOCKS) throw new CodedError('CONFLICT', `At most ${MAX_BLOCKS} people are blocked.`, ['userId']);
  const added = await tx.rows(sql`
    insert into block (blocker_id, blocked_id, blocked_at)
    values (${toUuid(blockerId)}, ${toUuid(blockedId)}, date_trunc('milliseconds', now())) on conflict do nothing returning 1`);
  return added.length > 0;
}

/** Takes one's own block back; the other's stays, as does the end of the following. */
export async function unblockUser(ctx: Context, { userId }: BlockInput) {
  const blockerId = blockerOf(ctx, userId);
  await ctx.change(async (tx) => {
    const removed = await tx.rows(sql`
      delete from block where blocker_id = ${toUuid(blockerId)} and blocked_id = ${toUuid(userId)} returning 1`);
    if (removed.length > 0) tx.emit(userUnblocked, { blockerId, blockedId: userId });
  });
  userById.clear(ctx, userId);
  return userById(ctx, userId);
}

function blockerOf(ctx: Context, userId: Id): Id {
  checkId('user', userId, 'userId');
  const blockerId = ctx.viewer.userId ?? notFound('User', userId);
  if (blockerId === userId) badInput('userId', 'Nobody blocks themselves.');
  return blockerId;
}
