import { anyone, defineRules, signedIn } from 'kit/rules';
import { decidedByAction } from '../../access/permissions.ts';
import { authorAndAdmins } from './post.loaders.ts';

export const rules = defineRules({
  Query: { post: anyone, posts: anyone },
  Mutation: {
    createPost: signedIn,
    updatePost: decidedByAction('post.edit'),
    publishPost: decidedByAction('post.edit'),
    deletePost: decidedByAction('post.delete'),
  },
  Subscription: { postUpdated: anyone },
  Post: { markdown: authorAndAdmins },
});
