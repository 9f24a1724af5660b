import type { CacheDeclaration } from 'gateway/cache/declarations';

/** Seconds; counts may be as old. Everything else is told by events. */
const PAGE = { maxAge: 60 };
const PAGE_TYPES = [
  ...['Post', 'PostConnection', 'PostEdge', 'PostCounts', 'TrendingPostConnection', 'TrendingPostEdge', 'Trend'],
  ...['Comment', 'CommentConnection', 'CommentEdge', 'VoteCounts', 'Sentiment', 'Emotions', 'PageInfo'],
  ...['Community', 'CommunityConnection', 'CommunityEdge'],
];

/**
 * Pages are kept for those who are not signed in: they all see the same. Nobody else's answers are kept, whole or in part:
 * every vote, bookmark and membership makes them different, and a block takes people out of them.
 */
export const caching: CacheDeclaration = {
  hints: {
    ...Object.fromEntries(PAGE_TYPES.map((type) => [type, PAGE])),
    User: { maxAge: 60 },
    'Query.viewer': { maxAge: 0 },
    // Without their post in the answer no event would tell of its withdrawal.
    'Query.comment': { maxAge: 0 },
    'Query.comments': { maxAge: 0 },
  },
  producers: ['users', 'content', 'engagement'],
  keyOf: ({ kind }) => (kind === 'anonymous' ? 'anonymous' : null),
  tagsOf: ({ type, aggregateId, payload }) => tagsOf(type, aggregateId, payload),
};

/** Votes and views change counts alone, and would leave no page of a busy post: those have an age instead. */
function tagsOf(type: string, id: string, payload: Readonly<Record<string, unknown>>): readonly string[] {
  const of = (name: string, entity: string): readonly string[] =>
    typeof payload[name] === 'string' ? [`${entity}:${payload[name]}`] : [];
  switch (type) {
    case 'user.saved':
    case 'user.hidden':
    case 'user.deleted':
      return [`User:${id}`];
    case 'user.followed':
    case 'user.unfollowed':
      return [...of('followerId', 'User'), ...of('followedId', 'User')];
    case 'post.saved':
    case 'post.deleted':
      return [`Post:${id}`, 'Query.posts'];
    case 'community.saved':
    case 'community.deleted':
      // It may have become private, with all that is in it.
      return ['Community', 'Post', 'Comment', 'Query.posts', 'Query.communities'];
    case 'member.joined':
    case 'member.left':
      return [`Community:${id}`, ...of('userId', 'viewer')];
    case 'comment.saved':
    case 'comment.deleted':
      // Pages that show no more of the post than its title stay.
      return [`Comment:${id}`, ...of('postId', 'Post').map((tag) => `${tag}.comments`), ...of('parentId', 'Comment')];
    default:
      return [];
  }
}
