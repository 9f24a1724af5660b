import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import type { CommentRow } from './comment.loaders.ts';

const authorAndAdmins = defineRule<CommentRow>(
  'the author and administrators',
  ['owner', 'admin'],
  (ctx, comment) => ctx.viewer.userId === comment.authorId || ctx.viewer.role === 'admin',
);

export const rules = defineRules({
  Query: { comment: anyone, comments: anyone },
  Mutation: { addComment: signedIn, editComment: signedIn, deleteComment: signedIn },
  Subscription: { newComment: anyone },
  Comment: { markdown: authorAndAdmins },
});
