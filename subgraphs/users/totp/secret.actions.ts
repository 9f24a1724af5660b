import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id } from 'kit/ids';
import { openSecret, type Sealed, sealSecret, unsealSecret } from '../key/key.loaders.ts';

const aboutOf = (userId: Id): string => `second factor of ${userId}`;

/** A person's secret as it is stored: nobody else's row opens with it. */
export const sealTotp = (ctx: Context, userId: Id, secret: Uint8Array): Promise<Sealed> =>
  sealSecret(ctx, secret, aboutOf(userId));
export const unsealTotp = (ctx: Context, userId: Id, sealed: Sealed): Promise<Buffer> =>
  unsealSecret(ctx, sealed, aboutOf(userId));

const AT_ONCE = 100;

export interface Resealed {
  readonly resealed: number;
  /** Left as they are: what cannot be opened is nothing to encrypt. */
  readonly unopened: number;
  /** After whom to go on; null when all have been seen. */
  readonly next: string | null;
}

/** Leads some secrets over to the newest key, `keyId`, of people after `after`. */
export async function resealSecrets(tx: Change, keyId: string, after: string | null): Promise<Resealed> {
  const rows = await tx.rows<Sealed & { uuid: string }>(sql`
    select user_id as uuid, key_id as "keyId", secret as sealed from second_factor
    where key_id <> ${keyId} ${after === null ? sql`` : sql`and user_id > ${after}`}
    order by user_id limit ${sql.lit(AT_ONCE)} for update`);
  let resealed = 0;
  for (const { uuid, ...sealed } of rows) {
    const userId = fromUuid('user', uuid);
    const secret = await openSecret(tx, sealed, aboutOf(userId));
    if (!secret) {
      tx.log.error({ userId, keyId: sealed.keyId }, 'a second factor cannot be opened; it stays under its old key');
      continue;
    }
    const anew = await sealTotp(tx, userId, secret);
    await tx.rows(
      sql`update second_factor set secret = ${anew.sealed}, key_id = ${anew.keyId} where user_id = ${uuid}`,
    );
    resealed++;
  }
  const next = rows.length < AT_ONCE ? null : (rows.at(-1)?.uuid ?? null);
  return { resealed, unopened: rows.length - resealed, next };
}
