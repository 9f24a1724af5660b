import { anyone, defineRules, signedIn } from 'kit/rules';
import { authorAndAdmins } from './post.loaders.ts';

export const rules = defineRules({
  Query: { post: anyone, posts: anyone },
  Mutation: { createPost: signedIn, updatePost: signedIn, publishPost: signedIn, deletePost: signedIn },
  Subscription: { postUpdated: anyone },
  Post: { markdown: authorAndAdmins },
});
