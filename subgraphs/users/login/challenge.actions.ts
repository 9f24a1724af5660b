import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { addressKey } from 'kit/address';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, UserErrors } from 'kit/errors';
import { fromUuid, type Id, kindOf, newId, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { type Origin, originOf } from '../session/origin.loaders.ts';
import { nameOfPlace } from '../session/place.loaders.ts';
import { answer, type NewSession } from '../session/session.actions.ts';
import { spendToken } from '../token/token.actions.ts';
import { type ProofKind, takeCodeTry } from '../totp/attempt.actions.ts';
import { spendRecoveryCode, spendTotp } from '../totp/code.actions.ts';
import { lockPerson, type Need, succeed } from './entry.actions.ts';
import { tellOfTries } from './tries.actions.ts';

export interface CompleteLoginInput {
  readonly challenge: string;
  readonly kind: ProofKind;
  readonly code: string;
}

/** What is still to be proved before there is a session. */
export interface Challenge {
  readonly token: string;
  readonly kinds: readonly ProofKind[];
  readonly expiresAt: Date;
}

const LIFETIME_MINUTES = 15;
/** Of each proof; the account has a bound of its own over all challenges. */
const MOST_TRIES = 5;

const kindsOf: Readonly<Record<Need, readonly ProofKind[]>> = { CODE: ['TOTP', 'RECOVERY_CODE'], MAIL: ['MAIL'] };
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Opens a challenge: only who holds its token, which no mail and nobody else has, can complete it. */
export async function openChallenge(
  tx: Change,
  userId: Id,
  signInId: Id,
  needs: readonly [Need, ...Need[]],
  origin: Origin,
): Promise<Challenge> {
  const id = newId('challenge');
  const secret = randomBytes(32).toString('base64url');
  const [row] = await tx.rows<{ expiresAt: Date }>(sql`
    insert into sign_in_challenge (id, user_id, sign_in_id, secret_hash, needs, expires_at)
    values (${toUuid(id)}, ${toUuid(userId)}, ${toUuid(signInId)}, ${hashOf(secret)}, ${[...needs]}::text[],
      now() + ${LIFETIME_MINUTES} * interval '1 minute') returning expires_at as "expiresAt"`);
  if (needs[0] === 'MAIL') await askByMail(tx, userId, id, origin);
  return { token: `${id}.${secret}`, kinds: kindsOf[needs[0]], expiresAt: row?.expiresAt ?? new Date() };
}

async function askByMail(tx: Change, userId: Id, challengeId: Id, origin: Origin): Promise<void> {
  const data = { challengeId, userAgent: origin.userAgent, place: nameOfPlace(origin.place) };
  await queueMail(tx, { template: 'stepUp', userId, data, effectKey: `step-up:${challengeId}` });
}

interface ChallengeRow {
  readonly userUuid: string;
  readonly signInUuid: string;
  readonly secretHash: Buffer;
  readonly needs: readonly [Need, ...Need[]];
  readonly attempts: number;
  readonly expiresAt: Date;
}

type Step =
  { readonly session: NewSession } | { readonly challenge: Challenge } | { readonly wrong: 'challenge' | 'code' };

/** Proves what a sign-in still asks for. What is right leads to the session, or to the next proof. */
export async function completeLogin(ctx: Context, input: CompleteLoginInput) {
  const points = settingsOf(ctx).LIMIT_SIGN_IN_PER_MINUTE;
  await ctx.services.limiter.take(
    { name: 'sign-in completion', points, durationSeconds: 60 },
    addressKey(ctx.client.address),
  );
  const [id = '', secret = '', ...rest] = input.challenge.slice(0, 300).split('.');
  if (kindOf(id) !== 'challenge' || rest.length > 0) throw wrong('challenge');
  const found = await challengeOf(ctx, id, secret);
  if (!found) throw wrong('challenge');
  const userId = fromUuid('user', found.userUuid);
  const origin = await originOf(ctx);
  await takeCodeTry(ctx, userId, input.kind).catch(async (error: unknown) => {
    if (isRateLimit(error)) await ctx.change((tx) => tellOfTries(tx, userId, origin));
    throw error;
  });
  const step = await ctx.change((tx) => take(tx, { id, secret, origin, input }, found.userUuid));
  if ('wrong' in step) throw wrong(step.wrong);
  if ('challenge' in step) return { challenge: step.challenge };
  const { sessionId, refreshToken } = step.session;
  return answer(ctx, userId, sessionId, refreshToken);
}

const isRateLimit = (error: unknown): boolean => error instanceof CodedError && error.code === 'RATE_LIMITED';

async function challengeOf(ctx: Context, id: Id, secret: string, isLocked = false): Promise<ChallengeRow | null> {
  const [row] = await ctx.rows<ChallengeRow>(sql`
    select user_id as "userUuid", sign_in_id as "signInUuid", secret_hash as "secretHash", needs, attempts,
      expires_at as "expiresAt"
    from sign_in_challenge where id = ${toUuid(id)} and expires_at > now() and attempts < ${MOST_TRIES}
    ${isLocked ? sql`for update` : sql``}`);
  return row && timingSafeEqual(row.secretHash, hashOf(secret)) ? row : null;
}

interface Taken {
  readonly id: Id;
  readonly secret: string;
  readonly origin: Origin;
  readonly input: CompleteLoginInput;
}

/** One try, counted whatever comes of it. The person first, the challenge second: so everybody locks them. */
async function take(tx: Change, { id, secret, origin, input }: Taken, userUuid: string): Promise<Step> {
  const person = await lockPerson(tx, userUuid);
  const challenge = person && (await challengeOf(tx, id, secret, true));
  if (!challenge) return { wrong: 'challenge' };
  const userId = fromUuid('user', userUuid);
  const [need, ...later] = challenge.needs;
  const isRight = kindsOf[need].includes(input.kind) && (await isProved(tx, userId, id, input));
  if (!isRight) {
    await tx.rows(sql`update sign_in_challenge set attempts = attempts + 1 where id = ${toUuid(id)}`);
    if (challenge.attempts + 1 >= MOST_TRIES) await tellOfTries(tx, userId, origin);
    return { wrong: 'code' };
  }
  const [next] = later;
  if (next === undefined) {
    await tx.rows(sql`delete from sign_in_challenge where id = ${toUuid(id)}`);
    return { session: await succeed(tx, userId, challenge.signInUuid, origin) };
  }
  await tx.rows(sql`
    update sign_in_challenge set needs = ${later}::text[], attempts = 0 where id = ${toUuid(id)}`);
  if (next === 'MAIL') await askByMail(tx, userId, id, origin);
  return { challenge: { token: input.challenge, kinds: kindsOf[next], expiresAt: challenge.expiresAt } };
}

async function isProved(tx: Change, userId: Id, challengeId: Id, { kind, code }: CompleteLoginInput): Promise<boolean> {
  if (kind === 'TOTP') return spendTotp(tx, userId, code, { isConfirmed: true });
  if (kind === 'RECOVERY_CODE') return spendRecoveryCode(tx, userId, code);
  const spent = await spendToken(tx, 'step-up', code);
  return spent?.userId === userId && spent.data['challengeId'] === challengeId;
}

function wrong(field: 'challenge' | 'code'): UserErrors {
  const message =
    field === 'code'
      ? 'That code is not good (any more).'
      : 'That sign-in is over, or has been tried too often; begin again.';
  return new UserErrors([{ field: [field], code: 'UNAUTHENTICATED', message }]);
}

/** Challenges that nobody can complete any more. */
export async function forgetChallenges(ctx: Context): Promise<void> {
  await ctx.rows(sql`delete from sign_in_challenge where expires_at < now()`);
}
