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

/** Reads access tokens, each verified once. Throws UNAUTHENTICATED for one that is none or has ended. */
export function createTokenReader(readKeys: ReadKeys): ReadClaims {
  const claimsByToken = new LRUCache<string, Claims>({ max: 10_000 });
  return async (token) => {
    const known = claimsByToken.get(token);
    const claims = known ?? (await verify(token, readKeys));
    if (claims.expiresAt * 1000 <= Date.now()) throw ended();
    if (!known) claimsByToken.set(token, claims);
    return claims;
  };
}

async function verify(token: string, readKeys: ReadKeys): Promise<Claims> {
  const check = async (keys: JSONWebKeySet): Promise<Claims> => {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'sid', 'exp'],
    });
    return { userId: payload.sub ?? '', sessionId: String(payload['sid']), expiresAt: payload.exp ?? 0 };
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
