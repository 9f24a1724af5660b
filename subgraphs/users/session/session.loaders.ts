import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { notePresence } from '../presence/presence.actions.ts';
import { isSuspended } from '../role/role.loaders.ts';
import { isUnverified } from '../user/user.access.ts';
import { noteUses, USE_SECONDS } from './session.uses.ts';

export interface SessionState {
  readonly id: Id;
  readonly userId: Id;
  readonly role: string;
  readonly isUnverified: boolean;
}

interface StateRow extends SessionState {
  readonly isUseOld: boolean;
}

const toState = rowMapper<StateRow>({ id: 'session', userId: 'user' });

/**
 * Sessions that are alive, with what their person may do as it is now; nothing for people who are suspended or gone. Asked by
 * the gateway with every signed-in request, which is what a session's last use is told by.
 */
export const sessionStateById = defineLoader<Id, SessionState | null>(async (ctx, ids) => {
  const rows = await ctx.rows<StateRow>(sql`
    select s.id, s.user_id as "userId", u.role, ${isUnverified(ctx)} as "isUnverified",
      s.last_used_at < now() - ${USE_SECONDS} * interval '1 second' as "isUseOld"
    from session s join "user" u on u.id = s.user_id
    where s.id = any(${toUuids(ids)}::uuid[]) and s.ended_at is null and s.expires_at > now() and u.deleted_at is null
      and not ${isSuspended()}`);
  const states = rows.map(toState);
  noteUses(
    ctx,
    states.flatMap(({ id, isUseOld }) => (isUseOld ? [toUuid(id)] : [])),
  );
  notePresence(
    ctx,
    states.map(({ userId }) => userId),
  );
  return inOrder(ids, states, (state) => state.id);
});
