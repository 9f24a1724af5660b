import { addressKey } from 'kit/address';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, CodedError, notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { forgetEmailChange } from '../account/email.actions.ts';
import { asIdentifier, takeMailRequest } from '../account/verification.actions.ts';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { hashPassword, passwordProblem } from '../password.ts';
import { forgetPresence } from '../presence/presence.actions.ts';
import { endSessionsOf } from '../session/session.actions.ts';
import { endTokensOf, isTokenAlive, spendToken } from '../token/token.actions.ts';
import { checkOwnPassword } from './own-password.actions.ts';

export interface ChangePasswordInput {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface ResetPasswordInput {
  readonly token: string;
  readonly newPassword: string;
}

function checkNewPassword(password: string): void {
  checkInput((check) => {
    const problem = passwordProblem(password);
    check.that('newPassword', problem === null, `newPassword ${problem}.`);
  });
}

/** Sets another password. The session that asks stays, all others end. */
export async function changePassword(ctx: Context, input: ChangePasswordInput): Promise<void> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  checkNewPassword(input.newPassword);
  const checked = await checkOwnPassword(ctx, userId, input.currentPassword, 'currentPassword');
  const hash = await hashPassword(ctx, input.newPassword);
  await ctx.change(async (tx) => {
    await endSessionsOf(tx, userId, 'password changed', { except: ctx.viewer.sessionId });
    // Somebody else's change, or a reset, between the check and here has had the last word.
    const isSet = await setHash(tx, userId, hash, sql`password_hash = ${checked}`);
    if (!isSet) throw new CodedError('CONFLICT', 'The password was changed at the same moment; sign in again.');
    recordAct(tx, { action: 'password.change', subjectId: userId });
  });
  await forgetPresence(ctx, userId);
}

/** Mails a link, if there is an account. The answer is the same for everybody, and so is the work: who it is is found later. */
export async function requestPasswordReset(
  ctx: Context,
  { identifier }: { readonly identifier: string },
): Promise<void> {
  await takeMailRequest(ctx);
  const data = { identifier: asIdentifier(identifier) };
  await ctx.change((tx) => queueMail(tx, { template: 'reset', data, effectKey: `reset:${crypto.randomUUID()}` }));
}

const SPENT = 'That link has been used or is too old; ask for a new one.';

/** Sets a password by a mailed link and ends all sessions. It signs nobody in: a second factor is asked for as ever. */
export async function resetPassword(ctx: Context, { token, newPassword }: ResetPasswordInput): Promise<void> {
  const points = settingsOf(ctx).LIMIT_SIGN_IN_PER_MINUTE;
  await ctx.services.limiter.take(
    { name: 'password resets', points, durationSeconds: 60 },
    addressKey(ctx.client.address),
  );
  checkNewPassword(newPassword);
  // A hash costs a core for a while: not for words that are no token.
  if (!(await isTokenAlive(ctx, 'reset-password', token))) badInput('token', SPENT);
  const hash = await hashPassword(ctx, newPassword);
  const userId = await ctx.change(async (tx) => {
    const spent = await spendToken(tx, 'reset-password', token);
    if (!spent) badInput('token', SPENT);
    await endSessionsOf(tx, spent.userId, 'password reset');
    const isSet = await setHash(tx, spent.userId, hash, sql`email = ${String(spent.data['address'])}`);
    if (!isSet) badInput('token', SPENT);
    recordAct(tx, { action: 'password.reset', subjectId: spent.userId, actorId: spent.userId });
    return spent.userId;
  });
  await forgetPresence(ctx, userId);
}

/** Everything that the old password, or a mail before, has opened is closed again. */
async function setHash(tx: Change, userId: Id, hash: string, condition: ReturnType<typeof sql>): Promise<boolean> {
  const set = await tx.rows(sql`
    update "user" set password_hash = ${hash}, updated_at = now()
    where id = ${toUuid(userId)} and deleted_at is null and ${condition} returning 1`);
  if (set.length === 0) return false;
  await endTokensOf(tx, userId, ['reset-password', 'step-up']);
  await forgetEmailChange(tx, userId);
  await queueMail(tx, {
    template: 'passwordChanged',
    userId,
    data: {},
    effectKey: `password-changed:${crypto.randomUUID()}`,
  });
  return true;
}
