import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, notFound } from 'kit/errors';
import { checkId, type Id, toUuid } from 'kit/ids';
import { isBlockBetween } from '../block/block.loaders.ts';
import { userById } from '../user/user.loaders.ts';
import { userFollowed, userUnfollowed } from './follow.events.ts';

export interface FollowInput {
  readonly userId: Id;
}

export async function followUser(ctx: Context, { userId }: FollowInput) {
  const followerId = await followerOf(ctx, userId);
  await ctx.change(async (tx) => {
    // Behind this lock a block between the two is seen, or waits and then ends what begins here.
    await lockPair(tx, followerId, userId);
    await refuseBlocked(tx, followerId, userId);
    // A cursor holds milliseconds: what the column held beyond them would be skipped between pages.
    const added = await tx.rows(sql`
      insert into follow (follower_id, followed_id, followed_at)
      values (${toUuid(followerId)}, ${toUuid(userId)}, date_trunc('milliseconds', now())) on conflict do nothing returning 1`);
    if (added.length === 0) return;
    await count(tx, followerId, userId, 1);
    tx.emit(userFollowed, { followerId, followedId: userId });
  });
  return changed(ctx, userId);
}

export async function unfollowUser(ctx: Context, { userId }: FollowInput) {
  const followerId = await followerOf(ctx, userId);
  await ctx.change((tx) => endFollow(tx, followerId, userId));
  return changed(ctx, userId);
}

/** Ends what two people follow of each other. */
export async function dissolveFollows(tx: Change, one: Id, other: Id): Promise<void> {
  await endFollow(tx, one, other);
  await endFollow(tx, other, one);
}

async function endFollow(tx: Change, followerId: Id, followedId: Id): Promise<void> {
  const removed = await tx.rows(sql`
    delete from follow where follower_id = ${toUuid(followerId)} and followed_id = ${toUuid(followedId)} returning 1`);
  if (removed.length === 0) return;
  await count(tx, followerId, followedId, -1);
  tx.emit(userUnfollowed, { followerId, followedId });
}

/** Those who look after the site see people behind a block; they do not follow them. */
async function refuseBlocked(tx: Change, one: Id, other: Id): Promise<void> {
  const [pair] = await tx.rows<{ isBlocked: boolean }>(sql`select ${isBlockBetween(one, other)} as "isBlocked"`);
  if (pair?.isBlocked) notFound('User', other, ['userId']);
}

async function followerOf(ctx: Context, userId: Id): Promise<Id> {
  checkId('user', userId, 'userId');
  const followerId = ctx.viewer.userId ?? notFound('User', userId);
  if (followerId === userId) badInput('userId', 'Nobody follows themselves.');
  if (!(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  return followerId;
}

/** Locks two people in the order of their ids, so that two who act on each other at once do not wait for one another. */
export async function lockPair(tx: Change, one: Id, other: Id): Promise<void> {
  await tx.rows(
    sql`select id from "user" where id in (${toUuid(one)}, ${toUuid(other)}) order by id for no key update`,
  );
}

/** Both rows are locked in the order of their ids, whether they were before or not. */
async function count(tx: Change, followerId: Id, followedId: Id, by: 1 | -1): Promise<void> {
  await tx.rows(sql`
    with pair as (
      select id from "user" where id in (${toUuid(followerId)}, ${toUuid(followedId)}) order by id for no key update)
    update "user" u set
      following_count = following_count + case when u.id = ${toUuid(followerId)} then ${by}::int else 0 end,
      followers_count = followers_count + case when u.id = ${toUuid(followedId)} then ${by}::int else 0 end
    from pair where u.id = pair.id`);
}

async function changed(ctx: Context, userId: Id) {
  userById.clear(ctx, userId);
  return userById(ctx, userId);
}
