import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { checkId, type Id, newId, toUuid } from 'kit/ids';
import { recordAct } from '../audit/audit.actions.ts';
import { settingsOf } from '../config.ts';
import { keysOf, signAccessToken } from '../key/key.loaders.ts';
import { forgetPresence } from '../presence/presence.actions.ts';
import { userById, type UserRow } from '../user/user.loaders.ts';
import type { Origin } from './origin.loaders.ts';
import { firstToken, hashOf } from './refresh.tokens.ts';

export interface NewSession {
  readonly userId: Id;
  readonly sessionId: Id;
  readonly refreshToken: string;
}

/**
 * Starts a session, new in every part whatever the client brought along. In the caller's transaction, which holds the person's
 * row (see `lockPerson`), so that a password change ends this session too or comes first.
 */
export async function startSession(tx: Change, userId: Id, origin: Origin): Promise<NewSession> {
  const sessionId = newId('session');
  const { refresh } = await keysOf(tx);
  const refreshToken = firstToken(sessionId, refresh);
  const { device, userAgent, address, place } = origin;
  await tx.rows(sql`
    insert into session (id, user_id, current_hash, rotated_at, started_at, expires_at, refresh_key_id, device, user_agent, address, place)
    values (${toUuid(sessionId)}, ${toUuid(userId)}, ${hashOf(refreshToken)}, now(), now(),
      now() + ${settingsOf(tx).REFRESH_TOKEN_DAYS} * interval '1 day', ${refresh.id},
      ${device}, ${userAgent}, ${address}, ${place && JSON.stringify(place)})`);
  return { userId, sessionId, refreshToken };
}

/** What a client goes on with, once the session is in the database. */
export async function answer(ctx: Context, userId: Id, sessionId: Id, refreshToken: string): Promise<SessionAnswer> {
  return {
    accessToken: await signAccessToken(ctx, userId, sessionId),
    refreshToken,
    expiresInSeconds: settingsOf(ctx).ACCESS_TOKEN_MINUTES * 60,
    // Whoever has just proved who they are sees themself, verified or not.
    user: await userById(
      { ...ctx, viewer: { kind: 'user', userId, role: 'user', sessionId }, loaderScope: {} },
      userId,
    ),
  };
}

export interface SessionAnswer {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly user: UserRow | null;
}

const signInFirst = (): never => {
  throw new CodedError('UNAUTHENTICATED', 'Sign in first.');
};

/** Ends the session that asks. Its access token is refused from then on, its refresh token too. */
export async function logout(ctx: Context): Promise<void> {
  const { sessionId, userId } = ctx.viewer;
  await ctx.rows(sql`
    update session set ended_at = now(), end_reason = 'logout'
    where id = ${toUuid(sessionId ?? signInFirst())} and ended_at is null`);
  if (userId !== null) await forgetPresence(ctx, userId);
}

/** Ends all sessions of the viewer, the one that asks too unless it is to stay. */
export async function logoutEverywhere(
  ctx: Context,
  input: { readonly keepCurrent?: boolean | null } | null,
): Promise<void> {
  const { sessionId } = ctx.viewer;
  const userId = ctx.viewer.userId ?? signInFirst();
  const except = input?.keepCurrent ? sessionId : null;
  await ctx.change(async (tx) => {
    await endSessionsOf(tx, userId, 'logout everywhere', { except });
    recordAct(tx, { action: 'session.endAll', subjectId: userId });
  });
  await forgetPresence(ctx, userId);
}

/** Ends one of the viewer's own sessions; ending it twice is ending it once. */
export async function endSession(ctx: Context, { id }: { readonly id: Id }): Promise<void> {
  checkId('session', id);
  const userId = ctx.viewer.userId ?? signInFirst();
  await ctx.change(async (tx) => {
    const [ended] = await tx.rows(sql`
      update session set ended_at = coalesce(ended_at, now()), end_reason = coalesce(end_reason, 'ended by its person')
      where id = ${toUuid(id)} and user_id = ${toUuid(userId)} returning 1`);
    if (!ended) notFound('Session', id, ['id']);
    recordAct(tx, { action: 'session.end', subjectId: id });
  });
  await forgetPresence(ctx, userId);
}

/**
 * Ends a person's sessions, and sign-ins that are half done, in the caller's transaction; `except` stays. The person's row is
 * locked first: a sign-in at the same moment has either committed, and is seen here, or comes after and sees what changed.
 */
export async function endSessionsOf(
  tx: Change,
  userId: Id,
  reason: string,
  { except = null }: { readonly except?: Id | null } = {},
): Promise<void> {
  await tx.rows(sql`select 1 from "user" where id = ${toUuid(userId)} for no key update`);
  const spared = except === null ? sql`` : sql`and id <> ${toUuid(except)}`;
  await tx.rows(sql`
    update session set ended_at = now(), end_reason = ${reason}
    where user_id = ${toUuid(userId)} and ended_at is null ${spared}`);
  await tx.rows(sql`delete from sign_in_challenge where user_id = ${toUuid(userId)}`);
}
