import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import type { PostRow } from './post.loaders.ts';

const authorAndAdmins = defineRule<PostRow>(
  'the author and administrators',
  ['owner', 'admin'],
  (ctx, post) => ctx.viewer.userId === post.authorId || ctx.viewer.role === 'admin',
);

export const rules = defineRules({
  Query: { post: anyone, posts: anyone },
  Mutation: { createPost: signedIn, updatePost: signedIn, publishPost: signedIn, deletePost: signedIn },
  Subscription: { postUpdated: anyone },
  Post: { markdown: authorAndAdmins, revisions: authorAndAdmins },
});
