import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Resealed, resealSecrets } from '../totp/secret.actions.ts';
import { lockKeys, makeKey, OVERLAP_SECONDS, retireNow } from './key.actions.ts';
import { keysOf } from './key.loaders.ts';
import { PURPOSES } from './key.rows.ts';

export interface RotationOptions {
  /** How long new keys are published before they sign; at least a minute, unless the old ones are compromised. */
  readonly overlapSeconds?: number;
  /** The old keys are in foreign hands: nothing waits, and what they have signed is refused. Sessions stay. */
  readonly isCompromised?: boolean;
}

export interface KeyTold {
  readonly id: string;
  readonly purpose: string;
  readonly signsFrom: Date;
  readonly retiresAt: Date | null;
}

export interface Rotation {
  /** It had been begun before, and was left half done. */
  readonly isResumed: boolean;
  readonly resealed: number;
  /** Second factors that could not be opened, and stay under their old key; the log says whose. */
  readonly unopened: number;
  readonly keys: readonly KeyTold[];
}

/**
 * Makes new keys and leads everything over to them, without a restart and without ending a session. What it has done is in
 * the database after each step: begun again after a crash it goes on, and makes no second set of keys.
 */
export async function rotateKeys(ctx: Context, options: RotationOptions = {}): Promise<Rotation> {
  const isResumed = await ctx.change((tx) => beginRotation(tx, options));
  const { resealed, unopened } = await finishRotation(ctx);
  // What was half done has left keys good that are to be refused.
  if (isResumed && options.isCompromised) return rotateKeys(ctx, options);
  const keys = await ctx.rows<KeyTold>(sql`
    select id, purpose, signs_from as "signsFrom", retires_at as "retiresAt" from key order by purpose, signs_from desc`);
  return { isResumed, resealed, unopened, keys };
}

/** All new keys, or none. Answers whether an earlier rotation waits to be finished instead. */
async function beginRotation(tx: Change, options: RotationOptions): Promise<boolean> {
  const { isCompromised = false } = options;
  const overlapSeconds = isCompromised ? 0 : Math.max(60, options.overlapSeconds ?? OVERLAP_SECONDS);
  await lockKeys(tx);
  const [unfinished] = await tx.rows(sql`select 1 from key_rotation where finished_at is null`);
  if (unfinished) return true;
  const rotationId = crypto.randomUUID();
  await tx.rows(sql`insert into key_rotation (id) values (${rotationId})`);
  for (const purpose of PURPOSES) {
    await makeKey(tx, purpose, { overlapSeconds: purpose === 'second-factor' ? 0 : overlapSeconds, rotationId });
    if (isCompromised && purpose !== 'second-factor') await retireNow(tx, purpose, rotationId);
  }
  return false;
}

/** Other processes may still encrypt under the key before: they look for new ones twice a minute. */
const SETTLES = sql`interval '10 minutes'`;

/** Leads second factors over to the newest key, some at a time. Answers how many were, and how many could not be. */
export async function finishRotation(ctx: Context): Promise<{ readonly resealed: number; readonly unopened: number }> {
  const { secondFactor } = await keysOf(ctx, { isFresh: true });
  let [resealed, unopened] = [0, 0];
  let after: string | null = null;
  do {
    const part: Resealed = await ctx.change((tx) => resealSecrets(tx, secondFactor.id, after));
    resealed += part.resealed;
    unopened += part.unopened;
    after = part.next;
  } while (after !== null);
  await ctx.change(async (tx) => {
    await lockKeys(tx);
    // A rotation that has begun meanwhile has a newer one, and finishes by itself.
    const { secondFactor: newest } = await keysOf(tx, { isFresh: true });
    if (newest.id !== secondFactor.id) return;
    await tx.rows(sql`
      update key set retires_at = now() + ${SETTLES}
      where purpose = 'second-factor' and id <> ${secondFactor.id} and retires_at is null`);
    await tx.rows(sql`update key_rotation set finished_at = now() where finished_at is null`);
  });
  return { resealed, unopened };
}

/** Finishes what a crash has left half done, and removes keys that nothing needs any more. */
export async function tidyKeys(ctx: Context): Promise<void> {
  await finishRotation(ctx);
  await ctx.change(async (tx) => {
    await lockKeys(tx);
    await tx.rows(sql`
      delete from key k where retires_at <= now()
        and not exists (select 1 from second_factor f where f.key_id = k.id)`);
  });
}
