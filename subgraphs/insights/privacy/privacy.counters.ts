import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { announceSoon, type TrackedEventKind } from '../analytics/analytics.actions.ts';

export interface Uncounted {
  readonly postId: string;
  readonly kind: string;
  readonly hour: Date;
}

const SUMS: Readonly<Record<TrackedEventKind, string>> = {
  VIEW: 'views',
  LIKE: 'likes',
  DISLIKE: 'dislikes',
  COMMENT: 'comments',
  SHARE: 'shares',
  BOOKMARK: 'bookmarks',
};

/** Takes events that are gone out of their posts' sums. Posts in the order of their ids and before the hours, as counting locks. */
export async function uncountEvents(tx: Change, events: readonly Uncounted[]): Promise<void> {
  if (events.length === 0) return;
  await lockTotals(
    tx,
    events.map((event) => event.postId),
  );
  for (const [kind, own] of Map.groupBy(events, (event) => event.kind as TrackedEventKind)) {
    const column = sql.ref(SUMS[kind]);
    await tx.rows(sql`
      update post_total t set ${column} = t.${column} - g.count, is_pending = true
      from (select post_id, count(*) from unnest(${own.map((event) => event.postId)}::uuid[]) p(post_id) group by 1) g
      where t.post_id = g.post_id`);
  }
  await tx.rows(sql`
    update post_hour h set count = h.count - g.count
    from (select e."postId" as post_id, e.hour, e.kind, count(*)
      from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) e("postId" uuid, hour timestamptz, kind text)
      group by 1, 2, 3) g
    where h.post_id = g.post_id and h.hour = g.hour and h.kind = g.kind`);
  await announceSoon(tx, 'erasure');
}

/** Takes one viewer less into each post's number of them. */
export async function uncountViewers(tx: Change, postIds: readonly string[]): Promise<void> {
  if (postIds.length === 0) return;
  await lockTotals(tx, postIds);
  await tx.rows(sql`
    update post_total set unique_viewers = unique_viewers - 1, is_pending = true where post_id = any(${[...postIds]}::uuid[])`);
  await announceSoon(tx, 'erasure');
}

async function lockTotals(tx: Change, postIds: readonly string[]): Promise<void> {
  await tx.rows(sql`
    select 1 from post_total where post_id = any(${[...new Set(postIds)]}::uuid[]) order by post_id for update`);
}
