import type { Context } from 'kit/context';
import { defineFeature, payload } from 'kit/feature';
import type { Id } from 'kit/ids';
import { defineRules, signedIn } from 'kit/rules';
import { graphqlFile } from 'kit/subgraph';
import type { CommentRow } from '../comment/comment.loaders.ts';
import { vote as castVote, votedComment, votedPost, type VoteOutcome } from './vote.actions.ts';
import { viewerVoteByTarget } from './vote.loaders.ts';

const viewerVote = ({ id }: { id: Id }, _: unknown, ctx: Context) => viewerVoteByTarget(ctx, id);

/** A field of the payload, which is empty where the vote was refused. */
const outcome =
  <Field>(read: (ctx: Context, targetId: Id) => Promise<Field>) =>
  ({ targetId }: Partial<VoteOutcome>, _: unknown, ctx: Context): Promise<Field> | null =>
    targetId === undefined ? null : read(ctx, targetId);

export const vote = defineFeature({
  name: 'vote',
  typeDefs: graphqlFile(import.meta.url, 'vote.graphql'),
  rules: defineRules({ Mutation: { vote: signedIn } }),
  resolvers: {
    Mutation: { vote: payload(castVote) },
    VotePayload: {
      post: outcome(async (ctx, id) => {
        const post = await votedPost(ctx, id);
        return post && { __typename: 'Post', id: post.id };
      }),
      comment: outcome(votedComment),
      counts: outcome(async (ctx, id) => (await votedPost(ctx, id)) ?? votedComment(ctx, id)),
      viewerVote: outcome(viewerVoteByTarget),
    },
    Post: { viewerVote },
    Comment: { viewerVote, counts: ({ up, down, score }: CommentRow) => ({ up, down, score }) },
  },
});
