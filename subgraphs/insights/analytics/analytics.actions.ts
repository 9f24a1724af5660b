import type { Change, Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Heard, latestOf } from 'kit/events';
import { type Id, toUuid } from 'kit/ids';
import { ANNOUNCED_ONCE_IN, announceSoon, type Announced, asAnnounced, emitAnnounced } from './analytics.jobs.ts';

export { announceSoon } from './analytics.jobs.ts';

/** The column of `post_total` for each kind of event. */
const columns = {
  VIEW: 'views',
  LIKE: 'likes',
  DISLIKE: 'dislikes',
  COMMENT: 'comments',
  SHARE: 'shares',
  BOOKMARK: 'bookmarks',
} as const;

export type TrackedEventKind = keyof typeof columns;

export interface CountedEvent {
  readonly postId: Id;
  readonly kind: TrackedEventKind;
  readonly at: Date;
  /** Whether it is the first view of this viewer. */
  readonly isNewViewer: boolean;
}

/** Adds an event to its post's sums, in the transaction that stores it: sums and rows are never apart. */
export async function countEvent(tx: Change, { postId, kind, at, isNewViewer }: CountedEvent): Promise<void> {
  const column = sql.ref(columns[kind]);
  const viewedAt = kind === 'VIEW' ? at : null;
  // The post's row first: those who count for one post at once queue here, so that none waits for another in a circle.
  const [total] = await tx.rows<TotalState>(sql`
    insert into post_total as t (post_id, ${column}, unique_viewers, last_viewed_at)
    values (${toUuid(postId)}, 1, ${Number(isNewViewer)}, ${viewedAt})
    on conflict (post_id) do update set ${column} = t.${column} + 1,
      unique_viewers = t.unique_viewers + excluded.unique_viewers,
      last_viewed_at = greatest(t.last_viewed_at, excluded.last_viewed_at)
    returning ${totalState}`);
  await tx.rows(sql`
    insert into post_hour as h (post_id, hour, kind, count)
    values (${toUuid(postId)}, date_trunc('hour', ${at}::timestamptz, 'UTC'), ${kind}, 1)
    on conflict (post_id, hour, kind) do update set count = h.count + 1`);
  if (total) await announce(tx, [total], 'track');
}

export interface Standing {
  readonly postId: Id;
  readonly up: number;
  readonly down: number;
  readonly score: number;
  readonly comments: number;
  readonly bookmarks: number;
}

/** Takes over how votes, comments and bookmarks of posts stand, unless a later count has come before. */
export async function takeStandings(ctx: Context, events: readonly Heard<Standing>[]): Promise<void> {
  const standings = latestOf(events).map(({ payload: { postId, ...counts }, envelope }) => ({
    ...counts,
    id: toUuid(postId),
    version: envelope.aggregateVersion,
  }));
  await ctx.change(async (tx) => {
    // In the order of their ids, as everybody who holds the rows of several posts.
    const totals = await tx.rows<TotalState>(sql`
      insert into post_total as t (post_id, up, down, score, comments_now, bookmarks_now, votes_version)
      select id, up, down, score, comments, bookmarks, version
      from jsonb_to_recordset(${JSON.stringify(standings)}::jsonb)
        as g(id uuid, up int, down int, score int, comments int, bookmarks int, version bigint)
      order by id
      on conflict (post_id) do update set up = excluded.up, down = excluded.down, score = excluded.score,
        comments_now = excluded.comments_now, bookmarks_now = excluded.bookmarks_now,
        votes_version = excluded.votes_version
      where t.votes_version < excluded.votes_version
      returning ${totalState}`);
    await announce(tx, totals, 'votes');
  });
}

interface TotalState extends Announced {
  readonly isDue: boolean;
  readonly isPending: boolean;
}

const totalState: RawBuilder<unknown> = sql`t.post_id as "postId", t.views, t.views <> t.announced_views as "isViewsNew",
  t.announced_at <= clock_timestamp() - ${ANNOUNCED_ONCE_IN} as "isDue", t.is_pending as "isPending"`;

/** The first change after a pause is told at once, those that follow within a second are told together. Holds the posts' rows. */
async function announce(tx: Change, totals: readonly TotalState[], asker: string): Promise<void> {
  const due = totals.filter((total) => total.isDue);
  const pending = totals.filter((total) => !total.isDue && !total.isPending);
  const idsOf = (some: readonly TotalState[]): string[] => some.map((total) => total.postId);
  if (due.length > 0) {
    await tx.rows(sql`update post_total set ${asAnnounced} where post_id = any(${idsOf(due)}::uuid[])`);
    for (const total of due) emitAnnounced(tx, total);
  }
  if (pending.length > 0) {
    await tx.rows(sql`update post_total set is_pending = true where post_id = any(${idsOf(pending)}::uuid[])`);
    await announceSoon(tx, asker);
  }
}
