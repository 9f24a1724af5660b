import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, notFound, UserErrors } from 'kit/errors';
import { fromUuid, type Id, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { recordAct } from '../audit/audit.actions.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { checkOwnPassword } from '../password/own-password.actions.ts';
import { endTokensOf, spendToken } from '../token/token.actions.ts';
import { isEmail, isTakenAddress } from './account.actions.ts';
import { takeMailRequest } from './verification.actions.ts';

export interface ChangeEmailInput {
  readonly newEmail: string;
  readonly password: string;
}

const TOKENS = ['change-email-new', 'change-email-old'];

/**
 * Asks for another address. It counts once both are confirmed; where the new one has an account, the mail to it says so and
 * nothing else differs. Somebody who has confirmed none yet just gets their first mail at the new one.
 */
export async function changeEmail(ctx: Context, input: ChangeEmailInput): Promise<void> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  await takeMailRequest(ctx);
  const newEmail = checkInput((check) => {
    const email = input.newEmail.trim();
    check.that('newEmail', isEmail(email), 'newEmail is no e-mail address.');
    return email;
  });
  await checkOwnPassword(ctx, userId, input.password, 'password');
  await ctx.change(async (tx) => {
    const [user] = await tx.rows<{ email: string; isVerified: boolean }>(sql`
      select email, email_verified_at is not null as "isVerified" from "user"
      where id = ${toUuid(userId)} and deleted_at is null for no key update`);
    if (!user) notFound('User', userId);
    if (user.email === newEmail) badInput('newEmail', 'That is the address you have.');
    await (user.isVerified ? askBoth(tx, userId, newEmail) : startAnew(tx, userId, newEmail));
  });
}

async function startAnew(tx: Change, userId: Id, newEmail: string): Promise<void> {
  await endTokensOf(tx, userId);
  await tx.rows(sql`
    update "user" set email = ${newEmail}, email_folded = ${newEmail.toLowerCase()}, updated_at = now()
    where id = ${toUuid(userId)}`);
  const effectKey = `verification-again:${crypto.randomUUID()}`;
  await queueMail(tx, { template: 'verification', userId, data: {}, effectKey });
}

async function askBoth(tx: Change, userId: Id, newEmail: string): Promise<void> {
  const changeId = crypto.randomUUID();
  await endTokensOf(tx, userId, TOKENS);
  await tx.rows(sql`
    insert into email_change (user_id, change_id, new_email) values (${toUuid(userId)}, ${changeId}, ${newEmail})
    on conflict (user_id) do update set change_id = excluded.change_id, new_email = excluded.new_email,
      is_old_confirmed = false, is_new_confirmed = false, requested_at = now()`);
  const data = { changeId, newEmail };
  const to = { userId, address: newEmail };
  await queueMail(tx, { template: 'emailChangeNew', ...to, data, effectKey: `email-change-new:${changeId}` });
  await queueMail(tx, { template: 'emailChangeOld', userId, data, effectKey: `email-change-old:${changeId}` });
}

/** One of the two links. Answers whether that was the second, so that the address has changed. */
export async function confirmEmailChange(
  ctx: Context,
  { token }: { readonly token: string },
): Promise<{ isComplete: boolean }> {
  const confirm = async (tx: Change): Promise<{ isComplete: boolean }> => {
    const byNew = await spendToken(tx, 'change-email-new', token);
    const spent = byNew ?? (await spendToken(tx, 'change-email-old', token));
    const [change] = spent ? await confirmed(tx, spent, byNew ? 'is_new_confirmed' : 'is_old_confirmed') : [];
    if (!change) badInput('token', 'That link has been used or is too old; ask for the change again.');
    if (change.isComplete) await apply(tx, fromUuid('user', change.userId), change.newEmail);
    return { isComplete: change.isComplete };
  };
  return ctx.change(confirm).catch((error: unknown) => {
    throw isTakenAddress(error) ? takenMeanwhile() : error;
  });
}

interface ConfirmedChange {
  readonly userId: string;
  readonly newEmail: string;
  readonly isComplete: boolean;
}

const confirmed = (
  tx: Change,
  { userId, data }: { userId: Id; data: Readonly<Record<string, unknown>> },
  column: 'is_new_confirmed' | 'is_old_confirmed',
): Promise<ConfirmedChange[]> =>
  tx.rows<ConfirmedChange>(sql`
    update email_change set ${sql.ref(column)} = true
    where user_id = ${toUuid(userId)} and change_id::text = ${String(data['changeId'])}
      and requested_at > now() - interval '1 day'
    returning user_id as "userId", new_email as "newEmail", is_old_confirmed and is_new_confirmed as "isComplete"`);

/** From now on mail goes there, and links that went to the old address are worth nothing. */
async function apply(tx: Change, userId: Id, newEmail: string): Promise<void> {
  const [old] = await tx.rows<{ email: string }>(sql`
    with before as (select id, email from "user" where id = ${toUuid(userId)} for no key update)
    update "user" u set email = ${newEmail}, email_folded = ${newEmail.toLowerCase()}, updated_at = now()
    from before where u.id = before.id and u.deleted_at is null returning before.email`);
  if (!old) notFound('User', userId);
  await forgetEmailChange(tx, userId);
  await endTokensOf(tx, userId);
  recordAct(tx, { action: 'email.change', subjectId: userId, actorId: userId });
  const data = { newEmail };
  for (const address of [old.email, newEmail]) {
    await queueMail(tx, {
      template: 'emailChanged',
      userId,
      address,
      data,
      effectKey: `email-changed:${crypto.randomUUID()}`,
    });
  }
}

/** What was asked for and not yet confirmed is off. */
export async function forgetEmailChange(tx: Change, userId: Id): Promise<void> {
  await endTokensOf(tx, userId, TOKENS);
  await tx.rows(sql`delete from email_change where user_id = ${toUuid(userId)}`);
}

const takenMeanwhile = (): UserErrors =>
  new UserErrors([
    { field: ['token'], code: 'CONFLICT', message: 'That address has been confirmed for another account meanwhile.' },
  ]);
