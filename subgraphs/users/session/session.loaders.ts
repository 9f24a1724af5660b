import { sql } from 'kit/database';
import { fromUuid, type Id, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';

export interface SessionState {
  readonly id: Id;
  readonly userId: Id;
  readonly role: string;
}

/** Sessions that are alive, with their person's role as it is now. Asked by the gateway with every signed-in request. */
export const sessionStateById = defineLoader<Id, SessionState | null>(async (ctx, ids) => {
  const rows = await ctx.rows<{ id: string; userId: string; role: string }>(sql`
    select s.id, s.user_id as "userId", u.role from session s join "user" u on u.id = s.user_id
    where s.id = any(${toUuids(ids)}::uuid[]) and s.ended_at is null and s.expires_at > now()`);
  const states = rows.map((row) => ({
    id: fromUuid('session', row.id),
    userId: fromUuid('user', row.userId),
    role: row.role,
  }));
  return inOrder(ids, states, (state) => state.id);
});
