import type { Context } from 'kit/context';
import { notFound } from 'kit/errors';
import { actorOf, begin, end, type Relation, type RelationInput } from '../relation/relation.actions.ts';
import { userById } from '../user/user.loaders.ts';
import { userMuted, userUnmuted } from './mute.events.ts';
import { isMutedByViewer } from './mute.loaders.ts';

/** A person's mutes are read with every page of their feed. */
const MUTE: Relation = { table: 'mute', one: 'muter', other: 'muted', most: 10_000 };

/** Keeps a person out of the viewer's feed and news, and out of nothing else. Muting twice is muting once. */
export async function muteUser(ctx: Context, { userId }: RelationInput) {
  const muterId = await actorOf(ctx, MUTE, userId);
  if (!(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  await ctx.change(async (tx) => {
    if (await begin(tx, MUTE, muterId, userId)) tx.emit(userMuted, { muterId, mutedId: userId });
  });
  return changed(ctx, userId);
}

/** A mute can be taken back when its person is out of sight, too. */
export async function unmuteUser(ctx: Context, { userId }: RelationInput) {
  const muterId = await actorOf(ctx, MUTE, userId);
  await ctx.change(async (tx) => {
    if (await end(tx, MUTE, muterId, userId)) tx.emit(userUnmuted, { muterId, mutedId: userId });
  });
  return changed(ctx, userId);
}

function changed(ctx: Context, userId: string) {
  isMutedByViewer.clear(ctx, userId);
  return userById(ctx, userId);
}
