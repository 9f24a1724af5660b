import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid, toUuids } from 'kit/ids';
import { defineLoader } from 'kit/loaders';

export const isFollowedByViewer = defineLoader<Id, boolean>(async (ctx, ids) => {
  const { userId } = ctx.viewer;
  if (userId === null) return ids.map(() => false);
  const rows = await ctx.rows<{ id: string }>(sql`
    select followed_id as id from follow
    where follower_id = ${toUuid(userId)} and followed_id = any(${toUuids(ids)}::uuid[])`);
  const followed = new Set(rows.map((row) => fromUuid('user', row.id)));
  return ids.map((id) => followed.has(id));
});
