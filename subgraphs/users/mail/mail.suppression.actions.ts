import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { checkInput } from 'kit/input';
import { recordAct } from '../audit/audit.actions.ts';
import { hashOfAddress } from './secret.actions.ts';

/** Nothing more goes to an address. Only its keyed hash is kept. */
export async function suppressMailAddress(
  ctx: Context,
  input: { readonly address: string; readonly reason: string },
): Promise<void> {
  const { address, reason } = checkInput((check) => ({
    address: check.text('address', input.address, { min: 3, max: 254 }),
    reason: check.text('reason', input.reason, { min: 1, max: 200 }),
  }));
  const hash = await hashOfAddress(ctx, address);
  await ctx.change(async (tx) => {
    await tx.rows(sql`
      insert into mail_suppression (address_hash, reason) values (${hash}, ${reason})
      on conflict (address_hash) do update set reason = excluded.reason, retry_at = null`);
    recordAct(tx, { action: 'mail.suppress', reason });
  });
}

export async function releaseMailAddress(ctx: Context, { address }: { readonly address: string }): Promise<void> {
  const hash = await hashOfAddress(ctx, address.slice(0, 254));
  await ctx.change(async (tx) => {
    await tx.rows(sql`delete from mail_suppression where address_hash = ${hash}`);
    recordAct(tx, { action: 'mail.release' });
  });
}
