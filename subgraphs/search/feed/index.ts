import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import type { PageArguments } from 'kit/page';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import { subscribers } from './feed.events.ts';
import { homeFeed } from './feed.queries.ts';

export const feed = defineFeature({
  name: 'feed',
  typeDefs: graphqlFile(import.meta.url, 'feed.graphql'),
  rules: defineRules({ Query: { homeFeed: signedIn } }),
  resolvers: {
    Query: { homeFeed: (_: unknown, page: PageArguments, ctx: Context) => homeFeed(ctx, page) },
    FeedItem: { post: ({ id }: { id: string }) => ({ __typename: 'Post', id }) },
  },
  subscribers,
});
