import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { isBlockBetween } from '../block/block.loaders.ts';
import { actorOf, begin, end, type Relation, type RelationInput } from '../relation/relation.actions.ts';
import { userById } from '../user/user.loaders.ts';
import { userFollowed, userUnfollowed } from './follow.events.ts';
import { isFollowedByViewer } from './follow.loaders.ts';
import { followsByPage } from './follow.queries.ts';

const FOLLOW: Relation = { table: 'follow', one: 'follower', other: 'followed' };

export async function followUser(ctx: Context, { userId }: RelationInput) {
  const followerId = await followerOf(ctx, userId);
  await ctx.change(async (tx) => {
    if (!(await begin(tx, FOLLOW, followerId, userId))) return;
    await refuseUnseen(tx, followerId, userId);
    await count(tx, followerId, userId, 1);
    tx.emit(userFollowed, { followerId, followedId: userId });
  });
  return changed(ctx, userId);
}

export async function unfollowUser(ctx: Context, { userId }: RelationInput) {
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
  if (!(await end(tx, FOLLOW, followerId, followedId))) return;
  await count(tx, followerId, followedId, -1);
  tx.emit(userUnfollowed, { followerId, followedId });
}

/**
 * Those who look after the site see people behind a block, and some who are not there for others; they do not follow them. Nor
 * does anybody follow what is left of somebody who was made anonymous.
 */
async function refuseUnseen(tx: Change, followerId: Id, userId: Id): Promise<void> {
  const seen = await tx.rows(sql`
    select 1 from "user" u where u.id = ${toUuid(userId)} and u.email_verified_at is not null
      and u.closing_at is null and u.deleted_at is null and not ${isBlockBetween(followerId, userId)}`);
  if (seen.length === 0) notFound('User', userId, ['userId']);
}

async function followerOf(ctx: Context, userId: Id): Promise<Id> {
  const followerId = await actorOf(ctx, FOLLOW, userId);
  if (!(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  return followerId;
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

/** What this request has read of a person before the viewer's follow of them has changed. */
export function forgetFollowed(ctx: Context, userId: Id): void {
  userById.clear(ctx, userId);
  isFollowedByViewer.clear(ctx, userId);
  followsByPage.clearAll(ctx);
}

async function changed(ctx: Context, userId: Id) {
  forgetFollowed(ctx, userId);
  return userById(ctx, userId);
}
