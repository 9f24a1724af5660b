import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, CodedError, notFound } from 'kit/errors';
import { checkId, type Id, toUuid } from 'kit/ids';
import { userById } from '../user/user.loaders.ts';
import { userMuted, userUnmuted } from './mute.events.ts';
import { isMutedByViewer } from './mute.loaders.ts';

/** A person's mutes are read with every page of their feed. */
export const MAX_MUTES = 10_000;

export interface MuteInput {
  readonly userId: Id;
}

/** Keeps a person out of the viewer's feed and news, and out of nothing else. Muting twice is muting once. */
export async function muteUser(ctx: Context, { userId }: MuteInput) {
  const muterId = muterOf(ctx, userId);
  if (!(await userById(ctx, userId))) notFound('User', userId, ['userId']);
  await ctx.change(async (tx) => {
    await checkRoom(tx, muterId, userId);
    const added = await tx.rows(sql`
      insert into mute (muter_id, muted_id, muted_at)
      values (${toUuid(muterId)}, ${toUuid(userId)}, date_trunc('milliseconds', now())) on conflict do nothing returning 1`);
    if (added.length > 0) tx.emit(userMuted, { muterId, mutedId: userId });
  });
  isMutedByViewer.clear(ctx, userId);
  return userById(ctx, userId);
}

/** Mutes of one person come one after the other, behind the lock of their row. */
async function checkRoom(tx: Change, muterId: Id, mutedId: Id): Promise<void> {
  await tx.rows(sql`select 1 from "user" where id = ${toUuid(muterId)} for no key update`);
  const [{ count } = { count: 0 }] = await tx.rows<{ count: number }>(
    sql`select count(*) as count from mute where muter_id = ${toUuid(muterId)} and muted_id <> ${toUuid(mutedId)}`,
  );
  if (count >= MAX_MUTES) throw new CodedError('CONFLICT', `At most ${MAX_MUTES} people are muted.`, ['userId']);
}

/** A mute can be taken back when its person is out of sight, too. */
export async function unmuteUser(ctx: Context, { userId }: MuteInput) {
  const muterId = muterOf(ctx, userId);
  await ctx.change(async (tx) => {
    const removed = await tx.rows(sql`
      delete from mute where muter_id = ${toUuid(muterId)} and muted_id = ${toUuid(userId)} returning 1`);
    if (removed.length > 0) tx.emit(userUnmuted, { muterId, mutedId: userId });
  });
  isMutedByViewer.clear(ctx, userId);
  return userById(ctx, userId);
}

function muterOf(ctx: Context, userId: Id): Id {
  checkId('user', userId, 'userId');
  const muterId = ctx.viewer.userId ?? notFound('User', userId);
  if (muterId === userId) badInput('userId', 'Nobody mutes themselves.');
  return muterId;
}
