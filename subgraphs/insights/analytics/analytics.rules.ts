import { anyone, defineRule, defineRules } from 'kit/rules';
import { analyticsByPost } from './analytics.loaders.ts';

const NAME = 'the author, the moderators of the community and administrators';
const READERS = ['owner', 'moderator', 'admin'] as const;

const readers = defineRule<{ id: string }>(
  NAME,
  READERS,
  async (ctx, { id }) => (await analyticsByPost(ctx, id)) !== null,
);
// At the roots the answer depends on the post, which `readAnalytics` reads: NOT_FOUND or FORBIDDEN.
const readersOfThePost = defineRule(NAME, READERS, anyone.check);

export const rules = defineRules({
  Query: { analytics: readersOfThePost },
  Subscription: { realtimeAnalytics: readersOfThePost },
  Post: { analytics: readers },
});
