import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';

/** Where both gateways find the public keys. */
export const KEYS_VARIABLE = 'BENCH_KEYS';
const ISSUER = 'bench';
const TYPE = 'at+jwt';

export interface Claims {
  readonly userId: string;
  readonly expiresAt: number;
}

/** Who an Authorization header speaks for, null without one; rejects where the token is none, is forged or has ended. */
export type TokenCheck = (authorization: string | null) => Promise<Claims | null>;

/** The check that both gateways make of every request: a signature is checked once, the end of the token always. */
export function createTokenCheck(keys: JSONWebKeySet): TokenCheck {
  const keySet = createLocalJWKSet(keys);
  const claimsByToken = new LRUCache<string, Claims>({ max: 10_000 });
  const verify = async (token: string): Promise<Claims> => {
    const options = { algorithms: ['EdDSA'], issuer: ISSUER, typ: TYPE, requiredClaims: ['sub', 'exp'] };
    const { payload } = await jwtVerify(token, keySet, options);
    return { userId: payload.sub ?? '', expiresAt: payload.exp ?? 0 };
  };
  return async (authorization) => {
    if (authorization === null) return null;
    const [scheme, token, ...rest] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) throw new Error('no bearer token');
    const known = claimsByToken.get(token);
    const claims = known ?? (await verify(token));
    if (claims.expiresAt * 1000 <= Date.now()) throw new Error('the token has ended');
    if (!known) claimsByToken.set(token, claims);
    return claims;
  };
}

export interface Issuer {
  readonly keys: JSONWebKeySet;
  /** An Authorization header that is good for so many seconds. */
  readonly authorization: (userId: string, seconds: number) => Promise<string>;
}

/** A key pair of this run only. */
export async function createIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const key = { ...(await exportJWK(publicKey)), alg: 'EdDSA', kid: 'bench' };
  return {
    keys: { keys: [key] },
    authorization: async (userId, seconds) => {
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'EdDSA', kid: 'bench', typ: TYPE })
        .setIssuer(ISSUER)
        .setSubject(userId)
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(privateKey);
      return `Bearer ${token}`;
    },
  };
}
