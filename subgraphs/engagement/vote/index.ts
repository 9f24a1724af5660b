import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { Id } from 'kit/ids';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import type { CommentRow } from '../comment/comment.loaders.ts';
import { vote as castVote } from './vote.actions.ts';
import { viewerVoteByTarget } from './vote.loaders.ts';

const viewerVote = ({ id }: { id: Id }, _: unknown, ctx: Context) => viewerVoteByTarget(ctx, id);

export const vote = defineFeature({
  name: 'vote',
  typeDefs: graphqlFile(import.meta.url, 'vote.graphql'),
  rules: defineRules({ Mutation: { vote: signedIn } }),
  resolvers: {
    Mutation: { vote: payload(castVote) },
    Post: { viewerVote },
    Comment: { viewerVote, counts: ({ up, down, score }: CommentRow) => ({ up, down, score }) },
  },
});
