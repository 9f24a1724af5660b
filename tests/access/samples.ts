import type { Credentials, Variables } from './doors.ts';
import { word } from './canaries.ts';
import type { Case, Instance, Owner, Person } from './people.ts';
import { aCommunity } from './populate.ts';
import { strangersLogin, type World } from './world.ts';

/** What a root field is asked with in one cell of the matrix. */
export interface Given {
  readonly variables: Variables;
  /** In place of the person's usual session. */
  readonly as?: Credentials;
}

export interface Sample {
  readonly given: (world: World, one: Case) => Given | Promise<Given>;
  /** For which kinds of object it makes a difference; `public` alone where it is about no object. */
  readonly instances: readonly Instance[];
  readonly belongsTo: Owner;
  /** Of a list: the id that is in it for those who may see the object. */
  readonly shows: ((world: World, instance: Instance) => string) | null;
  /** Whether its own subgraph only hands the id on to whoever owns the object: then only the gateway's answer says anything. */
  readonly isRelay: boolean;
}

const both: readonly Instance[] = ['public', 'private'];
const all: readonly Instance[] = ['public', 'private', 'draft'];
const one: readonly Instance[] = ['public'];

type Options = Partial<Omit<Sample, 'given'>>;

/** Asked with these variables. */
const asks = (
  variables: (world: World, one: Case) => Variables | Promise<Variables>,
  options: Options = {},
): Sample => ({
  given: async (world, given) => ({ variables: await variables(world, given) }),
  instances: one,
  belongsTo: 'author',
  shows: null,
  isRelay: false,
  ...options,
});

/** A mutation with this input. */
const input = (of: (world: World, one: Case) => object | Promise<object>, options: Options = {}): Sample =>
  asks(async (world, given) => ({ input: await of(world, given) }), options);

const postId = (world: World, { instance }: Case): string => world.posts[instance].id;
const placeOf = ({ instance }: Case) => (instance === 'public' ? 'public' : 'private');
const commentId = (world: World, given: Case): string => world.comments[placeOf(given)];
const thePost = (world: World, instance: Instance): string => world.posts[instance].id;
const theCommunity = (world: World, instance: Instance): string => world.communityOf(instance).id;

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

/** A community that nobody has asked anything of yet. */
const scratchCommunity = (world: World, given: Case) =>
  aCommunity(world.change, world.userIds, placeOf(given), [given.person, 'author']);

/** A post of the author's that may be lost. */
async function scratchPost(world: World, given: Case, isPublished = given.instance !== 'draft'): Promise<string> {
  const communityId = world.communityOf(given.instance).id;
  const text = { title: 'To be lost', markdown: 'Words.', communityId };
  const { post } = await world.change<{ post: { id: string } }>('author', 'createPost', text, 'post { id }');
  if (isPublished) await world.change('author', 'publishPost', { id: post.id });
  return post.id;
}

async function scratchComment(world: World, given: Case): Promise<string> {
  const text = { postId: postId(world, given), markdown: 'To be lost.' };
  return (await world.change<{ comment: { id: string } }>('author', 'addComment', text, 'comment { id }')).comment.id;
}

async function versionOf(world: World, id: string): Promise<number> {
  const { data } = await world.gateway({ person: 'author' }, 'query ($id: ID!) { post(id: $id) { version } }', { id });
  return (data?.['post'] as { version: number }).version;
}

let named = 0;

/** A key of the person's own; nobody has one, and asks for the author's. */
async function aKey(world: World, person: Person): Promise<string> {
  const key = { name: 'A key', scopes: ['posts:read'] };
  const owner = person === 'anonymous' ? 'author' : person;
  const selection = 'apiKey { id }';
  return (await world.change<{ apiKey: { id: string } }>(owner, 'createApiKey', key, selection)).apiKey.id;
}

/** A session of somebody new. */
async function somebodyElse(world: World): Promise<Credentials> {
  const name = `new${++named}`;
  const { password } = strangersLogin;
  await world.change('anonymous', 'register', {
    username: `matrix-${name}`,
    email: `${name}@example.org`,
    password,
    name: 'Somebody new',
  });
  return world.signInAgain(name as Person);
}

const mutations: Record<string, Sample> = {
  // Refused as a name, so that the answer has user errors to look at.
  register: input(() => ({ username: 'a b', email: 'nobody@example.org', password: 'not used by anybody' })),
  // Refused for the same reason: a right token would work for one role only.
  verifyEmail: input(() => ({ token: 'none' })),
  resendVerification: input(() => ({ username: 'nobody-at-all' })),
  registerVerified: input(() => ({ username: 'a b', email: 'nobody@example.org', password: 'not used by anybody' })),
  changeEmail: input(() => ({ newEmail: 'none', password: 'none' })),
  confirmEmailChange: input(() => ({ token: 'none' })),
  changePassword: input(() => ({ currentPassword: 'none', newPassword: 'short' })),
  requestPasswordReset: input(() => ({ identifier: 'nobody-at-all' })),
  resetPassword: input(() => ({ token: 'none', newPassword: 'not used by anybody' })),
  unsubscribeFromMail: input(() => ({ token: 'none' })),
  suppressMailAddress: input(() => ({ address: 'nobody@example.org', reason: 'asked' })),
  releaseMailAddress: input(() => ({ address: 'nobody@example.org' })),
  login: input(() => strangersLogin),
  refreshSession: input(async (world, { person }) => ({
    refreshToken: (await world.signInAgain(person === 'anonymous' ? 'stranger' : person)).refreshToken,
  })),
  logout: {
    ...asks(() => ({})),
    given: async (world, { person }) =>
      person === 'anonymous' ? { variables: {} } : { variables: {}, as: await world.signInAgain(person) },
  },
  logoutEverywhere: {
    ...asks(() => ({})),
    // Somebody whom nobody else asks as: all their sessions end.
    given: async (world, { person }) =>
      person === 'anonymous' ? { variables: {} } : { variables: {}, as: await somebodyElse(world) },
  },
  endSession: input(async (world, { person }) => ({
    id: (await world.signInAgain(person === 'anonymous' ? 'stranger' : person)).viewer.sessionId,
  })),
  // Refused for what is given, so that nothing changes: what is right is tried in the features' own tests.
  completeLogin: input(() => ({ challenge: 'none', kind: 'TOTP', code: 'none' })),
  startTotpSetup: input(() => ({ password: 'none' })),
  confirmTotp: input(() => ({ code: 'none' })),
  disableTotp: input(() => ({})),
  regenerateRecoveryCodes: input(() => ({})),
  createApiKey: input(() => ({ name: 'A key', scopes: ['posts:read'] })),
  rotateApiKey: input(async (world, { person }) => ({ id: await aKey(world, person) })),
  revokeApiKey: input(async (world, { person }) => ({ id: await aKey(world, person) })),
  noteApiKeyUses: input(() => ({ uses: [] })),
  setUserRole: input(({ bystanders }) => ({ userId: bystanders.blocked, role: 'user' })),
  suspendUser: input(({ bystanders }) => ({ userId: bystanders.muted, reason: word('suspensionReason') })),
  reinstateUser: input(({ bystanders }) => ({ userId: bystanders.muted })),
  // Refused for what is given, so that nobody goes: what is right is tried in tests/erasure.test.ts.
  requestDataExport: input(() => ({ idempotencyKey: '' })),
  deleteAccount: input(() => ({ mode: 'ERASE', password: 'none' })),
  cancelDeletion: input(() => ({ token: 'none' })),
  updateProfile: input(() => ({ bio: 'Is asked a lot.' })),
  followUser: input(({ userIds }) => ({ userId: userIds.founder })),
  unfollowUser: input(({ userIds }) => ({ userId: userIds.founder })),
  blockUser: input(({ bystanders }) => ({ userId: bystanders.blocked })),
  unblockUser: input(({ bystanders }) => ({ userId: bystanders.blocked })),
  muteUser: input(({ bystanders }) => ({ userId: bystanders.muted })),
  unmuteUser: input(({ bystanders }) => ({ userId: bystanders.muted })),
  updatePresence: input(() => ({ isHidden: false })),
  updateNotificationPreferences: input(() => ({ changes: [] })),
  createPost: input(() => ({ title: 'One more', markdown: 'Words.' })),
  updatePost: input(
    async (world, given) => {
      const id = await scratchPost(world, given);
      return { id, version: await versionOf(world, id), reason: 'asked' };
    },
    { instances: all },
  ),
  publishPost: input(async (world, given) => ({ id: await scratchPost(world, given) }), { instances: all }),
  deletePost: input(async (world, given) => ({ id: await scratchPost(world, given) }), { instances: all }),
  createCommunity: input(({ userIds: _ }) => ({ name: `asked-${++named}` })),
  joinCommunity: input(async (world, given) => ({ communityId: (await scratchCommunity(world, given)).id }), {
    instances: both,
    belongsTo: 'founder',
  }),
  leaveCommunity: input(async (world, given) => ({ communityId: (await scratchCommunity(world, given)).id }), {
    instances: both,
    belongsTo: 'founder',
  }),
  addCommunityMember: input(
    async (world, given) => ({
      communityId: (await scratchCommunity(world, given)).id,
      userId: world.userIds.stranger,
    }),
    {
      instances: both,
      belongsTo: 'founder',
    },
  ),
  removeCommunityMember: input(
    async (world, given) => ({ communityId: (await scratchCommunity(world, given)).id, userId: world.userIds.author }),
    {
      instances: both,
      belongsTo: 'founder',
    },
  ),
  addComment: input((world, given) => ({ postId: postId(world, given), markdown: 'One more.' }), { instances: both }),
  editComment: input((world, given) => ({ id: commentId(world, given), markdown: `Asked ${++named} times.` }), {
    instances: both,
  }),
  deleteComment: input(async (world, given) => ({ id: await scratchComment(world, given) }), { instances: both }),
  vote: input((world, given) => ({ targetId: postId(world, given), value: 'DOWN' }), { instances: both }),
  bookmarkPost: input((world, given) => ({ postId: postId(world, given) }), { instances: both }),
  unbookmarkPost: input(
    async (world, given) => ({
      // What one had kept before the block one may let go, so the blocked ask for a post they had not.
      postId: given.role === 'blocked' ? await scratchPost(world, given) : postId(world, given),
    }),
    { instances: both },
  ),
  trackEvent: input((world, given) => ({ postId: postId(world, given), kind: 'SHARE' }), { instances: both }),
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
