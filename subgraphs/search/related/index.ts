import type { Context } from 'kit/context';
import { badInput } from 'kit/errors';
import { defineFeature } from 'kit/feature';
import type { Id } from 'kit/ids';
import { graphqlFile } from 'kit/subgraph';
import { MAX_RELATED, relatedPosts } from './related.loaders.ts';

const DEFAULT_RELATED = 5;

export const related = defineFeature({
  name: 'related',
  typeDefs: graphqlFile(import.meta.url, 'related.graphql'),
  resolvers: {
    Post: {
      related: async ({ id }: { id: Id }, { first }: { first: number | null }, ctx: Context) => {
        const count = first ?? DEFAULT_RELATED;
        if (count < 1 || count > MAX_RELATED) {
          badInput('first', `\`first\` is from 1 to ${MAX_RELATED}, not ${count}.`, 'PAGE_SIZE_OUT_OF_RANGE');
        }
        return (await relatedPosts(ctx, id)).slice(0, count).map((post) => ({ __typename: 'Post', id: post }));
      },
    },
  },
});
