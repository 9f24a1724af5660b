import { defineFeature } from 'kit/feature';
import { ensureMonthlyPartitions } from 'kit/partitions';
import { graphqlFile } from 'kit/subgraph';
import { postSchema } from './post.entity.ts';
import { postDeleted, postSaved } from './post.events.ts';
import { makePartitions } from './post.jobs.ts';
import { postUpdated } from './post.live.ts';
import { resolvers } from './post.resolvers.ts';
import { rules } from './post.rules.ts';

export const post = defineFeature({
  name: 'post',
  typeDefs: graphqlFile(import.meta.url, 'post.graphql'),
  entities: [postSchema],
  resolvers,
  rules,
  live: { postUpdated },
  emits: [postSaved, postDeleted],
  jobs: [makePartitions],
  prepare: (ctx) => ensureMonthlyPartitions(ctx, 'post'),
});
