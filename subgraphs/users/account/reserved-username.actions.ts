import { createHmac } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { settingsOf } from '../config.ts';
import { mailSecret } from '../mail/secret.actions.ts';
import { skeletonOf } from '../username.ts';

/** A name and all that look like it, told again by whoever has the site's secret and by nobody else. */
async function hashOf(ctx: Context, username: string): Promise<string> {
  const digest = createHmac('sha256', await mailSecret(ctx))
    .update(`username ${skeletonOf(username)}`)
    .digest('hex');
  return digest.slice(0, 32);
}

/** For a while nobody takes the name of somebody who is gone, and is taken for them. */
export async function reserveUsername(tx: Change, username: string): Promise<void> {
  await tx.rows(sql`
    insert into reserved_username (hash, free_at)
    values (${await hashOf(tx, username)}, now() + ${settingsOf(tx).USERNAME_RESERVED_DAYS} * interval '1 day')
    on conflict (hash) do update set free_at = excluded.free_at`);
}

/** To be asked once the name is one's own: whoever gives it up meanwhile has reserved it by then. */
export async function isReservedUsername(tx: Change, username: string): Promise<boolean> {
  const rows = await tx.rows(sql`
    select 1 from reserved_username where hash = ${await hashOf(tx, username)} and free_at > now()`);
  return rows.length > 0;
}

export const forgetReservedUsernames = (ctx: Context) =>
  ctx.rows(sql`delete from reserved_username where free_at <= now()`);
