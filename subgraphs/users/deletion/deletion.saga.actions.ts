import { randomBytes } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { reserveUsername } from '../account/reserved-username.actions.ts';
import { settingsOf } from '../config.ts';
import { keepAdministrator } from '../role/role.actions.ts';
import { endSessionsOf } from '../session/session.actions.ts';
import { endTokensOf } from '../token/token.actions.ts';
import { emitUserDeleted } from '../user/user.actions.ts';
import { foldUsername, skeletonOf } from '../username.ts';
import { startTask } from '../privacy/privacy.actions.ts';
import { deletionStarted } from './deletion.events.ts';
import { advance, lockRunning } from './deletion.progress.actions.ts';

/** Closes an account whose time is over; false where none is left. Each in a transaction of its own. */
export async function closeNext(tx: Change): Promise<boolean> {
  const [due] = await tx.rows<{ uuid: string; userUuid: string; mode: string }>(sql`
    select id as uuid, user_id as "userUuid", mode from deletion where status = 'SCHEDULED' and due_at <= now()
    order by due_at limit 1 for update skip locked`);
  if (!due) return false;
  const userId = fromUuid('user', due.userUuid);
  // They may have become the last one meanwhile: then the site comes first, and whoever runs it must say who follows.
  await keepAdministrator(tx, userId);
  const [closed] = await tx.rows<{ username: string }>(sql`
    update deletion d set status = 'CLOSED', closed_at = now(), address = u.email, username = u.username
    from "user" u where d.id = ${due.uuid} and u.id = d.user_id returning d.username`);
  if (closed) await reserveUsername(tx, closed.username);
  await emptyAccount(tx, due.userUuid, due.mode === 'ANONYMISE');
  await endSessionsOf(tx, userId, 'account deletion');
  await endTokensOf(tx, userId);
  emitUserDeleted(tx, userId);
  return true;
}

/** Nothing of theirs is left to sign in with or to be known by; the row stays until nothing needs it. */
async function emptyAccount(tx: Change, uuid: string, isKept: boolean): Promise<void> {
  const name = `deleted-${randomBytes(6).toString('hex')}`;
  await tx.rows(sql`
    update "user" set username = ${name}, username_folded = ${foldUsername(name)}, username_skeleton = ${skeletonOf(name)},
      name = 'Deleted person', bio = '', email = '', email_folded = ${name}, password_hash = '', avatar_id = null,
      role = 'user', deleted_at = now(), anonymised_at = case when ${isKept} then now() end, updated_at = now()
    where id = ${uuid}`);
}

/** Begins the saga for accounts that have been closed so long that nothing of theirs is under way any more. */
export async function startNext(tx: Change): Promise<boolean> {
  const [due] = await tx.rows<{ uuid: string }>(sql`
    select id as uuid from deletion
    where status = 'CLOSED' and closed_at <= now() - ${settingsOf(tx).DELETION_SETTLE_SECONDS} * interval '1 second'
    order by closed_at limit 1 for update skip locked`);
  const running = due && (await lockRunning(tx, due.uuid));
  if (!running) return false;
  const { uuid, userId, mode } = running;
  await tx.rows(sql`update deletion set status = 'ERASING' where id = ${uuid}`);
  const deletionId = fromUuid('deletion', uuid);
  tx.emit(deletionStarted, { deletionId, userId, mode });
  await startTask(tx, { kind: 'ERASE', requestId: deletionId, personId: userId, mode });
  return true;
}

/** Brings a deletion on where its steps allow it. */
export async function advanceSaga(tx: Change, uuid: string): Promise<void> {
  const isOwnTurn = await advance(tx, uuid);
  if (!isOwnTurn) return;
  const { userId: personId, mode } = isOwnTurn;
  await startTask(tx, { kind: 'SWEEP', requestId: fromUuid('deletion', uuid), personId, mode });
}

/** All that is due. Comes round every minute: whatever a crash has left lying is picked up. */
export async function tendDeletions(ctx: Context): Promise<void> {
  await untilNone(ctx, closeNext);
  await untilNone(ctx, startNext);
  const running = await ctx.rows<{ uuid: string }>(
    sql`select id as uuid from deletion where status in ('ERASING', 'SWEEPING') order by due_at`,
  );
  for (const { uuid } of running) await ctx.change((tx) => advanceSaga(tx, uuid));
}

async function untilNone(ctx: Context, next: (tx: Change) => Promise<boolean>): Promise<void> {
  while (await ctx.change(next));
}
