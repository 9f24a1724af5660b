import type { Context, Services } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { userById } from '../user/user.loaders.ts';
import { presenceKey, wasSeenLately } from './presence.loaders.ts';

const REFRESH_MS = 60_000;
/** Two minutes' notes: who is active without a pause is online without one. */
const ONLINE_SECONDS = 120;

interface Minute {
  readonly startedAt: number;
  readonly noted: Set<Id>;
}

const minutes = new WeakMap<Services, Minute>();

/** Notes that people are active, in Redis alone and at most once in each minute. What cannot be noted is let go. */
export function notePresence({ services, log }: Context, userIds: readonly Id[], now = Date.now()): void {
  const { noted } = minuteOf(services, now);
  const due = userIds.filter((userId) => !noted.has(userId));
  if (due.length === 0) return;
  const pipeline = services.redis.pipeline();
  for (const userId of due) {
    noted.add(userId);
    pipeline.set(presenceKey(userId), '1', 'EX', ONLINE_SECONDS);
  }
  pipeline.exec().catch((error: unknown) => log.debug({ err: error }, 'presence could not be noted'));
}

/**
 * Whoever is signed out everywhere they were active is offline at once, and not when their last note runs out. For those who
 * have ended sessions, once that is committed; what cannot be taken away is gone in two minutes. Another process that has noted
 * them in this minute notes them, should they come back, in the next.
 */
export async function forgetPresence(ctx: Context, userId: Id): Promise<void> {
  const { services, log } = ctx;
  const inUse = await ctx.rows(sql`
    select 1 from session where user_id = ${toUuid(userId)} and ended_at is null and expires_at > now()
      and last_used_at > now() - ${ONLINE_SECONDS} * interval '1 second' limit 1`);
  if (inUse.length > 0) return;
  minutes.get(services)?.noted.delete(userId);
  wasSeenLately.clear(ctx, userId);
  services.redis
    .del(presenceKey(userId))
    .catch((error: unknown) => log.debug({ err: error }, 'presence stays a while'));
}

function minuteOf(services: Services, now: number): Minute {
  let minute = minutes.get(services);
  if (!minute || now - minute.startedAt >= REFRESH_MS)
    minutes.set(services, (minute = { startedAt: now, noted: new Set() }));
  return minute;
}

export interface UpdatePresenceInput {
  readonly isHidden: boolean;
}

/** Whether others are told when the viewer is there. */
export async function updatePresence(ctx: Context, { isHidden }: UpdatePresenceInput) {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  await ctx.change((tx) =>
    tx.rows(sql`update "user" set is_presence_hidden = ${isHidden} where id = ${toUuid(userId)}`),
  );
  userById.clear(ctx, userId);
  wasSeenLately.clear(ctx, userId);
  return userById(ctx, userId);
}
