import type { Context } from 'kit/context';
import { defineFeature } from 'kit/feature';
import { checkId, type Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { Engagement0001 } from '../migrations/0001-engagement.ts';
import { postCounted, subscribers } from './count.events.ts';
import { countedPostById } from './count.loaders.ts';

export const count = defineFeature({
  name: 'count',
  typeDefs: graphqlFile(import.meta.url, 'count.graphql'),
  migrations: [{ name: '0001-engagement', class: Engagement0001 }],
  resolvers: {
    Post: {
      // Asynchronous, so that an id that is none costs its own place in the list and not the list.
      __resolveReference: async ({ id }: { id: Id }, ctx: Context) => countedPostById(ctx, checkId('post', id)),
      counts: ({ id }: { id: Id }, _: unknown, ctx: Context) => countedPostById(ctx, id),
    },
  },
  emits: [postCounted],
  subscribers,
});
