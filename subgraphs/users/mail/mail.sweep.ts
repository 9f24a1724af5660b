import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { isMailOff } from './mail.settings.ts';

const BATCH = 500;

/** Queues again what is due; gives up what was being handed over when its process died, since it may have been taken. */
export async function resumeMails(
  ctx: Context,
  enqueue: (tx: Change, effectKey: string) => Promise<void>,
): Promise<void> {
  await ctx.change(async (tx) => {
    const lost = await tx.rows<{ template: string }>(sql`
      update mail set state = 'unknown', outcome = 'interrupted', data = '{}', address = null, changed_at = now()
      where state = 'handing over' and changed_at < now() - interval '5 minutes' returning template`);
    for (const { template } of lost) ctx.log.warn({ template }, 'a mail may or may not have been sent: not sent again');
    await tx.rows(sql`
      update mail set state = 'waiting', next_try_at = now(), changed_at = now()
      where state = 'claimed' and changed_at < now() - interval '5 minutes'`);
    if (isMailOff(tx)) return;
    const due = await tx.rows<{ effectKey: string }>(sql`
      select effect_key as "effectKey" from mail where state = 'waiting' and next_try_at <= now()
      order by next_try_at limit ${sql.lit(BATCH)}`);
    for (const { effectKey } of due) await enqueue(tx, effectKey);
  });
}

/** Keys are remembered for a month: after it nobody asks for the same effect again. */
export async function forgetOldMails(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`
      delete from mail where state in ('sent', 'dropped', 'unknown') and changed_at < now() - interval '30 days'`);
    await tx.rows(sql`delete from mailbox where kept_at < now() - interval '7 days'`);
  });
}
