import type { JWK } from 'jose';
import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { settingsOf } from '../config.ts';
import { seal, unseal, type Wrapping, wrappingOf } from './key.sealing.ts';

export const PURPOSES = ['access-token', 'refresh-token', 'second-factor'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** A key pair as a JWK, or 32 bytes. */
export type Secret = JWK & { readonly value?: string };
/** At rest under KEY_ENCRYPTION_SECRET; without one keys stand as they are. */
interface Wrapped {
  readonly wrapping: string;
  readonly sealed: string;
}

export interface KeyRow {
  readonly id: string;
  readonly purpose: Purpose;
  readonly secret: Secret;
  readonly isReady: boolean;
  readonly signsFrom: Date;
}

interface StoredRow extends Omit<KeyRow, 'secret'> {
  readonly secret: Secret | Wrapped;
}

const wrappingsOf = (ctx: Context): readonly Wrapping[] => {
  const { KEY_ENCRYPTION_SECRET: now, KEY_ENCRYPTION_SECRET_PREVIOUS: before } = settingsOf(ctx);
  return [now, before].flatMap((secret) => (secret === undefined ? [] : [wrappingOf(secret)]));
};

const isWrapped = (secret: Secret | Wrapped): secret is Wrapped => 'sealed' in secret;
const aboutOf = (id: string, purpose: Purpose): string => `${purpose} ${id}`;

/** Keys that are not retired (of second factors all, since something may still be under them), those that sign from the latest moment on first. A key is ready once that moment has come. */
export async function readRows(ctx: Context, which: RawBuilder<unknown> = sql`true`): Promise<KeyRow[]> {
  const rows = await ctx.rows<StoredRow>(sql`
    select id, purpose, secret, signs_from <= now() as "isReady", signs_from as "signsFrom"
    from key where (retires_at is null or retires_at > now() or purpose = 'second-factor') and ${which}
    order by signs_from desc, created_at desc, id`);
  const wrappings = wrappingsOf(ctx);
  return rows.map((row) => ({ ...row, secret: unwrap(row, wrappings) }));
}

function unwrap({ id, purpose, secret }: StoredRow, wrappings: readonly Wrapping[]): Secret {
  if (!isWrapped(secret)) return secret;
  const wrapping = wrappings.find(({ name }) => name === secret.wrapping);
  if (!wrapping) {
    throw new Error(
      'the keys in the database were encrypted under another KEY_ENCRYPTION_SECRET; set that one, or name it in KEY_ENCRYPTION_SECRET_PREVIOUS',
    );
  }
  return JSON.parse(
    unseal(wrapping.key, Buffer.from(secret.sealed, 'base64url'), aboutOf(id, purpose)).toString(),
  ) as Secret;
}

/** A secret as it is stored under the settings of now. */
export function wrap(ctx: Context, id: string, purpose: Purpose, secret: Secret): string {
  const { KEY_ENCRYPTION_SECRET: word } = settingsOf(ctx);
  if (word === undefined) return JSON.stringify(secret);
  const { name, key } = wrappingOf(word);
  const sealed = seal(key, Buffer.from(JSON.stringify(secret)), aboutOf(id, purpose)).toString('base64url');
  return JSON.stringify({ wrapping: name, sealed } satisfies Wrapped);
}

/** Stores every key under the settings of now: what stood plain or under the secret before is wrapped anew. */
export async function wrapAll(tx: Context): Promise<void> {
  const { KEY_ENCRYPTION_SECRET: word } = settingsOf(tx);
  if (word === undefined) return;
  const { name } = wrappingOf(word);
  const others = await readRows(tx, sql`coalesce(secret ->> 'wrapping', '') <> ${name}`);
  for (const { id, purpose, secret } of others) {
    await tx.rows(sql`update key set secret = ${wrap(tx, id, purpose, secret)} where id = ${id}`);
  }
}
