import type { Change, Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { defineJob, type Job } from 'kit/jobs';
import { analyticsChanged, viewsCounted } from './analytics.events.ts';

/** A post is announced at most once in this time; what happens in between is announced at its end. */
export const ANNOUNCED_ONCE_IN = sql`interval '1 second'`;
/** Held shared by those who count on the job that waits, from asking for it until they commit. */
const WAITING_FOR_JOB = 7_130_520;
const BATCH = 1000;

/** A post's row of `post_total` at its announcement. */
export interface Announced {
  readonly postId: string;
  readonly views: number;
  readonly isViewsNew: boolean;
}

/** Columns that note an announcement made now. */
export const asAnnounced: RawBuilder<unknown> = sql`announced_at = clock_timestamp(), announced_views = views, is_pending = false`;

export function emitAnnounced(tx: Change, { postId, views, isViewsNew }: Announced): void {
  const id = fromUuid('post', postId);
  if (isViewsNew) tx.emit(viewsCounted, { postId: id, views });
  tx.emit(analyticsChanged, { postId: id });
}

/** Announces, a second or two from now, whatever is pending then. `asker` keeps transactions of different length apart. */
export async function announceSoon(tx: Change, asker: string): Promise<void> {
  await tx.rows(sql`select pg_advisory_xact_lock_shared(${WAITING_FOR_JOB})`);
  await tx.enqueue(announcePending, {}, { singletonKey: asker, startAfterSeconds: 1 });
}

export const announcePending: Job = defineJob('analytics.announce', async (ctx: Context) => {
  // Whoever found this job waiting, and so queued none, has committed once the lock was ours: their rows are seen below.
  await ctx.rows(sql`select pg_advisory_xact_lock(${WAITING_FOR_JOB})`);
  await ctx.change(async (tx) => {
    const due = await tx.rows<Announced>(sql`
      with due as (
        select post_id, announced_views from post_total
        where is_pending and announced_at <= clock_timestamp() - ${ANNOUNCED_ONCE_IN}
        limit ${sql.lit(BATCH)} for update skip locked)
      update post_total t set ${asAnnounced} from due where t.post_id = due.post_id
      returning t.post_id as "postId", t.views, t.views <> due.announced_views as "isViewsNew"`);
    for (const one of due) emitAnnounced(tx, one);
    const [left] = await tx.rows(sql`select 1 from post_total where is_pending limit 1`);
    if (left) await announceSoon(tx, 'job');
  });
});
