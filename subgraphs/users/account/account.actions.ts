import { addressKey } from 'kit/address';
import { ConfigError } from 'kit/config';
import { type Change, codeOf, type Context } from 'kit/context';
import { sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { type Id, newId } from 'kit/ids';
import { checkInput } from 'kit/input';
import { z } from 'zod';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { hashPassword, passwordProblem } from '../password.ts';
import { emitUserSaved } from '../user/user.actions.ts';
import { User } from '../user/user.entity.ts';
import { checkUsername, foldUsername, skeletonOf } from '../username.ts';
import { isReservedUsername } from './reserved-username.actions.ts';

export interface RegisterInput {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly name?: string | null;
}

interface NewAccount {
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly emailVerifiedAt: Date | null;
}

export const isEmail = (text: string): boolean => text.length <= 254 && z.email().safeParse(text).success;

/**
 * Makes an account that waits for its address to be confirmed, whether or not the address has one: answer, work and time are
 * the same, and the mail says the rest.
 */
export async function register(ctx: Context, input: RegisterInput): Promise<void> {
  const limit = { name: 'sign-up', points: settingsOf(ctx).LIMIT_REGISTER_PER_MINUTE, durationSeconds: 60 };
  await ctx.services.limiter.take(limit, addressKey(ctx.client.address));
  await insertChecked(ctx, input, null);
}

/** An account whose address is taken as confirmed, for demo content: nothing is mailed. */
export async function registerVerified(ctx: Context, input: RegisterInput): Promise<{ userId: Id }> {
  return { userId: await insertChecked(ctx, input, new Date()) };
}

async function insertChecked(ctx: Context, input: RegisterInput, emailVerifiedAt: Date | null): Promise<Id> {
  const account = checkInput((check) => {
    const username = input.username.normalize('NFC').trim();
    check.add(checkUsername(username));
    const email = input.email.trim();
    check.that('email', isEmail(email), 'email is no e-mail address.');
    const problem = passwordProblem(input.password);
    check.that('password', problem === null, `password ${problem}.`);
    const name = input.name == null ? username : check.text('name', input.name, { min: 1, max: 80 });
    return { username, email, name, role: 'user', emailVerifiedAt };
  });
  const passwordHash = await hashPassword(ctx, input.password);
  try {
    return await ctx.change(async (tx) => {
      const userId = await insertAccount(tx, account, passwordHash);
      if (await isReservedUsername(tx, account.username)) throw takenUsername();
      if (emailVerifiedAt === null) {
        await queueMail(tx, { template: 'verification', userId, data: {}, effectKey: `verification:${userId}` });
      }
      return userId;
    });
  } catch (error) {
    throw isTakenUsername(error) ? takenUsername() : error;
  }
}

async function insertAccount(tx: Change, account: NewAccount, passwordHash: string): Promise<Id> {
  const now = new Date();
  const user = tx.em.create(User, {
    ...account,
    id: newId('user'),
    usernameFolded: foldUsername(account.username),
    usernameSkeleton: skeletonOf(account.username),
    bio: '',
    emailFolded: account.email.toLowerCase(),
    passwordHash,
    followersCount: 0,
    followingCount: 0,
    joinedAt: now,
    updatedAt: now,
  });
  await tx.em.flush();
  emitUserSaved(tx, user);
  return user.id;
}

const UNIQUE_VIOLATION = '23505';
const constraintOf = (error: unknown): string =>
  codeOf(error) === UNIQUE_VIOLATION ? String((error as { constraint?: unknown }).constraint) : '';
export const isTakenAddress = (error: unknown): boolean => constraintOf(error) === 'user_verified_email';
const isTakenUsername = (error: unknown): boolean => constraintOf(error).startsWith('user_username');

const takenUsername = (): UserErrors =>
  new UserErrors([
    { field: ['username'], code: 'CONFLICT', message: 'That username is taken, or looks like one that is.' },
  ]);

/** The first administrator, from the settings; once, and never changed by them again. Throws where the name is somebody else's. */
export async function prepareAdministrator(ctx: Context): Promise<void> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password, ADMIN_USERNAME: username } = settingsOf(ctx);
  if (!email || !password) return;
  const [existing] = await ctx.rows(
    sql`select 1 from "user" where email_folded = ${email.toLowerCase()} and email_verified_at is not null`,
  );
  if (existing) return;
  const passwordHash = await hashPassword(ctx, password);
  const account = { username, email, name: username, role: 'admin', emailVerifiedAt: new Date() };
  await ctx
    .change((tx) => insertAccount(tx, account, passwordHash))
    .catch(async (error: unknown) => {
      if (!isTakenUsername(error) && !isTakenAddress(error)) throw error;
      // Two processes starting at once both try, and the other one was first; or the first one has another address by now.
      const [first] = await ctx.rows(sql`select 1 from "user" where role = 'admin' and deleted_at is null limit 1`);
      if (!first) throw new ConfigError('ADMIN_USERNAME: somebody else has that name; take another.');
    });
}
