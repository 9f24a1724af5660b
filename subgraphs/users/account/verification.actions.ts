import { addressKey } from 'kit/address';
import type { Context } from 'kit/context';
import { badInput, UserErrors } from 'kit/errors';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { spendToken } from '../token/token.actions.ts';
import { emitUserSaved, holdUser } from '../user/user.actions.ts';
import { userById, type UserRow } from '../user/user.loaders.ts';
import { isTakenAddress } from './account.actions.ts';

/** What may cause mails is counted by network address, before anything is looked up. */
export async function takeMailRequest(ctx: Context): Promise<void> {
  const points = settingsOf(ctx).LIMIT_MAIL_REQUESTS_PER_MINUTE;
  await ctx.services.limiter.take(
    { name: 'mail requests', points, durationSeconds: 60 },
    addressKey(ctx.client.address),
  );
}

/** What somebody typed for a name, as it can be stored: what no name or address could be is nobody's. */
export const asIdentifier = (text: string): string => (/[\p{Cc}\p{Cs}]/u.test(text) ? '' : text.slice(0, 320));

const SPENT = 'That link has been used or is too old; ask for a new one.';

/** Confirms the address a token was mailed to. From then on the person exists for others, and the address is theirs. */
export async function verifyEmail(ctx: Context, { token }: { readonly token: string }): Promise<UserRow | null> {
  const userId = await ctx
    .change(async (tx) => {
      const spent = await spendToken(tx, 'verify-email', token);
      const user = spent && (await holdUser(tx, spent.userId));
      // A token says which address it has reached: the account may have another by now.
      if (!user || user.emailVerifiedAt || user.email !== spent.data['address']) badInput('token', SPENT);
      const now = new Date();
      tx.em.assign(user, { emailVerifiedAt: now, updatedAt: now });
      await tx.em.flush();
      emitUserSaved(tx, user);
      await queueMail(tx, { template: 'welcome', userId: user.id, data: {}, effectKey: `welcome:${user.id}` });
      return user.id;
    })
    .catch((error: unknown) => {
      throw isTakenAddress(error) ? takenMeanwhile() : error;
    });
  userById.clear(ctx, userId);
  return userById(ctx, userId);
}

/** Told only to somebody who has read mail at that address. */
const takenMeanwhile = (): UserErrors =>
  new UserErrors([
    {
      field: ['token'],
      code: 'CONFLICT',
      message: 'That address has been confirmed for another account; sign in there.',
    },
  ]);

/** Mails the link again. The answer is the same whoever is asked for, and so is the work: who it is for is found later. */
export async function resendVerification(ctx: Context, { username }: { readonly username: string }): Promise<void> {
  await takeMailRequest(ctx);
  const data = { username: asIdentifier(username) };
  await ctx.change((tx) =>
    queueMail(tx, { template: 'verification', data, effectKey: `verification-again:${crypto.randomUUID()}` }),
  );
}
