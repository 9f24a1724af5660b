import { live } from 'kit/feature';
import type { Id } from 'kit/ids';
import { analyticsByPost } from './analytics.loaders.ts';
import { readAnalytics } from './analytics.queries.ts';

export const realtimeAnalytics = live<{ postId: Id }, { postId: Id }>({
  topic: async (ctx, { postId }) => `analytics:${(await readAnalytics(ctx, postId)).postId}`,
  load: (ctx, { postId }) => analyticsByPost(ctx, postId),
});
