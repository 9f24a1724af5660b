import type { Id } from 'kit/ids';
import { defineLoader } from 'kit/loaders';

export const presenceKey = (userId: Id): string => `presence:${userId}`;

/** Who has done something within the last two minutes; null where Redis cannot say. Costs no SQL. */
export const wasSeenLately = defineLoader<Id, boolean | null>(async (ctx, ids) => {
  const found = await ctx.services.redis.mget(ids.map(presenceKey)).catch(() => null);
  return ids.map((_, index) => found && found[index] !== null);
});
