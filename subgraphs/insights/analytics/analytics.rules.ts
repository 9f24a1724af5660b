import { anyone, defineRule, defineRules } from 'kit/rules';
import { analyticsByPost } from './analytics.loaders.ts';

const whoMayRead = defineRule<{ id: string }>(
  'the author, the moderators of the community and administrators',
  ['owner', 'moderator', 'admin'],
  async (ctx, { id }) => (await analyticsByPost(ctx, id)) !== null,
);

/** At the roots the answer depends on the post: NOT_FOUND or FORBIDDEN, by `readAnalytics`. */
export const rules = defineRules({
  Query: { analytics: anyone },
  Subscription: { realtimeAnalytics: anyone },
  Post: { analytics: whoMayRead },
});
