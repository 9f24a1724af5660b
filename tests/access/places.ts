import type { Instance, Role } from './people.ts';

/**
 * Where each type is met: a root field, and the fields below it. Through the gateway the whole way is gone; at a subgraph
 * it begins at the last object on it that the subgraph answers for through `_entities`.
 */
export const places: Readonly<Record<string, string>> = {
  User: 'Query.user',
  UserConnection: 'Query.user.followers',
  UserEdge: 'Query.user.followers.edges',
  BlockedUser: 'Query.blockedUsers.edges.node',
  BlockedUserConnection: 'Query.blockedUsers',
  BlockedUserEdge: 'Query.blockedUsers.edges',
  NotificationPreference: 'Query.notificationPreferences',
  SessionState: 'Query.sessionState',
  PageInfo: 'Query.post.comments.pageInfo',
  UserError: 'Mutation.register.userErrors',

  Post: 'Query.post',
  PostConnection: 'Query.posts',
  PostEdge: 'Query.posts.edges',
  PostCounts: 'Query.post.counts',
  PostRevision: 'Query.post.revisions.edges.node',
  PostRevisionConnection: 'Query.post.revisions',
  PostRevisionEdge: 'Query.post.revisions.edges',
  Sentiment: 'Query.post.sentiment',
  Emotions: 'Query.post.sentiment.emotions',
  Analytics: 'Query.analytics',
  DayPoint: 'Query.analytics.byDay',

  Comment: 'Query.comment',
  CommentConnection: 'Query.post.comments',
  CommentEdge: 'Query.post.comments.edges',
  VoteCounts: 'Query.comment.counts',
  Bookmark: 'Query.bookmarks.edges.node',
  BookmarkConnection: 'Query.bookmarks',
  BookmarkEdge: 'Query.bookmarks.edges',

  Community: 'Query.community',
  CommunityConnection: 'Query.communities',
  CommunityEdge: 'Query.communities.edges',
  CommunityMember: 'Query.community.members.edges.node',
  CommunityMemberConnection: 'Query.community.members',
  CommunityMemberEdge: 'Query.community.members.edges',

  SearchConnection: 'Query.search',
  SearchEdge: 'Query.search.edges',
  SearchFacet: 'Query.search.facets',
  SearchResult: 'Query.search.edges.node',
  SearchHighlight: 'Query.search.edges.node.highlights',
  Suggestion: 'Query.suggest',
  FeedConnection: 'Query.homeFeed',
  FeedEdge: 'Query.homeFeed.edges',
  FeedItem: 'Query.homeFeed.edges.node',
  TrendingPostConnection: 'Query.trendingPosts',
  TrendingPostEdge: 'Query.trendingPosts.edges',
  Trend: 'Query.trendingPosts.edges.node',

  RegisterPayload: 'Mutation.register',
  SessionPayload: 'Mutation.login',
  LogoutPayload: 'Mutation.logout',
  UpdateProfilePayload: 'Mutation.updateProfile',
  FollowUserPayload: 'Mutation.followUser',
  UnfollowUserPayload: 'Mutation.unfollowUser',
  BlockUserPayload: 'Mutation.blockUser',
  UnblockUserPayload: 'Mutation.unblockUser',
  MuteUserPayload: 'Mutation.muteUser',
  UnmuteUserPayload: 'Mutation.unmuteUser',
  UpdatePresencePayload: 'Mutation.updatePresence',
  UpdateNotificationPreferencesPayload: 'Mutation.updateNotificationPreferences',
  CreatePostPayload: 'Mutation.createPost',
  UpdatePostPayload: 'Mutation.updatePost',
  PublishPostPayload: 'Mutation.publishPost',
  DeletePostPayload: 'Mutation.deletePost',
  CreateCommunityPayload: 'Mutation.createCommunity',
  JoinCommunityPayload: 'Mutation.joinCommunity',
  LeaveCommunityPayload: 'Mutation.leaveCommunity',
  AddCommunityMemberPayload: 'Mutation.addCommunityMember',
  RemoveCommunityMemberPayload: 'Mutation.removeCommunityMember',
  AddCommentPayload: 'Mutation.addComment',
  EditCommentPayload: 'Mutation.editComment',
  DeleteCommentPayload: 'Mutation.deleteComment',
  VotePayload: 'Mutation.vote',
  BookmarkPostPayload: 'Mutation.bookmarkPost',
  UnbookmarkPostPayload: 'Mutation.unbookmarkPost',
  TrackEventPayload: 'Mutation.trackEvent',
};

type Absent = (role: Role, instance: Instance) => boolean;

const isAnonymous: Absent = (role) => role === 'anonymous';
const isDraft: Absent = (_, instance) => instance === 'draft';
const always: Absent = () => true;

/** Where those who may ask find nothing, because there is nothing: what nobody has done, or what a sample's outcome leaves out. */
export const absent: Readonly<Record<string, Absent>> = {
  'Query.viewer': isAnonymous,
  'Post.publishedAt': isDraft,
  'Post.sentiment': isDraft,
  'Analytics.lastViewedAt': isDraft,
  'Post.viewerVote': (role, instance) => isAnonymous(role, instance) || isDraft(role, instance),
  'Comment.viewerVote': isAnonymous,
  'Community.viewerRole': (role) => ['anonymous', 'stranger', 'admin'].includes(role),
  'VotePayload.comment': always,
  // Whoever has left a private community sees it no more, unless they are its owner or look after the site.
  'LeaveCommunityPayload.community': (role, instance) =>
    role === 'owner' || (instance === 'private' && role !== 'admin'),
};
