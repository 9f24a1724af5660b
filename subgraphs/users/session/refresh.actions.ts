import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { fromUuid, type Id, kindOf, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { keyById, type Keys, keysOf } from '../key/key.loaders.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { type Origin, originOf } from './origin.loaders.ts';
import { hashOf, isHashOf, isOurs, successorOf } from './refresh.tokens.ts';
import { answer, type SessionAnswer } from './session.actions.ts';

/** In which the immediate predecessor is taken once more: the answer to a refresh can get lost. */
const GRACE_SECONDS = 10;
/** Longer than any token of ours. */
const MOST_LETTERS = 300;

interface SessionRow {
  readonly userId: string;
  readonly currentHash: Buffer;
  readonly previousHash: Buffer | null;
  readonly refreshKeyId: string | null;
  readonly isInGrace: boolean;
  readonly userAgent: string;
}

interface Asked {
  readonly keys: Keys;
  readonly origin: Origin;
  readonly sessionId: Id;
  readonly token: string;
}

interface Continued {
  readonly userId: Id;
  readonly refreshToken: string;
}

/**
 * Exchanges a refresh token for its successor, HMAC(key, token): nothing but hashes is stored, and the immediate predecessor
 * gets the very same successor again within 10 s. An older one, or a later repeat, ends the session for whoever holds it.
 */
export async function refreshSession(ctx: Context, { refreshToken }: { readonly refreshToken: string }) {
  const [sessionId] = refreshToken.split('.', 1);
  if (refreshToken.length > MOST_LETTERS || !sessionId || kindOf(sessionId) !== 'session') return refused();
  const [keys, origin] = await Promise.all([keysOf(ctx), originOf(ctx)]);
  const continued = await ctx.change((tx) => goOn(tx, { keys, origin, sessionId, token: refreshToken }));
  return continued ? answer(ctx, continued.userId, sessionId, continued.refreshToken) : refused();
}

function refused(): Promise<SessionAnswer> {
  const message = 'That session has ended; sign in again.';
  return Promise.reject(new UserErrors([{ field: ['refreshToken'], code: 'UNAUTHENTICATED', message }]));
}

async function goOn(tx: Change, { keys, origin, sessionId, token }: Asked): Promise<Continued | null> {
  const [session] = await tx.rows<SessionRow>(sql`
    select user_id as "userId", current_hash as "currentHash", previous_hash as "previousHash",
      refresh_key_id as "refreshKeyId", user_agent as "userAgent",
      rotated_at > now() - ${GRACE_SECONDS} * interval '1 second' as "isInGrace"
    from session where id = ${toUuid(sessionId)} and ended_at is null and expires_at > now() for update`);
  if (!session) return null;
  const given = hashOf(token);
  const userId = fromUuid('user', session.userId);
  if (isHashOf(session.currentHash, given)) {
    const refreshToken = successorOf(sessionId, token, keys.refresh);
    await rotate(tx, sessionId, { refreshToken, given, keyId: keys.refresh.id, origin });
    return { userId, refreshToken };
  }
  const isPredecessor = isHashOf(session.previousHash, given);
  if (isPredecessor && session.isInGrace) return sameAgain(tx, session, sessionId, token);
  if (isPredecessor || isOurs(token, keys.refreshKeys)) await endFamily(tx, sessionId, userId, session.userAgent);
  return null;
}

interface Rotated {
  readonly refreshToken: string;
  readonly given: Buffer;
  readonly keyId: string;
  readonly origin: Origin;
}

async function rotate(tx: Change, sessionId: Id, { refreshToken, given, keyId, origin }: Rotated): Promise<void> {
  const { device, userAgent, address, place } = origin;
  const days = settingsOf(tx).REFRESH_TOKEN_DAYS;
  await tx.rows(sql`
    update session set current_hash = ${hashOf(refreshToken)}, previous_hash = ${given}, refresh_key_id = ${keyId},
      generation = generation + 1, rotated_at = now(), last_used_at = now(), expires_at = now() + ${days} * interval '1 day',
      device = ${device}, user_agent = ${userAgent}, address = ${address}, place = ${place && JSON.stringify(place)}
    where id = ${toUuid(sessionId)}`);
}

/** Derived under the key of that time: between the two the keys may have been rotated. */
async function sameAgain(tx: Change, session: SessionRow, sessionId: Id, token: string): Promise<Continued | null> {
  const key = session.refreshKeyId === null ? null : await keyById(tx, 'refreshKeys', session.refreshKeyId);
  const refreshToken = key && successorOf(sessionId, token, key);
  // The key is in foreign hands since, and gone.
  if (!refreshToken || !isHashOf(session.currentHash, hashOf(refreshToken))) return null;
  return { userId: fromUuid('user', session.userId), refreshToken };
}

/** A token used before: somebody has a copy. Who of the two is the owner cannot be told, so both are out, and the owner is told. */
async function endFamily(tx: Change, sessionId: Id, userId: Id, userAgent: string): Promise<void> {
  await tx.rows(sql`
    update session set ended_at = now(), end_reason = 'refresh token reused' where id = ${toUuid(sessionId)}`);
  const data = { at: new Date().toISOString(), userAgent };
  await queueMail(tx, { template: 'sessionReuse', userId, data, effectKey: `session-reuse:${sessionId}` });
}
