import { count, defineEvent, id } from 'kit/events';

/** A post's views so far: the whole number each time, at most once a second. */
export const viewsCounted = defineEvent('views.counted', 1, { postId: id, views: count }, { aggregate: 'postId' });

/** Something in a post's analytics is not what it was; at most once a second. */
export const analyticsChanged = defineEvent(
  'analytics.changed',
  1,
  { postId: id },
  { aggregate: 'postId', live: ({ postId }) => [{ topic: `analytics:${postId}`, payload: { postId } }] },
);
