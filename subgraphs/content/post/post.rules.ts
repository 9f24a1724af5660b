import { anyone, defineRule, defineRules, signedIn } from 'kit/rules';
import { authorAndAdmins } from './post.loaders.ts';

// At the door one must be signed in; whose the post is, the action sees when it reads it.
const author = defineRule('the author', ['owner'], signedIn.check);
const authorAndModerators = defineRule(
  'the author, the moderators of the community and administrators',
  ['owner', 'moderator', 'admin'],
  signedIn.check,
);

export const rules = defineRules({
  Query: { post: anyone, posts: anyone },
  Mutation: { createPost: signedIn, updatePost: author, publishPost: author, deletePost: authorAndModerators },
  Subscription: { postUpdated: anyone },
  Post: { markdown: authorAndAdmins },
});
