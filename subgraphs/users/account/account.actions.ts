import { type Change, codeOf, type Context } from 'kit/context';
import { sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { newId } from 'kit/ids';
import { checkInput } from 'kit/input';
import { z } from 'zod';
import { settingsOf } from '../config.ts';
import { emitUserSaved } from '../user/user.actions.ts';
import { User } from '../user/user.entity.ts';
import { hashPassword, PASSWORD_LENGTH } from '../password.ts';
import { checkUsername, foldUsername, skeletonOf } from '../username.ts';

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
}

const isEmail = (text: string): boolean => text.length <= 254 && z.email().safeParse(text).success;

/** Makes an account. Whether the address has one already is told by nothing: not the answer, not the time it takes. */
export async function register(ctx: Context, input: RegisterInput): Promise<void> {
  const limit = { name: 'sign-up', points: settingsOf(ctx).LIMIT_REGISTER_PER_MINUTE, durationSeconds: 60 };
  await ctx.services.limiter.take(limit, ctx.client.address);
  const account = checkInput((check) => {
    const username = input.username.normalize('NFC').trim();
    check.add(checkUsername(username));
    const email = input.email.trim();
    check.that('email', isEmail(email), 'email is no e-mail address.');
    const { min, max } = PASSWORD_LENGTH;
    const length = input.password.length > 2 * max ? Infinity : [...input.password].length;
    check.that('password', length >= min && length <= max, `password is ${min} to ${max} characters long.`);
    const name = input.name == null ? username : check.text('name', input.name, { min: 1, max: 80 });
    return { username, email, name, role: 'user' };
  });
  const passwordHash = await hashPassword(ctx, input.password);
  try {
    await ctx.change((tx) => insertAccount(tx, account, passwordHash));
  } catch (error) {
    if (!isTakenAddress(error)) throw asTakenUsername(error);
  }
}

async function insertAccount(tx: Change, account: NewAccount, passwordHash: string): Promise<void> {
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
}

const UNIQUE_VIOLATION = '23505';
const constraintOf = (error: unknown): string =>
  codeOf(error) === UNIQUE_VIOLATION ? String((error as { constraint?: unknown }).constraint) : '';
const isTakenAddress = (error: unknown): boolean => constraintOf(error) === 'user_email_folded';

function asTakenUsername(error: unknown): unknown {
  if (!constraintOf(error).startsWith('user_username')) return error;
  return new UserErrors([
    { field: ['username'], code: 'CONFLICT', message: 'That username is taken, or looks like one that is.' },
  ]);
}

/** The first administrator, from the settings; once, and never changed by them again. */
export async function prepareAdministrator(ctx: Context): Promise<void> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password, ADMIN_USERNAME: username } = settingsOf(ctx);
  if (!email || !password) return;
  const [existing] = await ctx.rows(sql`select 1 from "user" where email_folded = ${email.toLowerCase()}`);
  if (existing) return;
  const passwordHash = await hashPassword(ctx, password);
  await ctx
    .change((tx) => insertAccount(tx, { username, email, name: username, role: 'admin' }, passwordHash))
    .catch((error: unknown) => {
      // Two processes starting at once both try; the other one was first.
      if (!isTakenAddress(error)) throw error;
    });
}
