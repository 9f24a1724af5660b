import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { seesEverybody } from '../../access/people/people.loaders.ts';

/**
 * Whether the viewer and the person of this column are hidden from each other, because one has blocked the other. The
 * viewer's blocks are read once per statement, however many people are asked about.
 */
export function isBlocked(ctx: Context, person: RawBuilder<unknown>): RawBuilder<boolean> {
  const { userId } = ctx.viewer;
  if (userId === null || seesEverybody(ctx.viewer)) return sql`false`;
  const viewer = toUuid(userId);
  return sql`(${person} in (
    select b.blocked_id from block b where b.blocker_id = ${viewer}
    union all select b.blocker_id from block b where b.blocked_id = ${viewer}))`;
}

/** Whether one of two people has blocked the other. */
export const isBlockBetween = (one: Id, other: Id): RawBuilder<boolean> => sql`exists (
  select 1 from block b where (b.blocker_id, b.blocked_id)
    in ((${toUuid(one)}::uuid, ${toUuid(other)}::uuid), (${toUuid(other)}::uuid, ${toUuid(one)}::uuid)))`;

export interface BlockedUserRow {
  readonly id: Id;
  readonly username: string;
  readonly name: string;
  readonly blockedAt: Date;
}

export const toBlockedUser = rowMapper<BlockedUserRow>({ id: 'user' });

/** Of those one has blocked one goes on seeing what they are called, to tell them apart in one's own list. */
export const blockedUserColumns = sql`u.id, u.username, u.name, b.blocked_at as "blockedAt"`;

/** The viewer's own blocks. Nobody else's have a way out. */
export const blockedUserById = defineLoader<Id, BlockedUserRow | null>(async (ctx, ids) => {
  if (ctx.viewer.userId === null) return ids.map(() => null);
  const rows = await ctx.rows<BlockedUserRow>(sql`
    select ${blockedUserColumns} from block b join "user" u on u.id = b.blocked_id
    where b.blocker_id = ${toUuid(ctx.viewer.userId)} and b.blocked_id = any(${toUuids(ids)}::uuid[])`);
  return inOrder(ids, rows.map(toBlockedUser), (row) => row.id);
});
