import type { Context } from 'kit/context';
import { badInput, CodedError, notFound } from 'kit/errors';
import { checkId, type Id } from 'kit/ids';
import { visiblePostById } from '../../access/access.loaders.ts';
import { analyticsByPost, type AnalyticsRow, type DayPoint, dayPoints, daysKey } from './analytics.loaders.ts';

/** Throws NOT_FOUND for who may not see the post, FORBIDDEN for who may and yet has no business with its analytics. */
export async function readAnalytics(ctx: Context, postId: Id): Promise<AnalyticsRow> {
  const analytics = await analyticsByPost(ctx, checkId('post', postId, 'postId'));
  if (analytics) return analytics;
  if (!(await visiblePostById(ctx, postId))) notFound('Post', postId, ['postId']);
  throw new CodedError(
    'FORBIDDEN',
    'Analytics are for the author, the moderators of the community and administrators.',
  );
}

const MAX_DAYS = 365;

export async function pointsByDay(
  ctx: Context,
  { postId }: AnalyticsRow,
  { days }: { days: number },
): Promise<DayPoint[]> {
  if (days < 1 || days > MAX_DAYS) badInput('days', `days is from 1 to ${MAX_DAYS}, not ${days}.`);
  return dayPoints(ctx, daysKey({ postId, days }));
}

/** Interactions per view, 0 where nobody has looked. */
export function engagementRate(row: AnalyticsRow): number {
  return row.views === 0 ? 0 : row.interactions / row.views;
}
