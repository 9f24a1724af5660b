import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import type { Change, Context } from 'kit/context';
import { CodedError, UserErrors } from 'kit/errors';
import { fromUuid, type Id, kindOf, newId, toUuid } from 'kit/ids';
import { sql } from 'kit/database';
import { foldUsername } from '../username.ts';
import { verifyPassword } from '../password.ts';
import { settingsOf } from '../config.ts';
import { userById } from '../user/user.loaders.ts';
import { Session } from './session.entity.ts';
import { keysOf, signAccessToken } from './session.keys.ts';

export interface LoginInput {
  readonly identifier: string;
  readonly password: string;
}

/** Names the immediate predecessor may still be sent twice within, in ms: the answer to a refresh can get lost. */
const GRACE_MS = 10_000;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const sameHash = (a: Uint8Array | null | undefined, b: Buffer): boolean =>
  a != null && a.length === b.length && timingSafeEqual(a, b);

/** Starts a session. Every way to fail looks alike and takes as long: a wrong name computes a hash too. */
export async function login(ctx: Context, { identifier, password }: LoginInput) {
  const limit = { name: 'sign-in', points: settingsOf(ctx).LIMIT_SIGN_IN_PER_MINUTE, durationSeconds: 60 };
  const name = identifier.slice(0, 320);
  await ctx.services.limiter.take(limit, ctx.client.address);
  await ctx.services.limiter.take(limit, `${ctx.client.address}|${foldUsername(name)}`);
  const folded = name.includes('@') ? name.trim().toLowerCase() : foldUsername(name);
  const [account] = await ctx.rows<{ id: string; hash: string }>(sql`
    select id, password_hash as hash from "user" where ${name.includes('@') ? sql.ref('email_folded') : sql.ref('username_folded')} = ${folded}`);
  const isRight = await verifyPassword(ctx, account?.hash ?? null, password);
  if (!account || !isRight) {
    throw new UserErrors([
      { field: ['password'], code: 'UNAUTHENTICATED', message: 'That name and password do not belong together.' },
    ]);
  }
  return startSession(ctx, account.id);
}

async function startSession(ctx: Context, userUuid: string) {
  const userId = fromUuid('user', userUuid);
  const sessionId = newId('session');
  const refreshToken = `${sessionId}.${randomBytes(32).toString('base64url')}`;
  const now = new Date();
  await ctx.change(async (tx) => {
    tx.em.create(Session, {
      id: sessionId,
      userId,
      currentHash: hashOf(refreshToken),
      previousHash: null,
      rotatedAt: now,
      startedAt: now,
      expiresAt: expiry(ctx, now),
      endedAt: null,
      endReason: null,
      userAgent: ctx.client.userAgent.slice(0, 300),
    });
  });
  return answer(ctx, userId, sessionId, refreshToken);
}

const expiry = (ctx: Context, from: Date): Date =>
  new Date(from.getTime() + settingsOf(ctx).REFRESH_TOKEN_DAYS * 86_400_000);

async function answer(ctx: Context, userId: Id, sessionId: Id, refreshToken: string) {
  return {
    accessToken: await signAccessToken(ctx, userId, sessionId),
    refreshToken,
    expiresInSeconds: settingsOf(ctx).ACCESS_TOKEN_MINUTES * 60,
    user: await userById(ctx, userId),
  };
}

const refused = (): never => {
  throw new UserErrors([
    { field: ['refreshToken'], code: 'UNAUTHENTICATED', message: 'That session has ended; sign in again.' },
  ]);
};

/**
 * Exchanges a refresh token for its successor, HMAC(secret, token): nothing but hashes is stored, and the immediate
 * predecessor gets the very same successor again within 10 s. An older one, or a later repeat, ends the session.
 */
export async function refreshSession(ctx: Context, { refreshToken }: { readonly refreshToken: string }) {
  const [sessionId] = refreshToken.split('.');
  const { refreshSecret } = await keysOf(ctx);
  const successor = `${sessionId}.${createHmac('sha256', refreshSecret).update(refreshToken).digest('base64url')}`;
  const outcome = await ctx.change(async (tx) => {
    const session = await lockedSession(tx, sessionId);
    if (!session || session.endedAt || session.expiresAt <= new Date()) return null;
    const given = hashOf(refreshToken);
    if (sameHash(session.currentHash, given)) {
      const now = new Date();
      tx.em.assign(session, {
        currentHash: hashOf(successor),
        previousHash: given,
        rotatedAt: now,
        expiresAt: expiry(ctx, now),
      });
      return session;
    }
    const isPredecessor = sameHash(session.previousHash, given) && Date.now() - session.rotatedAt.getTime() < GRACE_MS;
    if (isPredecessor) return session;
    // A token used before: somebody has a copy. The family ends for both.
    tx.em.assign(session, { endedAt: new Date(), endReason: 'refresh token reused' });
    return null;
  });
  return outcome ? answer(ctx, outcome.userId, outcome.id, successor) : refused();
}

async function lockedSession(tx: Change, sessionId: string | undefined): Promise<Session | null> {
  if (kindOf(sessionId) !== 'session' || !sessionId) return null;
  return tx.em.findOne(Session, { id: sessionId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Ends the session that asks. Its access token is refused from then on, its refresh token too. */
export async function logout(ctx: Context): Promise<void> {
  const { sessionId } = ctx.viewer;
  if (!sessionId) throw new CodedError('UNAUTHENTICATED', 'Sign in first.');
  await ctx.rows(sql`
    update session set ended_at = now(), end_reason = 'logout' where id = ${toUuid(sessionId)} and ended_at is null`);
}

/** Ends a person's sessions, and sign-ins that are half done, in the caller's transaction; `except` stays. */
export async function endSessionsOf(
  tx: Change,
  userId: Id,
  reason: string,
  { except = null }: { readonly except?: Id | null } = {},
): Promise<void> {
  const spared = except === null ? sql`` : sql`and id <> ${toUuid(except)}`;
  await tx.rows(sql`
    update session set ended_at = now(), end_reason = ${reason}
    where user_id = ${toUuid(userId)} and ended_at is null ${spared}`);
  await tx.rows(sql`delete from sign_in_challenge where user_id = ${toUuid(userId)}`);
}
