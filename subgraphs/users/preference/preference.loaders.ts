import { sql } from 'kit/database';
import { fromUuid, type Id, toUuids } from 'kit/ids';
import { defineLoader, grouped } from 'kit/loaders';
import { type Chosen, type Preference, preferencesWith } from './preference.kinds.ts';

/** All preferences of each person. Whoever asks sees to whose they are. */
export const preferencesOf = defineLoader<Id, Preference[]>(async (ctx, userIds) => {
  const rows = await ctx.rows<Chosen & { userId: string }>(sql`
    select user_id as "userId", kind, channel, is_enabled as "isEnabled" from notification_preference
    where user_id = any(${toUuids(userIds)}::uuid[])`);
  return grouped(userIds, rows, ({ userId }) => fromUuid('user', userId)).map(preferencesWith);
});
