import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id } from 'kit/ids';
import { type Sealed, sealSecret, unsealSecret } from '../key/key.loaders.ts';

const aboutOf = (userId: Id): string => `second factor of ${userId}`;

/** A person's secret as it is stored: nobody else's row opens with it. */
export const sealTotp = (ctx: Context, userId: Id, secret: Uint8Array): Promise<Sealed> =>
  sealSecret(ctx, secret, aboutOf(userId));
export const unsealTotp = (ctx: Context, userId: Id, sealed: Sealed): Promise<Buffer> =>
  unsealSecret(ctx, sealed, aboutOf(userId));

const AT_ONCE = 100;

/** Leads some secrets over to the newest key, `keyId`. Answers how many were: none when all are. */
export async function resealSecrets(tx: Change, keyId: string): Promise<number> {
  const rows = await tx.rows<Sealed & { uuid: string }>(sql`
    select user_id as uuid, key_id as "keyId", secret as sealed from second_factor
    where key_id <> ${keyId} order by user_id limit ${AT_ONCE} for update`);
  for (const { uuid, ...sealed } of rows) {
    const userId = fromUuid('user', uuid);
    const anew = await sealTotp(tx, userId, await unsealTotp(tx, userId, sealed));
    await tx.rows(
      sql`update second_factor set secret = ${anew.sealed}, key_id = ${anew.keyId} where user_id = ${uuid}`,
    );
  }
  return rows.length;
}
