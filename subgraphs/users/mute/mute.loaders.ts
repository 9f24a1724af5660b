import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid, toUuids } from 'kit/ids';
import { defineLoader } from 'kit/loaders';

/** Whom the viewer has muted. Who has muted the viewer has no way out. */
export const isMutedByViewer = defineLoader<Id, boolean>(async (ctx, ids) => {
  const { userId } = ctx.viewer;
  if (userId === null) return ids.map(() => false);
  const rows = await ctx.rows<{ id: string }>(sql`
    select muted_id as id from mute where muter_id = ${toUuid(userId)} and muted_id = any(${toUuids(ids)}::uuid[])`);
  const muted = new Set(rows.map((row) => fromUuid('user', row.id)));
  return ids.map((id) => muted.has(id));
});
