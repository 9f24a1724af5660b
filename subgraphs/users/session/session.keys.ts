import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, type CryptoKey, SignJWT } from 'jose';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import type { Id } from 'kit/ids';
import { settingsOf } from '../config.ts';

export const ISSUER = 'broadsheet';

interface Keys {
  readonly kid: string;
  readonly signing: CryptoKey | Uint8Array;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Derives a refresh token's successor from it, so that the successor needs no storing. */
  readonly refreshSecret: Buffer;
}

interface KeyRow {
  id: string;
  purpose: 'access-token' | 'refresh-token';
  secret: JWK & { value?: string };
}

const loaded = new WeakMap<object, Promise<Keys>>();

/** Makes the keys on the first start; two starters at once agree on one. */
export async function prepareKeys(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`select pg_advisory_xact_lock(7130516)`);
    const rows = await tx.rows<KeyRow>(sql`select id, purpose, secret from key`);
    if (!rows.some((row) => row.purpose === 'access-token')) {
      const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
      await insertKey(tx, 'access-token', await exportJWK(privateKey));
    }
    if (!rows.some((row) => row.purpose === 'refresh-token')) {
      await insertKey(tx, 'refresh-token', { value: randomBytes(32).toString('base64url') });
    }
  });
}

async function insertKey(ctx: Context, purpose: KeyRow['purpose'], secret: object): Promise<void> {
  const id = randomBytes(8).toString('hex');
  await ctx.rows(sql`insert into key (id, purpose, secret) values (${id}, ${purpose}, ${JSON.stringify(secret)})`);
}

/** Read once per process; a rotation restarts processes. */
export function keysOf(ctx: Context): Promise<Keys> {
  let keys = loaded.get(ctx.services);
  if (!keys) {
    keys = readKeys(ctx);
    keys.catch(() => loaded.delete(ctx.services));
    loaded.set(ctx.services, keys);
  }
  return keys;
}

async function readKeys(ctx: Context): Promise<Keys> {
  const rows = await ctx.rows<KeyRow>(sql`select id, purpose, secret from key order by created_at desc`);
  const access = rows.filter((row) => row.purpose === 'access-token');
  const [newest] = access;
  const refresh = rows.find((row) => row.purpose === 'refresh-token');
  if (!newest || !refresh?.secret.value) throw new Error('the keys have not been made');
  return {
    kid: newest.id,
    signing: await importJWK(newest.secret, 'EdDSA'),
    jwks: { keys: access.map(({ id, secret: { d: _, ...open } }) => ({ ...open, kid: id, use: 'sig', alg: 'EdDSA' })) },
    refreshSecret: Buffer.from(refresh.secret.value, 'base64url'),
  };
}

/** A JWT of 15 minutes by default, for this session of this person. Roles are not in it: they are checked each time. */
export async function signAccessToken(ctx: Context, userId: Id, sessionId: Id): Promise<string> {
  const { kid, signing } = await keysOf(ctx);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(`${settingsOf(ctx).ACCESS_TOKEN_MINUTES}m`)
    .sign(signing);
}
