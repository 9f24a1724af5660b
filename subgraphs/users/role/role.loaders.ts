import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';

export interface Suspension {
  userId: Id;
  /** Null: for good. */
  until: Date | null;
  reason: string;
  suspendedAt: Date;
}

const toSuspension = rowMapper<Suspension>({ userId: 'user' });

/** Whether the person `u` may not do anything at the moment, as a condition for SQL. It ends by itself. */
export const isSuspended = (): RawBuilder<boolean> =>
  sql`exists (select 1 from suspension x where x.user_id = u.id and (x.until is null or x.until > now()))`;

export const suspensionByUser = defineLoader<Id, Suspension | null>(async (ctx, ids) => {
  const rows = await ctx.rows<Suspension>(sql`
    select x.user_id as "userId", x.until, x.reason, x.suspended_at as "suspendedAt" from suspension x
    where x.user_id = any(${toUuids(ids)}::uuid[]) and (x.until is null or x.until > now())`);
  return inOrder(ids, rows.map(toSuspension), (row) => row.userId);
});

/**
 * Throws SUSPENDED, with until when and why, for somebody who may not sign in. Only for whoever has proved that they are
 * this person; inside the transaction that begins their session and holds their row, so that one that suspends them waits for it or comes first.
 */
export async function refuseSuspended(ctx: Context, userId: Id): Promise<void> {
  const suspension = await suspensionByUser(ctx, userId);
  if (!suspension) return;
  const until = suspension.until === null ? '' : ` until ${suspension.until.toISOString()}`;
  throw new UserErrors([
    { field: null, code: 'SUSPENDED', message: `Your account is suspended${until}: ${suspension.reason}` },
  ]);
}
