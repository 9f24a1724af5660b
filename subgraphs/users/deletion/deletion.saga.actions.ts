import { randomBytes } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
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

/** Closes an account whose time is over, unless its person stays after all. */
async function close(tx: Change, uuid: string): Promise<void> {
  const [due] = await tx.rows<{ userUuid: string; mode: string }>(sql`
    select user_id as "userUuid", mode from deletion
    where id = ${uuid} and status = 'SCHEDULED' and due_at <= now() for update skip locked`);
  if (!due) return;
  const userId = fromUuid('user', due.userUuid);
  // They may have become the last one meanwhile: then the site comes first, and whoever runs it must say who follows.
  await keepAdministrator(tx, userId);
  // Their row may be gone: what others have of them goes all the same.
  const [closed] = await tx.rows<{ username: string | null }>(sql`
    update deletion d set status = 'CLOSED', closed_at = now(), address = u.email, username = u.username
    from deletion o left join "user" u on u.id = o.user_id where o.id = ${uuid} and d.id = o.id returning d.username`);
  if (closed?.username != null) await reserveUsername(tx, closed.username);
  await emptyAccount(tx, due.userUuid, due.mode === 'ANONYMISE');
  await endSessionsOf(tx, userId, 'account deletion');
  await endTokensOf(tx, userId);
  emitUserDeleted(tx, userId);
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

/** Begins the saga for an account that has been closed so long that nothing of its own is under way any more. */
async function start(tx: Change, uuid: string): Promise<void> {
  const running = await lockRunning(tx, uuid);
  if (running?.status !== 'CLOSED') return;
  const { userId, mode } = running;
  await tx.rows(sql`update deletion set status = 'ERASING' where id = ${uuid}`);
  const deletionId = fromUuid('deletion', uuid);
  tx.emit(deletionStarted, { deletionId, userId, mode });
  await startTask(tx, { kind: 'ERASE', requestId: deletionId, personId: userId, mode });
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
  const settled = sql`closed_at <= now() - ${settingsOf(ctx).DELETION_SETTLE_SECONDS} * interval '1 second'`;
  await each(ctx, sql`status = 'SCHEDULED' and due_at <= now()`, close);
  await each(ctx, sql`status = 'CLOSED' and ${settled}`, start);
  await each(ctx, sql`status in ('ERASING', 'SWEEPING')`, advanceSaga);
}

/** Each in a transaction of its own: one that cannot go on now holds no other one up, and is tried again the next time. */
async function each(
  ctx: Context,
  which: RawBuilder<unknown>,
  bringOn: (tx: Change, uuid: string) => Promise<void>,
): Promise<void> {
  const found = await ctx.rows<{ uuid: string }>(
    sql`select id as uuid from deletion where status <> 'DONE' and ${which} order by due_at`,
  );
  for (const { uuid } of found) {
    await ctx
      .change((tx) => bringOn(tx, uuid))
      .catch((error: unknown) => {
        ctx.log.error({ err: error, deletionId: fromUuid('deletion', uuid) }, 'a deletion waits: it cannot go on now');
      });
  }
}
