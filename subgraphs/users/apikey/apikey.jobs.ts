import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { defineJob } from 'kit/jobs';
import { queueMail } from '../mail/mail.actions.ts';

/** After so many days a secret is old enough to be changed. */
const OLD_DAYS = 90;
const AT_ONCE = 500;

/** Mails the owners of keys whose secret is old: once for each secret. Resumes where it was ended. */
export async function remindOfOldKeys(ctx: Context): Promise<void> {
  let reminded: number;
  do reminded = await ctx.change(remindSome);
  while (reminded === AT_ONCE);
}

interface OldKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly ageDays: number;
  readonly rotatedAt: Date;
}

/** A key is marked and its mail queued in one transaction; two processes at once share the keys between them. */
async function remindSome(tx: Change): Promise<number> {
  const old = await tx.rows<OldKey>(sql`
    with old as (
      select k.id from api_key k join "user" u on u.id = k.user_id
      where k.rotated_at < now() - ${OLD_DAYS} * interval '1 day' and k.reminded_at is null
        and k.revoked_at is null and k.expires_at > now() and u.deleted_at is null
      order by k.id limit ${sql.lit(AT_ONCE)} for update of k skip locked)
    update api_key k set reminded_at = now() from old where k.id = old.id
    returning k.id, k.user_id as "userId", k.name, k.rotated_at as "rotatedAt",
      extract(day from now() - k.rotated_at)::int as "ageDays"`);
  for (const { id, userId, name, ageDays, rotatedAt } of old) {
    await queueMail(tx, {
      template: 'apiKeyReminder',
      userId: fromUuid('user', userId),
      data: { name, ageDays },
      effectKey: `api-key-old:${id}:${rotatedAt.getTime()}`,
    });
  }
  return old.length;
}

export const remindOfKeys = defineJob('apikey.remind', remindOfOldKeys, { cron: '20 7 * * *' });
