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
    const late = await tx.rows<{ uuid: string }>(sql`
      select u.id as uuid from "user" u
      where u.email_verified_at is null and u.joined_at < now() - ${UNVERIFIED_DAYS} * interval '1 day'
        and not exists (select 1 from deletion d where d.user_id = u.id)
      order by u.joined_at limit ${sql.lit(BATCH)} for update skip locked`);
    const uuids = late.map(({ uuid }) => uuid);
    if (uuids.length === 0) return 0;
    // Whom they followed has as many followers less; nobody follows who exists for nobody else.
    await tx.rows(sql`
      update "user" u set followers_count = u.followers_count - f.count
      from (select followed_id, count(*)::int as count from follow where follower_id = any(${uuids}::uuid[]) group by 1) f
      where u.id = f.followed_id`);
    await tx.rows(sql`delete from "user" where id = any(${uuids}::uuid[])`);
    if (UNVERIFIED_MAY_WRITE) for (const uuid of uuids) emitUserDeleted(tx, fromUuid('user', uuid));
    return uuids.length;
  });
}
