import { Secret } from 'otpauth';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, CodedError, UserErrors } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { checkOwnPassword } from '../password/own-password.actions.ts';
import { takeCodeTry } from './attempt.actions.ts';
import { enrol, hasSecondFactor, replaceRecoveryCodes, spendRecoveryCode, spendTotp, totpOf } from './code.actions.ts';

export interface StartTotpSetupInput {
  readonly password: string;
}

/** A second proof for what a stolen session must not do: the password, or a code. */
export interface ProofInput {
  readonly password?: string | null;
  readonly code?: string | null;
}

/** Secrets that were begun and not confirmed are good for so long. */
const SETUP_MINUTES = 30;

const personOf = (ctx: Context): Id => {
  if (ctx.viewer.userId === null) throw new CodedError('UNAUTHENTICATED', 'Sign in first.');
  return ctx.viewer.userId;
};

/** Makes a secret for an authenticator program; nothing is asked of anybody before `confirmTotp`. */
export async function startTotpSetup(ctx: Context, { password }: StartTotpSetupInput) {
  const userId = personOf(ctx);
  await checkOwnPassword(ctx, userId, password, 'password');
  const [person] = await ctx.rows<{ username: string }>(sql`select username from "user" where id = ${toUuid(userId)}`);
  const secret = await ctx.change((tx) => enrol(tx, userId));
  if (!secret) {
    const message = 'The second factor is on already; turn it off first.';
    throw new UserErrors([{ field: null, code: 'CONFLICT', message }]);
  }
  return {
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }).base32,
    uri: totpOf(secret, settingsOf(ctx).SITE_NAME, person?.username ?? '').toString(),
  };
}

/** Turns the second factor on with a first code from the program, and answers the recovery codes. */
export async function confirmTotp(ctx: Context, { code }: { readonly code: string }) {
  const userId = personOf(ctx);
  await takeCodeTry(ctx, userId, 'TOTP');
  const recoveryCodes = await ctx.change(async (tx) => {
    if (!(await spendTotp(tx, userId, code, { isConfirmed: false }))) return null;
    const [isOn] = await tx.rows(sql`
      update second_factor set confirmed_at = now()
      where user_id = ${toUuid(userId)} and started_at > now() - ${SETUP_MINUTES} * interval '1 minute' returning 1`);
    if (!isOn) return null;
    await tell(tx, userId, true);
    return replaceRecoveryCodes(tx, userId);
  });
  return {
    recoveryCodes: recoveryCodes ?? wrong('code', 'That is not the code of now; start again if it has been a while.'),
  };
}

/** Turns the second factor off. */
export async function disableTotp(ctx: Context, proof: ProofInput): Promise<void> {
  const userId = personOf(ctx);
  await proved(ctx, userId, proof, async (tx) => {
    const [removed] = await tx.rows<{ isOn: boolean }>(
      sql`delete from second_factor where user_id = ${toUuid(userId)} returning confirmed_at is not null as "isOn"`,
    );
    if (removed?.isOn) await tell(tx, userId, false);
  });
}

/** New recovery codes; the earlier ones are void. */
export async function regenerateRecoveryCodes(ctx: Context, proof: ProofInput) {
  const userId = personOf(ctx);
  if (!(await hasSecondFactor(ctx, userId))) {
    const message = 'The second factor is off: there is nothing to recover from.';
    throw new UserErrors([{ field: null, code: 'CONFLICT', message }]);
  }
  return proved(ctx, userId, proof, async (tx) => {
    recordAct(tx, { action: 'secondFactor.regenerate', subjectId: userId });
    return { recoveryCodes: await replaceRecoveryCodes(tx, userId) };
  });
}

export async function proved<Result>(
  ctx: Context,
  userId: Id,
  { password, code }: ProofInput,
  work: (tx: Change) => Promise<Result>,
): Promise<Result> {
  if ((password == null) === (code == null)) badInput('password', 'Give exactly one of password and code.');
  if (password != null) {
    await checkOwnPassword(ctx, userId, password, 'password');
    return ctx.change(work);
  }
  const given = code ?? '';
  await takeCodeTry(ctx, userId, 'TOTP');
  const done = await ctx.change(async (tx) => {
    const isRight =
      (await spendTotp(tx, userId, given, { isConfirmed: true })) || (await spendRecoveryCode(tx, userId, given));
    return isRight ? { result: await work(tx) } : null;
  });
  return done ? done.result : wrong('code', 'That code is not good (any more); wait for the next one.');
}

function wrong(field: string, message: string): never {
  throw new UserErrors([{ field: [field], code: 'UNAUTHENTICATED', message }]);
}

/** The owner hears of it, in case it was somebody else. */
async function tell(tx: Change, userId: Id, isOn: boolean): Promise<void> {
  recordAct(tx, { action: isOn ? 'secondFactor.enable' : 'secondFactor.disable', subjectId: userId });
  const effectKey = `second-factor:${userId}:${crypto.randomUUID()}`;
  await queueMail(tx, { template: 'secondFactorChanged', userId, data: { isOn }, effectKey });
}
