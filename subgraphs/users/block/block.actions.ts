import type { Context } from 'kit/context';
import { notFound } from 'kit/errors';
import { dissolveFollows, forgetFollowed } from '../follow/follow.actions.ts';
import { actorOf, begin, end, type Relation, type RelationInput } from '../relation/relation.actions.ts';
import { userById } from '../user/user.loaders.ts';
import { userBlocked, userUnblocked } from './block.events.ts';
import { type BlockedUserRow, blockedUserById } from './block.loaders.ts';

/** A person's blocks are asked with everything they read, and handed whole to a search index. */
const BLOCK: Relation = { table: 'block', one: 'blocker', other: 'blocked', most: 10_000 };

/** Hides two people from each other and ends their following. Blocking twice is blocking once. */
export async function blockUser(ctx: Context, { userId }: RelationInput): Promise<BlockedUserRow | null> {
  const blockerId = await actorOf(ctx, BLOCK, userId);
  if (!(await blockedUserById(ctx, userId)) && !(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  await ctx.change(async (tx) => {
    if (!(await begin(tx, BLOCK, blockerId, userId))) return;
    await dissolveFollows(tx, blockerId, userId);
    tx.emit(userBlocked, { blockerId, blockedId: userId });
  });
  blockedUserById.clear(ctx, userId);
  forgetFollowed(ctx, userId);
  return blockedUserById(ctx, userId);
}

/** Takes one's own block back; the other's stays, as does the end of the following. */
export async function unblockUser(ctx: Context, { userId }: RelationInput) {
  const blockerId = await actorOf(ctx, BLOCK, userId);
  await ctx.change(async (tx) => {
    if (await end(tx, BLOCK, blockerId, userId)) tx.emit(userUnblocked, { blockerId, blockedId: userId });
  });
  forgetFollowed(ctx, userId);
  return userById(ctx, userId);
}
