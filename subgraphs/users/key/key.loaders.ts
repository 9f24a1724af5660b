import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import type { Context } from 'kit/context';
import type { Id } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { type KeyRow, type Purpose, readRows, type Secret } from './key.rows.ts';
import { seal, unseal } from './key.sealing.ts';

export const ISSUER = 'broadsheet';

export interface SecretKey {
  readonly id: string;
  readonly secret: Buffer;
}

interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly signing: CryptoKey | Uint8Array;
}

export interface Keys {
  readonly signing: SigningKey;
  /** RFC 7517: what signs now, what will, and what has signed tokens that are still good. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Derives a refresh token's successor from it, so that the successor needs no storing. */
  readonly refresh: SecretKey;
  readonly refreshKeys: readonly SecretKey[];
  /** Encrypts the secrets of second factors. */
  readonly secondFactor: SecretKey;
  readonly secondFactorKeys: readonly SecretKey[];
}

/** Far under a rotation's overlap: every process knows a key before anything is signed with it. */
const KEPT_MS = 30_000;

interface Kept {
  readonly keys: Promise<Keys>;
  readonly readAt: number;
}

const kept = new WeakMap<object, Kept>();

/** The keys as they were at most half a minute ago; `isFresh` asks again, as for a key that is not among them. */
export function keysOf(ctx: Context, { isFresh = false } = {}): Promise<Keys> {
  const known = kept.get(ctx.services);
  if (known && !isFresh && Date.now() - known.readAt < KEPT_MS) return known.keys;
  const keys = readKeys(ctx);
  kept.set(ctx.services, { keys, readAt: Date.now() });
  keys.catch(() => kept.delete(ctx.services));
  return keys;
}

/** The key of this id, also where another process made it a moment ago; null where it has retired. */
export async function keyById(
  ctx: Context,
  which: 'refreshKeys' | 'secondFactorKeys',
  id: string,
): Promise<SecretKey | null> {
  const find = (keys: Keys): SecretKey | undefined => keys[which].find((key) => key.id === id);
  return find(await keysOf(ctx)) ?? find(await keysOf(ctx, { isFresh: true })) ?? null;
}

async function readKeys(ctx: Context): Promise<Keys> {
  const rows = await readRows(ctx);
  const of = (purpose: Purpose): KeyRow[] => rows.filter((row) => row.purpose === purpose);
  const inUse = (purpose: Purpose): KeyRow => {
    const row = of(purpose).find(({ isReady }) => isReady) ?? of(purpose).at(-1);
    if (!row) throw new Error(`there is no ${purpose} key`);
    return row;
  };
  const signing = inUse('access-token');
  const algorithm = algorithmOf(signing.secret);
  return {
    signing: { id: signing.id, algorithm, signing: await importJWK(signing.secret, algorithm) },
    jwks: { keys: of('access-token').map(published) },
    refresh: secretKey(inUse('refresh-token')),
    refreshKeys: of('refresh-token').map(secretKey),
    secondFactor: secretKey(inUse('second-factor')),
    secondFactorKeys: of('second-factor').map(secretKey),
  };
}

const secretKey = ({ id, secret }: KeyRow): SecretKey => ({ id, secret: Buffer.from(secret.value ?? '', 'base64url') });

export const algorithmOf = ({ kty }: Secret): 'RS256' | 'EdDSA' => (kty === 'RSA' ? 'RS256' : 'EdDSA');

/** Named one by one, so that no private part can be among them. */
function published({ id, secret }: KeyRow): JWK {
  const { kty, crv, x, n, e } = secret;
  const parts = kty === 'RSA' ? { kty, n, e } : { kty, crv, x };
  return { ...parts, kid: id, use: 'sig', alg: algorithmOf(secret) } as JWK;
}

/** A JWT of 15 minutes by default, for this session of this person. Roles are not in it: they are checked each time. */
export async function signAccessToken(ctx: Context, userId: Id, sessionId: Id): Promise<string> {
  const { signing } = await keysOf(ctx);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: signing.algorithm, kid: signing.id, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(`${settingsOf(ctx).ACCESS_TOKEN_MINUTES}m`)
    .sign(signing.signing);
}

/** Bytes encrypted at rest, and the key that opens them. */
export interface Sealed {
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

/** Encrypts under the newest key; what is sealed `about` one thing opens for no other. */
export async function sealSecret(ctx: Context, secret: Uint8Array, about: string): Promise<Sealed> {
  const { secondFactor } = await keysOf(ctx);
  return { keyId: secondFactor.id, sealed: seal(secondFactor.secret, secret, about) };
}

/** What was sealed; null where the key is gone, or the bytes are another thing's or no longer what they were. */
export async function openSecret(ctx: Context, { keyId, sealed }: Sealed, about: string): Promise<Buffer | null> {
  const key = await keyById(ctx, 'secondFactorKeys', keyId);
  try {
    return key && unseal(key.secret, sealed, about);
  } catch {
    return null;
  }
}

/** The same, for what must be there: throws where it cannot be opened. */
export async function unsealSecret(ctx: Context, sealed: Sealed, about: string): Promise<Buffer> {
  const secret = await openSecret(ctx, sealed, about);
  if (!secret) throw new Error(`a second factor under the key ${sealed.keyId} cannot be opened`);
  return secret;
}
