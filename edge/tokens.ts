import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { CodedError } from 'kit/errors';
import { LRUCache } from 'lru-cache';
import { ended } from './errors.ts';
import type { ReadKeys } from './keys.ts';

const ISSUER = 'broadsheet';

/** What an access token says: the session it is for, and whose that is. */
export interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export type ReadClaims = (token: string) => Promise<Claims>;

interface Verified extends Claims {
  /** The `kid` of what signed it. */
  readonly keyId: string | undefined;
}

/**
 * Reads access tokens, each verified once; its key must still be among the published ones. Throws UNAUTHENTICATED for one that
 * is none or has ended.
 */
export function createTokenReader(readKeys: ReadKeys): ReadClaims {
  const claimsByToken = new LRUCache<string, Verified>({ max: 10_000 });
  return async (token) => {
    const kept = claimsByToken.get(token);
    const known = kept && isPublished(kept, await readKeys()) ? kept : undefined;
    const claims = known ?? (await verify(token, readKeys));
    if (claims.expiresAt * 1000 <= Date.now()) throw ended();
    if (!known) claimsByToken.set(token, claims);
    return claims;
  };
}

const isPublished = ({ keyId }: Verified, { keys }: JSONWebKeySet): boolean => keys.some(({ kid }) => kid === keyId);

/** Which of the two algorithms is the key's word, not the token's. */
const ALGORITHMS = ['EdDSA', 'RS256'];

async function verify(token: string, readKeys: ReadKeys): Promise<Verified> {
  const check = async (keys: JSONWebKeySet): Promise<Verified> => {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'sid', 'exp'],
    });
    const { sub: userId = '', exp: expiresAt = 0, sid } = payload;
    return { userId, sessionId: String(sid), expiresAt, keyId: protectedHeader.kid };
  };
  try {
    return await check(await readKeys());
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw ended();
  }
  // A key made since we last looked.
  return check(await readKeys(true)).catch(() => {
    throw ended();
  });
}
