import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Id } from 'kit/ids';
import type { SecretKey } from '../key/key.loaders.ts';

// A refresh token is `<session>.<value>.<mark>`: what it is, and that we made it. All that is stored is its hash.

const MARK_BYTES = 16;

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
export const isHashOf = (hash: Uint8Array | null, token: Buffer): boolean =>
  hash !== null && hash.length === token.length && timingSafeEqual(hash, token);

const marked = (body: string, key: SecretKey): string => `${body}.${markOf(body, key).toString('base64url')}`;
const markOf = (body: string, { secret }: SecretKey): Buffer =>
  createHmac('sha256', secret).update(`mark of ${body}`).digest().subarray(0, MARK_BYTES);

export const firstToken = (sessionId: Id, key: SecretKey): string =>
  marked(`${sessionId}.${randomBytes(32).toString('base64url')}`, key);

/** The same token has, under the same key, always the same successor; nobody derives it who has only one of the two. */
export function successorOf(sessionId: Id, token: string, key: SecretKey): string {
  const value = createHmac('sha256', key.secret).update(`successor of ${token}`).digest('base64url');
  return marked(`${sessionId}.${value}`, key);
}

/** Whether we made this token once: a session's id alone, which is no secret, must not end the session. */
export function isOurs(token: string, keys: readonly SecretKey[]): boolean {
  const end = token.lastIndexOf('.');
  const mark = Buffer.from(token.slice(end + 1), 'base64url');
  return mark.length === MARK_BYTES && keys.some((key) => timingSafeEqual(mark, markOf(token.slice(0, end), key)));
}
