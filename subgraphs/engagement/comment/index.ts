import { defineFeature } from 'kit/feature';
import { graphqlFile } from 'kit/subgraph';
import { commentSchema } from './comment.entity.ts';
import { commentAdded, commentDeleted, commentSaved } from './comment.events.ts';
import { newComment } from './comment.live.ts';
import { resolvers } from './comment.resolvers.ts';
import { rules } from './comment.rules.ts';

export const comment = defineFeature({
  name: 'comment',
  typeDefs: graphqlFile(import.meta.url, 'comment.graphql'),
  entities: [commentSchema],
  resolvers,
  rules,
  live: { newComment },
  emits: [commentSaved, commentDeleted, commentAdded],
});
