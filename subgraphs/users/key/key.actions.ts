import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { settingsOf } from '../config.ts';
import { algorithmOf } from './key.loaders.ts';
import { type Purpose, PURPOSES, readRows, type Secret, wrap, wrapAll } from './key.rows.ts';

/** How long a new key is published before anything is signed with it: gateways and others remember the published keys for 5 minutes. */
export const OVERLAP_SECONDS = 600;

export interface KeyTimes {
  readonly overlapSeconds: number;
  readonly rotationId?: string;
}

/** Makes the keys on the first start, and another pair where the algorithm has changed; two starters at once agree. */
export async function prepareKeys(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    await lockKeys(tx);
    await wrapAll(tx);
    const rows = await readRows(tx);
    for (const purpose of PURPOSES) {
      const [newest] = rows.filter((row) => row.purpose === purpose);
      if (!newest) await makeKey(tx, purpose, { overlapSeconds: 0 });
      else if (purpose === 'access-token' && algorithmOf(newest.secret) !== settingsOf(ctx).ACCESS_TOKEN_ALGORITHM) {
        await makeKey(tx, purpose, { overlapSeconds: OVERLAP_SECONDS });
      }
    }
  });
}

/** Whoever makes or removes keys does it alone. */
export const lockKeys = (tx: Change): Promise<unknown> => tx.rows(sql`select pg_advisory_xact_lock(7130516)`);

/** Stores a new key and says when those before it retire: once nothing that they made is good any more. */
export async function makeKey(tx: Change, purpose: Purpose, { overlapSeconds, rotationId }: KeyTimes): Promise<void> {
  const id = randomBytes(8).toString('hex');
  const secret = await newSecret(tx, purpose);
  await tx.rows(sql`
    insert into key (id, purpose, secret, signs_from, rotation_id)
    values (${id}, ${purpose}, ${wrap(tx, id, purpose, secret)}, now() + ${overlapSeconds} * interval '1 second', ${rotationId ?? null})`);
  // Of second factors, keys stay until every secret is under the new one.
  if (purpose === 'second-factor') return;
  const keptSeconds = overlapSeconds + lifetimeOf(tx, purpose);
  await tx.rows(sql`
    update key set retires_at = least(retires_at, now() + ${keptSeconds} * interval '1 second')
    where purpose = ${purpose} and id <> ${id}`);
}

/** A key is theirs no longer: what it has made is refused from now on. */
export async function retireNow(tx: Change, purpose: Purpose, rotationId: string): Promise<void> {
  await tx.rows(sql`
    update key set retires_at = now() where purpose = ${purpose} and rotation_id is distinct from ${rotationId}`);
}

/** Seconds, with a minute for clocks that differ. */
function lifetimeOf(ctx: Context, purpose: Purpose): number {
  const { ACCESS_TOKEN_MINUTES, REFRESH_TOKEN_DAYS } = settingsOf(ctx);
  return purpose === 'access-token' ? (ACCESS_TOKEN_MINUTES + 1) * 60 : REFRESH_TOKEN_DAYS * 86_400 + 60;
}

async function newSecret(ctx: Context, purpose: Purpose): Promise<Secret> {
  if (purpose !== 'access-token') return { value: randomBytes(32).toString('base64url') };
  const { privateKey } = await generateKeyPair(settingsOf(ctx).ACCESS_TOKEN_ALGORITHM, { extractable: true });
  return exportJWK(privateKey);
}
