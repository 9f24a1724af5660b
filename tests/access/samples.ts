import { mutations } from './mutations.ts';
import { all, asks, both, commentId, postId, type Sample, theCommunity, thePost } from './sample.ts';
import { aKey } from './scratch.ts';

const queries: Record<string, Sample> = {
  viewer: asks(() => ({})),
  user: asks(({ userIds }) => ({ id: userIds.author })),
  users: asks(() => ({ first: 100 }), { shows: ({ userIds }) => userIds.author }),
  node: asks((world, given) => ({ id: postId(world, given) }), { instances: all, isRelay: true }),
  nodes: asks((world, given) => ({ ids: [postId(world, given), commentId(world, given)] }), {
    instances: both,
    shows: thePost,
    isRelay: true,
  }),
  sessionState: asks(({ credentials }) => ({ id: credentials.get('author')?.viewer.sessionId })),
  jsonWebKeySet: asks(() => ({})),
  sessions: asks(() => ({ first: 5 })),
  loginHistory: asks(() => ({ first: 5 })),
  secondFactor: asks(() => ({})),
  devMailbox: asks(() => ({ first: 5 })),
  apiKeys: asks(async (world, { person }) => {
    if (person !== 'anonymous') await aKey(world, person);
    return {};
  }),
  apiKeyState: asks(() => ({ hash: 'x' })),
  auditLog: asks(() => ({ first: 100 })),
  blockedUsers: asks(
    async (world, { person }) => {
      if (person !== 'anonymous') await world.change(person, 'blockUser', { userId: world.bystanders.blocked });
      return { first: 100 };
    },
    { shows: ({ bystanders }) => bystanders.blocked },
  ),
  mutedUsers: asks(
    async (world, { person }) => {
      if (person !== 'anonymous') await world.change(person, 'muteUser', { userId: world.bystanders.muted });
      return { first: 100 };
    },
    { shows: ({ bystanders }) => bystanders.muted },
  ),
  notificationPreferences: asks(() => ({})),
  dataExports: asks(() => ({})),
  dataExportPiece: asks(() => ({ token: 'none', piece: 0 })),
  deletionReceipt: asks(() => ({ token: 'planted' })),
  post: asks((world, given) => ({ id: postId(world, given) }), { instances: all }),
  posts: asks(
    ({ userIds }, { instance }) => ({
      filter: { authorId: userIds.author, status: instance === 'draft' ? 'DRAFT' : 'PUBLISHED' },
    }),
    {
      instances: all,
      shows: thePost,
    },
  ),
  community: asks((world, { instance }) => ({ name: world.communityOf(instance).name }), {
    instances: both,
    belongsTo: 'founder',
  }),
  communities: asks(() => ({ first: 100 }), { instances: both, belongsTo: 'founder', shows: theCommunity }),
  comment: asks((world, given) => ({ id: commentId(world, given) }), { instances: both }),
  comments: asks((world, given) => ({ postId: postId(world, given) }), {
    instances: both,
    shows: ({ threads }, instance) => threads[instance === 'public' ? 'public' : 'private'],
  }),
  bookmarks: asks(() => ({ first: 100 }), { instances: both, shows: thePost }),
  homeFeed: asks(() => ({ first: 100 }), { instances: both, shows: thePost }),
  search: asks((world, { instance }) => ({ query: world.posts[instance].title }), { instances: both, shows: thePost }),
  suggest: asks((world, { instance }) => ({ prefix: world.posts[instance].title }), {
    instances: both,
    shows: thePost,
  }),
  trendingPosts: asks(() => ({ first: 100 }), { instances: both, shows: thePost }),
  analytics: asks((world, given) => ({ postId: postId(world, given) }), { instances: all }),
};

const subscriptions: Record<string, Sample> = {
  postUpdated: asks((world, given) => ({ postId: postId(world, given) }), { instances: both }),
  newComment: asks((world, given) => ({ postId: postId(world, given) }), { instances: both }),
  realtimeAnalytics: asks((world, given) => ({ postId: postId(world, given) }), { instances: both }),
};

/** By type and field. A root field that is not here fails the test by name. */
export const samples: Readonly<Record<string, Readonly<Record<string, Sample>>>> = {
  Query: queries,
  Mutation: mutations,
  Subscription: subscriptions,
};
