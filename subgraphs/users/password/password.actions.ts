import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { hashPassword, isOutdatedHash } from '../password.ts';

/** After the right password: makes its hash anew where the settings ask for another cost now. Loses to a change of password. */
export async function renewHash(
  ctx: Context,
  account: { readonly id: string; readonly hash: string },
  password: string,
): Promise<void> {
  if (!isOutdatedHash(ctx, account.hash)) return;
  const hash = await hashPassword(ctx, password);
  await ctx.rows(sql`
    update "user" set password_hash = ${hash} where id = ${account.id} and password_hash = ${account.hash}`);
}
