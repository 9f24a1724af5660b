import { type Instance, isVisibleTo, type Role } from './people.ts';

/**
 * What a block hides, by hand: the root fields that the samples ask for the author or for what the author has made, and
 * all that lies below. Of a list it hides what is the author's, and the list itself is there. Who keeps the community, and
 * what others wrote elsewhere, is not the author's.
 */
const hidden: ReadonlySet<string> = new Set([
  // The person, and the author's id in lists of people.
  'Query.user',
  'Query.users',
  // Posts, with their counts, comments of others under them, mood and analytics.
  'Query.node',
  'Query.nodes',
  'Query.post',
  'Query.posts',
  'Query.comment',
  'Query.comments',
  'Query.analytics',
  'Subscription.postUpdated',
  'Subscription.newComment',
  'Subscription.realtimeAnalytics',
  // Also where one has met them before the block.
  'Query.bookmarks',
  'Query.homeFeed',
  'Query.search',
  'Query.suggest',
  'Query.trendingPosts',
  // Nobody takes part in what they may not see.
  'Mutation.updatePost',
  'Mutation.publishPost',
  'Mutation.deletePost',
  'Mutation.addComment',
  'Mutation.editComment',
  'Mutation.deleteComment',
  'Mutation.vote',
  'Mutation.bookmarkPost',
  'Mutation.unbookmarkPost',
  'Mutation.trackEvent',
]);

/** Whether what a root field is asked for is there for the role. */
export const isShownTo = (root: string, role: Role, instance: Instance): boolean =>
  isVisibleTo(role, instance) && !(role === 'blocked' && hidden.has(root));
