import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { defineJob } from 'kit/jobs';
import { settingsOf } from '../config.ts';
import { removeExpiredTokens } from '../token/token.actions.ts';
import { emitUserDeleted } from '../user/user.actions.ts';
import { forgetReservedUsernames } from './reserved-username.actions.ts';

const BATCH = 1000;

/** Accounts that nobody has confirmed in time go, and their usernames are free again. Also once-used links long past, and names kept long enough. */
export const accountTidy = defineJob(
  'account.tidy',
  async (ctx) => {
    while ((await removeUnverified(ctx)) === BATCH);
    await removeExpiredTokens(ctx);
    await forgetReservedUsernames(ctx);
  },
  { cron: '23 * * * *' },
);

/** Answers how many went. Nobody else has heard of them, unless they were let write; who has asked to be deleted is, in their time. */
export async function removeUnverified(ctx: Context): Promise<number> {
  const { UNVERIFIED_DAYS, UNVERIFIED_MAY_WRITE } = settingsOf(ctx);
  return ctx.change(async (tx) => {
    const gone = await tx.rows<{ id: string }>(sql`
      delete from "user" where id in (
        select u.id from "user" u
        where u.email_verified_at is null and u.joined_at < now() - ${UNVERIFIED_DAYS} * interval '1 day'
          and not exists (select 1 from deletion d where d.user_id = u.id)
        order by u.joined_at limit ${sql.lit(BATCH)} for update skip locked)
      returning id`);
    if (UNVERIFIED_MAY_WRITE) for (const { id } of gone) emitUserDeleted(tx, fromUuid('user', id));
    return gone.length;
  });
}
