import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import type { CommentRow } from './comment.loaders.ts';

const authorAndAdmins = defineRule<CommentRow>(
  'the author and administrators',
  ['owner', 'admin'],
  (ctx, comment) => ctx.viewer.userId === comment.authorId || ctx.viewer.role === 'admin',
);

// At the door one must be signed in; whose the comment is, the action sees when it reads it.
const author = defineRule('the author', ['owner'], signedIn.check);
const authorAndModerators = defineRule(
  'the author, the moderators of the community and administrators',
  ['owner', 'moderator', 'admin'],
  signedIn.check,
);

export const rules = defineRules({
  Query: { comment: anyone, comments: anyone },
  Mutation: { addComment: signedIn, editComment: author, deleteComment: authorAndModerators },
  Subscription: { newComment: anyone },
  Comment: { markdown: authorAndAdmins },
});
