import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { can } from '../../access/permissions.ts';
import { isBlocked } from '../block/block.loaders.ts';
import { settingsOf } from '../config.ts';

/**
 * Whether the viewer may see the person `u`, as a condition for SQL: people exist for others once they have confirmed their
 * address and until they want to be deleted, unless one of the two has blocked the other; for themselves, and for
 * administrators, always. Of who was made anonymous stays a name that says so, under what they have written.
 */
export function visibleUser(ctx: Context): RawBuilder<boolean> {
  const { userId } = ctx.viewer;
  if (can(ctx.viewer, 'user.readUnverified', { ownerId: null })) return sql`true`;
  const isThere = sql<boolean>`(u.email_verified_at is not null
    and ((u.deleted_at is null and u.closing_at is null) or u.anonymised_at is not null))`;
  if (userId === null) return isThere;
  return sql`((${isThere} and not ${isBlocked(ctx, sql.ref('u.id'))}) or u.id = ${toUuid(userId)})`;
}

/** Whether the person `u` may not write yet, as a condition for SQL: the session check tells the gateway. */
export const isUnverified = (ctx: Context): RawBuilder<boolean> =>
  settingsOf(ctx).UNVERIFIED_MAY_WRITE ? sql`false` : sql`(u.email_verified_at is null)`;
