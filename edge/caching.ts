import type { CacheDeclaration } from 'gateway/cache/declarations';

/** Seconds; counts may be as old. Everything else is told by events. */
const PAGE = { maxAge: 60 };
const PAGE_TYPES = [
  ...['Post', 'PostConnection', 'PostEdge', 'PostCounts', 'TrendingPostConnection', 'TrendingPostEdge', 'Trend'],
  ...['Comment', 'CommentConnection', 'CommentEdge', 'VoteCounts', 'Sentiment', 'Emotions', 'PageInfo'],
  ...['Community', 'CommunityConnection', 'CommunityEdge'],
];

/** What is found; not where in a text, which no event of its post or comment would take away in time. */
const FOUND = { maxAge: 10 };
const FOUND_TYPES = ['SearchConnection', 'SearchEdge', 'SearchResult', 'SearchFacet', 'Searchable'];

/**
 * Pages are kept for those who are not signed in: they all see the same. Nobody else's answers are kept, whole or in part:
 * every vote, bookmark and membership makes them different, and a block takes people out of them.
 */
export const caching: CacheDeclaration = {
  hints: {
    ...Object.fromEntries(PAGE_TYPES.map((type) => [type, PAGE])),
    ...Object.fromEntries(FOUND_TYPES.map((type) => [type, FOUND])),
    User: PAGE,
    'Query.viewer': { maxAge: 0 },
    // Without their post in the answer no event would tell of its withdrawal.
    'Query.comment': { maxAge: 0 },
    'Query.comments': { maxAge: 0 },
  },
  producers: ['users', 'content', 'engagement'],
  keyOf: ({ kind }) => (kind === 'anonymous' ? 'anonymous' : null),
  tagsOf: ({ type, aggregateId, payload }) => tagsOf(type, aggregateId, payload),
};

type Of = (name: string, entity: string) => readonly string[];

/** Pages that show no more of the post than its title stay. */
const tagsOfComment = (id: string, of: Of): readonly string[] => [
  `Comment:${id}`,
  ...of('postId', 'Post').map((tag) => `${tag}.comments`),
  ...of('parentId', 'Comment'),
];

/** Votes and views change counts alone, and would leave no page of a busy post: those have an age instead. */
function tagsOf(type: string, id: string, payload: Readonly<Record<string, unknown>>): readonly string[] {
  const of: Of = (name, entity) => (typeof payload[name] === 'string' ? [`${entity}:${payload[name]}`] : []);
  switch (type) {
    case 'user.saved':
    case 'user.hidden':
    case 'user.deleted':
      return [`User:${id}`, 'Query.search'];
    case 'user.followed':
    case 'user.unfollowed':
      return [...of('followerId', 'User'), ...of('followedId', 'User')];
    case 'post.saved':
    case 'post.deleted':
      return [`Post:${id}`, 'Query.posts', 'Query.search'];
    case 'community.saved':
    case 'community.deleted':
      // It may have become private, with all that is in it.
      return ['Community', 'Post', 'Comment', 'Query.posts', 'Query.communities', 'Query.search'];
    case 'member.joined':
    case 'member.left':
      return [`Community:${id}`, ...of('userId', 'viewer')];
    case 'comment.saved':
      return tagsOfComment(id, of);
    case 'comment.deleted':
      return [...tagsOfComment(id, of), 'Query.search'];
    default:
      return [];
  }
}
