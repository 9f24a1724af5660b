import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';

const loaded = new WeakMap<object, Promise<Buffer>>();

/** Makes the secret on the first start; it signs unsubscribe links and hides addresses and names that must be recognised again. */
export async function prepareMailSecret(ctx: Context): Promise<void> {
  await ctx.rows(sql`insert into mail_secret (secret) values (${randomBytes(32)}) on conflict do nothing`);
}

export function mailSecret(ctx: Context): Promise<Buffer> {
  let secret = loaded.get(ctx.services);
  if (!secret) {
    secret = ctx.rows<{ secret: Buffer }>(sql`select secret from mail_secret`).then(([row]) => {
      if (!row) throw new Error('the secret of mails has not been made');
      return row.secret;
    });
    secret.catch(() => loaded.delete(ctx.services));
    loaded.set(ctx.services, secret);
  }
  return secret;
}

/** An address that is told again by its hash, and by nobody without the secret. */
export async function hashOfAddress(ctx: Context, address: string): Promise<Buffer> {
  return createHmac('sha256', await mailSecret(ctx))
    .update(`address ${address.trim().toLowerCase()}`)
    .digest();
}
