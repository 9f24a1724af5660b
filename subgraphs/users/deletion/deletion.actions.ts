import { randomBytes } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound, UserErrors } from 'kit/errors';
import { type Id, newId, toUuid } from 'kit/ids';
import type { Mode } from 'kit/rights/rights';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { forgetPresence } from '../presence/presence.actions.ts';
import { keepAdministrator } from '../role/role.actions.ts';
import { endSessionsOf } from '../session/session.actions.ts';
import { endTokensOf, spendToken } from '../token/token.actions.ts';
import { type ProofInput, proved } from '../totp/totp.actions.ts';
import { emitUserSaved, holdUser } from '../user/user.actions.ts';
import { userById, type UserRow } from '../user/user.loaders.ts';
import { userHidden } from './deletion.events.ts';
import { tend } from './deletion.jobs.ts';
import { type AccountDeletionRow, deletionByUser, hashOfReceipt } from './deletion.loaders.ts';

export interface DeleteAccountInput extends ProofInput {
  readonly mode: Mode;
}

/** Hides the account and ends its sessions at once; the rest happens when the time to change one's mind is over. */
export async function deleteAccount(ctx: Context, { mode, ...proof }: DeleteAccountInput) {
  const { userId } = ctx.viewer;
  if (userId === null) throw new CodedError('UNAUTHENTICATED', 'Sign in first.');
  const receiptToken = randomBytes(32).toString('base64url');
  const deletion = await proved(ctx, userId, proof, (tx) => schedule(tx, userId, mode, receiptToken));
  await forgetPresence(ctx, userId);
  return { deletion, receiptToken };
}

/** Links that change an account end when it closes; the one to an archive ends with the account. */
const LINKS = ['verify-email', 'change-email-new', 'change-email-old', 'reset-password', 'step-up'];

async function schedule(tx: Change, userId: Id, mode: Mode, receiptToken: string): Promise<AccountDeletionRow | null> {
  await keepAdministrator(tx, userId);
  const [scheduled] = await tx.rows<{ dueAt: Date }>(sql`
    insert into deletion (id, user_id, mode, receipt_hash, due_at)
    values (${toUuid(newId('deletion'))}, ${toUuid(userId)}, ${mode}, ${hashOfReceipt(receiptToken)},
      now() + ${settingsOf(tx).DELETION_GRACE_DAYS} * interval '1 day')
    on conflict do nothing returning due_at as "dueAt"`);
  if (!scheduled) {
    const message = 'The account is to be deleted already; take that back to choose anew.';
    throw new UserErrors([{ field: null, code: 'CONFLICT', message }]);
  }
  const [closing] = await tx.rows(
    sql`update "user" set closing_at = now() where id = ${toUuid(userId)} and deleted_at is null returning 1`,
  );
  if (!closing) notFound('User', userId);
  await endSessionsOf(tx, userId, 'account deletion');
  await endTokensOf(tx, userId, LINKS);
  tx.emit(userHidden, { userId });
  recordAct(tx, { action: 'user.delete', subjectId: userId, reason: mode });
  const deletion = await deletionByUser(tx, userId);
  const startAfterSeconds = Math.ceil(settingsOf(tx).DELETION_GRACE_DAYS * 86_400);
  await tx.enqueue(tend, {}, { singletonKey: `due ${deletion?.id}`, startAfterSeconds });
  await queueMail(tx, {
    template: 'deletionScheduled',
    userId,
    data: { at: scheduled.dueAt.toISOString(), mode },
    effectKey: `deletion-scheduled:${deletion?.id}`,
  });
  return deletion;
}

export interface CancelDeletionInput {
  readonly token?: string | null;
}

/** By somebody who has signed in again, or by the word in the mail: whoever reads it may keep the account, no more. */
export async function cancelDeletion(ctx: Context, { token }: CancelDeletionInput): Promise<UserRow | null> {
  const userId = await ctx.change(async (tx) => {
    const whose = token == null ? tx.viewer.userId : ((await spendToken(tx, 'cancel-deletion', token))?.userId ?? null);
    if (whose === null && token == null)
      throw new CodedError('UNAUTHENTICATED', 'Sign in first, or use the mail’s link.');
    const isKept = whose !== null && (await keep(tx, whose));
    if (!isKept) {
      const message = 'There is no deletion to take back: it has begun, or was taken back before.';
      const is =
        token == null
          ? ({ field: null, code: 'CONFLICT' } as const)
          : ({ field: ['token'], code: 'BAD_USER_INPUT' } as const);
      throw new UserErrors([{ ...is, message }]);
    }
    return whose;
  });
  // By the mail's link alone nobody is signed in: they are told what everybody may see.
  userById.clear(ctx, userId);
  return userById(ctx, userId);
}

async function keep(tx: Change, userId: Id): Promise<boolean> {
  const kept = await tx.rows(sql`
    delete from deletion where user_id = ${toUuid(userId)} and status = 'SCHEDULED' returning 1`);
  if (kept.length === 0) return false;
  await tx.rows(sql`update "user" set closing_at = null where id = ${toUuid(userId)}`);
  await endTokensOf(tx, userId, ['cancel-deletion']);
  const user = await holdUser(tx, userId);
  if (user) emitUserSaved(tx, user);
  recordAct(tx, { action: 'user.keep', subjectId: userId, actorId: userId });
  return true;
}
