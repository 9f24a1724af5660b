import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { CodedError } from 'kit/errors';
import type { Logger } from 'kit/logger';
import { anonymous, userViewer, type Viewer } from 'kit/viewer';
import { LRUCache } from 'lru-cache';
import type { GatewayHooks } from './hooks.ts';
import type { JwtOptions } from './jwt.settings.ts';

/** Signatures that whoever can check them could not make. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** A key that is published no more is believed for so long. */
const KEPT_MILLISECONDS = 60_000;
const KEPT_TOKENS = 10_000;
/** Longer ones are believed as well, but not kept. */
const KEPT_CHARACTERS = 4096;
const FETCH_MILLISECONDS = 5000;
const LEEWAY_SECONDS = 5;

interface Verified {
  readonly viewer: Viewer;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Who asks, by the bearer token they bring (RFC 7519, signed by a key that the issuer publishes): the user `sub`, with the
 * scopes of `scope` or `scp`. Nobody brings none. Throws UNAUTHENTICATED for a token that does not hold, RETRY_LATER where the
 * keys cannot be had.
 */
export function jwtAuthentication(
  { jwksUrl, issuer, audience }: JwtOptions,
  log: Pick<Logger, 'warn'>,
): GatewayHooks['authenticate'] {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: FETCH_MILLISECONDS });
  const known = new LRUCache<string, Verified>({ max: KEPT_TOKENS, ttl: KEPT_MILLISECONDS });
  const expected = {
    algorithms: ALGORITHMS,
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ['sub', 'exp'],
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  };
  let isAway = false;
  const verify = async (token: string): Promise<Verified> => {
    try {
      const payload = await payloadOf(token, keys, expected).catch(async (error: unknown) => {
        // A token that names no key may be signed by one that was published since they were fetched.
        if (!(error instanceof errors.JWSSignatureVerificationFailed) || keys.coolingDown) throw error;
        await keys.reload();
        return payloadOf(token, keys, expected);
      });
      isAway = false;
      return { viewer: viewerOf(payload), expiresAt: ((payload.exp ?? 0) + LEEWAY_SECONDS) * 1000 };
    } catch (error) {
      if (isAnswer(error)) throw refused();
      // Open connections are looked at all the time: told once.
      if (!isAway) log.warn({ err: error }, 'the keys that tokens are checked by cannot be had');
      isAway = true;
      throw new CodedError('RETRY_LATER', 'Credentials cannot be checked just now.');
    }
  };
  return async ({ authorization }) => {
    if (authorization === null) return anonymous;
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (token === undefined) throw refused();
    const verified = known.get(token) ?? (await verify(token));
    if (verified.expiresAt <= Date.now()) throw refused();
    if (token.length <= KEPT_CHARACTERS && !known.has(token)) known.set(token, verified);
    return verified.viewer;
  };
}

/** What a token says, by the key that it names, or else by any of those that may have signed it. */
async function payloadOf(token: string, keys: JWTVerifyGetKey, expected: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await jwtVerify(token, key, expected).catch((failure: unknown) => {
        if (failure instanceof errors.JWSSignatureVerificationFailed) return null;
        throw failure;
      });
      if (verified) return verified.payload;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

const refused = (): CodedError =>
  new CodedError('UNAUTHENTICATED', 'The token does not hold, or has ended: send Authorization: Bearer <token>.');

function viewerOf({ sub, scope, scp }: JWTPayload): Viewer {
  if (typeof sub !== 'string' || sub === '') throw refused();
  const given = scope ?? scp;
  const scopes = Array.isArray(given) ? given : typeof given === 'string' ? given.split(' ') : [];
  return { ...userViewer(sub), scopes: scopes.filter((one): one is string => typeof one === 'string' && one !== '') };
}

/** Whether it was the token that failed, rather than the way to the keys. */
const isAnswer = (error: unknown): boolean =>
  error instanceof CodedError ||
  (error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC');
