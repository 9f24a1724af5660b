import type { Context } from 'kit/context';
import { anyone, defineRules, signedIn } from 'kit/rules';
import { decidedByAction, permitted } from '../../access/permissions.ts';
import type { CommentRow } from './comment.loaders.ts';

const readsSource = permitted('comment.readSource', (_: Context, comment: CommentRow) => ({
  ownerId: comment.authorId,
}));

export const rules = defineRules({
  Query: { comment: anyone, comments: anyone },
  Mutation: {
    addComment: signedIn,
    editComment: decidedByAction('comment.edit'),
    deleteComment: decidedByAction('comment.delete'),
  },
  Subscription: { newComment: anyone },
  Comment: { markdown: readsSource },
});
