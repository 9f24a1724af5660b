import { sql } from 'kit/database';
import { type Id, toUuid, toUuids } from 'kit/ids';
import { defineLoader } from 'kit/loaders';

export type VoteValue = 'UP' | 'DOWN';

/** The viewer's own vote on each post or comment, null where there is none. Nobody else's vote has a way out. */
export const viewerVoteByTarget = defineLoader<Id, VoteValue | null>(async (ctx, targetIds) => {
  const { userId } = ctx.viewer;
  if (userId === null) return targetIds.map(() => null);
  const rows = await ctx.rows<{ targetId: string; value: number }>(sql`
    select target_id as "targetId", value from vote
    where voter_id = ${toUuid(userId)} and target_id = any(${toUuids(targetIds)}::uuid[])`);
  const votes = new Map(rows.map(({ targetId, value }) => [targetId, value > 0 ? ('UP' as const) : ('DOWN' as const)]));
  return targetIds.map((id) => votes.get(toUuid(id)) ?? null);
});
