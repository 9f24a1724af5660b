import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { anyone, defineRules } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { type TrendArguments, trendingPosts } from './trend.queries.ts';

export const trend = defineFeature({
  name: 'trend',
  typeDefs: graphqlFile(import.meta.url, 'trend.graphql'),
  rules: defineRules({ Query: { trendingPosts: anyone } }),
  resolvers: {
    Query: { trendingPosts: (_: unknown, args: TrendArguments, ctx: Context) => trendingPosts(ctx, args) },
    Trend: { post: ({ id }: { id: string }) => ({ __typename: 'Post', id }) },
  },
});
