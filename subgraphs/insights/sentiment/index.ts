import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { Insights0004 } from '../migrations/0004-authors.ts';
import { subscribers } from './sentiment.events.ts';
import { reanalyse, reanalyseOutdated } from './sentiment.jobs.ts';
import { analysedCommentById, analysedPostById } from './sentiment.loaders.ts';

interface Reference {
  readonly id: Id;
}

export const sentiment = defineFeature({
  name: 'sentiment',
  typeDefs: graphqlFile(import.meta.url, 'sentiment.graphql'),
  migrations: [{ name: '0004-authors', class: Insights0004 }],
  resolvers: {
    Post: {
      __resolveReference: ({ id }: Reference, ctx: Context) => analysedPostById(ctx, checkId('post', id)),
      // Asked by id, not of the parent: a post reached from its analytics is a stub.
      sentiment: async ({ id }: Reference, _: unknown, ctx: Context) => (await analysedPostById(ctx, id))?.sentiment,
    },
    Comment: {
      __resolveReference: ({ id }: Reference, ctx: Context) => analysedCommentById(ctx, checkId('comment', id)),
    },
  },
  subscribers,
  jobs: [reanalyse],
  prepare: reanalyseOutdated,
});
