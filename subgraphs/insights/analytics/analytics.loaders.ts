import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader } from 'kit/loaders';
import { can } from '../../access/permissions.ts';
import { moderates, type PostAccess, visiblePostById } from '../../access/access.loaders.ts';

export interface AnalyticsRow {
  postId: Id;
  views: number;
  uniqueViewers: number;
  likes: number;
  dislikes: number;
  comments: number;
  shares: number;
  bookmarks: number;
  up: number;
  down: number;
  score: number;
  /** Everything tracked that is no view. */
  interactions: number;
  lastViewedAt: Date | null;
}

const toAnalytics = rowMapper<AnalyticsRow>({ postId: 'post' });

const nothingYet = (postId: Id): AnalyticsRow => ({
  ...{ postId, views: 0, uniqueViewers: 0, likes: 0, dislikes: 0, comments: 0, shares: 0, bookmarks: 0 },
  ...{ up: 0, down: 0, score: 0, interactions: 0, lastViewedAt: null },
});

/** For the author, the moderators of the post's community and administrators, as far as they may see the post; null for the rest. */
export const analyticsByPost = defineLoader<Id, AnalyticsRow | null>(async (ctx, ids) => {
  const readable = await readableOf(ctx, ids);
  if (readable.size === 0) return ids.map(() => null);
  const rows = await ctx.rows<AnalyticsRow>(sql`
    select post_id as "postId", views, unique_viewers as "uniqueViewers", likes, dislikes, shares,
      comments_now as comments, bookmarks_now as bookmarks, likes + dislikes + comments + shares + bookmarks as interactions,
      up, down, score, last_viewed_at as "lastViewedAt"
    from post_total where post_id = any(${toUuids([...readable])}::uuid[])`);
  const found = new Map(rows.map(toAnalytics).map((row) => [row.postId, row]));
  return ids.map((id) => (readable.has(id) ? (found.get(id) ?? nothingYet(id)) : null));
});

async function readableOf(ctx: Context, ids: readonly Id[]): Promise<ReadonlySet<Id>> {
  if (ctx.viewer.userId === null) return new Set();
  const posts = (await visiblePostById.many(ctx, ids)).filter((post) => post !== null);
  const mayRead = async ({ authorId: ownerId, communityId }: PostAccess): Promise<boolean> =>
    can(ctx.viewer, 'post.readAnalytics', { ownerId, isModerated: false }) ||
    can(ctx.viewer, 'post.readAnalytics', {
      ownerId,
      isModerated: communityId !== null && (await moderates(ctx, communityId)),
    });
  const may = await Promise.all(posts.map(mayRead));
  return new Set(posts.filter((_, index) => may[index]).map((post) => post.id));
}

export interface DayPoint {
  readonly day: Date;
  readonly views: number;
  readonly interactions: number;
}

export interface DaysKey {
  readonly postId: Id;
  readonly days: number;
}

export const daysKey = ({ postId, days }: DaysKey): string => `${postId} ${days}`;
const DAY_MS = 86_400_000;

/** Keyed by `daysKey`: the last days including today (UTC), oldest first, those without events too. */
export const dayPoints = defineLoader<string, DayPoint[]>(async (ctx, keys) => {
  const asked = keys.map((key) => key.split(' ')).map(([postId = '', days]) => ({ postId, days: Number(days) }));
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const longest = Math.max(...asked.map(({ days }) => days));
  const rows = await ctx.rows<DayPoint & { postId: Id }>(sql`
    select post_id as "postId", date_trunc('day', hour, 'UTC') as day,
      coalesce(sum(count) filter (where kind = 'VIEW'), 0)::int as views,
      coalesce(sum(count) filter (where kind <> 'VIEW'), 0)::int as interactions
    from post_hour where post_id = any(${toUuids(asked.map(({ postId }) => postId))}::uuid[])
      and hour >= ${new Date(today - (longest - 1) * DAY_MS)}
    group by 1, 2`);
  const toPostDay = rowMapper<DayPoint & { postId: Id }>({ postId: 'post' });
  const found = new Map(rows.map(toPostDay).map((row) => [`${row.postId} ${row.day.getTime()}`, row]));
  return asked.map(({ postId, days }) =>
    Array.from({ length: days }, (_, index) => {
      const day = new Date(today - (days - 1 - index) * DAY_MS);
      return found.get(`${postId} ${day.getTime()}`) ?? { day, views: 0, interactions: 0 };
    }),
  );
});
