import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, notFound } from 'kit/errors';
import { checkId, type Id, toUuid } from 'kit/ids';
import { userById } from '../user/user.loaders.ts';
import { userFollowed, userUnfollowed } from './follow.events.ts';

export interface FollowInput {
  readonly userId: Id;
}

export async function followUser(ctx: Context, { userId }: FollowInput) {
  const followerId = await followerOf(ctx, userId);
  await ctx.change(async (tx) => {
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
  await ctx.change(async (tx) => {
    const removed = await tx.rows(sql`
      delete from follow where follower_id = ${toUuid(followerId)} and followed_id = ${toUuid(userId)} returning 1`);
    if (removed.length === 0) return;
    await count(tx, followerId, userId, -1);
    tx.emit(userUnfollowed, { followerId, followedId: userId });
  });
  return changed(ctx, userId);
}

async function followerOf(ctx: Context, userId: Id): Promise<Id> {
  checkId('user', userId, 'userId');
  const followerId = ctx.viewer.userId ?? notFound('User', userId);
  if (followerId === userId) badInput('userId', 'Nobody follows themselves.');
  if (!(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  return followerId;
}

/** Both rows are locked in the order of their ids, so that two who follow each other at once do not wait for one another. */
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
