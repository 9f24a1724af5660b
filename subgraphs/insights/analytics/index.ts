import type { Context } from 'kit/context';
import { count, id, onMany } from 'kit/events';
import { defineFeature } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { takeStandings } from './analytics.actions.ts';
import { analyticsChanged, viewsCounted } from './analytics.events.ts';
import { announcePending } from './analytics.jobs.ts';
import { realtimeAnalytics } from './analytics.live.ts';
import { analyticsByPost, type AnalyticsRow } from './analytics.loaders.ts';
import { engagementRate, pointsByDay, readAnalytics } from './analytics.queries.ts';
import { rules } from './analytics.rules.ts';

export const analytics = defineFeature({
  name: 'analytics',
  typeDefs: graphqlFile(import.meta.url, 'analytics.graphql'),
  rules,
  live: { realtimeAnalytics },
  resolvers: {
    Query: { analytics: (_: unknown, { postId }: { postId: Id }, ctx: Context) => readAnalytics(ctx, postId) },
    Post: { analytics: (post: { id: Id }, _: unknown, ctx: Context) => analyticsByPost(ctx, post.id) },
    Analytics: {
      __resolveReference: ({ postId }: { postId: Id }, ctx: Context) =>
        analyticsByPost(ctx, checkId('post', postId, 'postId')),
      post: ({ postId }: AnalyticsRow) => ({ __typename: 'Post', id: postId }),
      engagementRate,
      byDay: (row: AnalyticsRow, args: { days: number }, ctx: Context) => pointsByDay(ctx, row, args),
    },
  },
  emits: [viewsCounted, analyticsChanged],
  subscribers: [
    onMany(
      'post.counted',
      1,
      { postId: id, up: count, down: count, score: count, comments: count, bookmarks: count },
      takeStandings,
    ),
  ],
  jobs: [announcePending],
});
