import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { fromUuid, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { hashPassword, isOutdatedHash, verifyPassword } from '../password.ts';
import { type Origin, originOf } from '../session/origin.loaders.ts';
import { answer, type NewSession } from '../session/session.actions.ts';
import { hasSecondFactor } from '../totp/code.actions.ts';
import { foldUsername } from '../username.ts';
import { type Challenge, openChallenge } from './challenge.actions.ts';
import { lockPerson, mayAskByMail, type Need, succeed } from './entry.actions.ts';
import { assessSignIn, recordFailure, recordSignIn } from './history.actions.ts';
import { takeSignInTry } from './throttle.ts';

export interface LoginInput {
  readonly identifier: string;
  readonly password: string;
  readonly captcha?: string | null;
}

interface Account {
  readonly uuid: string;
  readonly hash: string;
}

type Entry = { readonly session: NewSession } | { readonly challenge: Challenge };

const LONGEST = 320;
/** The hash may be made anew, or the password change, while it is checked: then it is checked once more. */
const TRIES = 2;

/**
 * Signs in, or says what else is to be proved. Every way to fail looks alike and takes as long: a wrong name computes a hash
 * and writes a row too.
 */
export async function login(ctx: Context, input: LoginInput) {
  const name = input.identifier.slice(0, LONGEST).trim();
  const folded = name.includes('@') ? name.toLowerCase() : foldUsername(name);
  await takeSignInTry(ctx, folded, input.captcha ?? null);
  const origin = await originOf(ctx);
  for (let tried = 1; ; tried++) {
    const account = await accountOf(ctx, folded);
    const isRight = await verifyPassword(ctx, account?.hash ?? null, input.password);
    const entry = account && isRight ? await enter(ctx, account, input.password, origin) : null;
    if (entry) {
      if ('challenge' in entry) return { challenge: entry.challenge };
      return answer(ctx, entry.session.userId, entry.session.sessionId, entry.session.refreshToken);
    }
    if (isRight && tried < TRIES) continue;
    await recordFailure(ctx, account?.uuid ?? null, origin);
    throw new UserErrors([
      { field: ['password'], code: 'UNAUTHENTICATED', message: 'That name and password do not belong together.' },
    ]);
  }
}

/** An address is somebody's once they have confirmed it; before that they sign in by username. */
async function accountOf(ctx: Context, folded: string): Promise<Account | null> {
  const isIt = folded.includes('@')
    ? sql`email_folded = ${folded} and email_verified_at is not null`
    : sql`username_folded = ${folded}`;
  const [account] = await ctx.rows<Account>(sql`
    select id as uuid, password_hash as hash from "user" where ${isIt} and deleted_at is null`);
  return account ?? null;
}

/** With the right password. Null where it has changed since it was checked. */
async function enter(ctx: Context, account: Account, password: string, origin: Origin): Promise<Entry | null> {
  const newHash = isOutdatedHash(ctx, account.hash) ? await hashPassword(ctx, password) : null;
  return ctx.change(async (tx) => {
    const person = await lockPerson(tx, account.uuid, newHash !== null);
    if (person?.passwordHash !== account.hash) return null;
    if (newHash !== null) await tx.rows(sql`update "user" set password_hash = ${newHash} where id = ${account.uuid}`);
    const userId = fromUuid('user', account.uuid);
    const assessment = await assessSignIn(tx, userId, origin);
    const isUnusual = assessment.score >= settingsOf(tx).STEP_UP_SCORE;
    const needs: Need[] = [];
    if (await hasSecondFactor(tx, userId)) needs.push('CODE');
    if (isUnusual && mayAskByMail(tx, person)) needs.push('MAIL');
    return goOn(tx, { userId, needs, assessment, origin });
  });
}

interface Proved {
  readonly userId: string;
  readonly needs: readonly Need[];
  readonly assessment: Awaited<ReturnType<typeof assessSignIn>>;
  readonly origin: Origin;
}

async function goOn(tx: Change, { userId, needs, assessment, origin }: Proved): Promise<Entry> {
  const signInId = await recordSignIn(tx, userId, needs.length > 0 ? 'CHALLENGED' : 'SUCCEEDED', assessment, origin);
  const [first, ...later] = needs;
  return first === undefined
    ? { session: await succeed(tx, userId, toUuid(signInId), origin) }
    : { challenge: await openChallenge(tx, userId, signInId, [first, ...later], origin) };
}
