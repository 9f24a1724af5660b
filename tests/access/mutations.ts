import { isShownTo } from './blocks.ts';
import { word } from './canaries.ts';
import { all, asks, both, commentId, input, postId, type Sample } from './sample.ts';
import { aKey, another, scratchComment, scratchCommunity, scratchPost, somebodyElse, versionOf } from './scratch.ts';
import { strangersLogin } from './world.ts';

/** What each mutation is asked with. */
export const mutations: Readonly<Record<string, Sample>> = {
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
  createCommunity: input(({ userIds: _ }) => ({ name: `asked-${another()}` })),
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
  editComment: input((world, given) => ({ id: commentId(world, given), markdown: `Asked ${another()} times.` }), {
    instances: both,
  }),
  deleteComment: input(async (world, given) => ({ id: await scratchComment(world, given) }), { instances: both }),
  vote: input((world, given) => ({ targetId: postId(world, given), value: 'DOWN' }), { instances: both }),
  bookmarkPost: input((world, given) => ({ postId: postId(world, given) }), { instances: both }),
  unbookmarkPost: input(
    async (world, given) => ({
      // What one had kept as long as one saw it one may let go: whoever sees it no more asks for a post they had not.
      postId: isShownTo('Mutation.unbookmarkPost', given.role, given.instance)
        ? postId(world, given)
        : await scratchPost(world, given),
    }),
    { instances: both },
  ),
  trackEvent: input((world, given) => ({ postId: postId(world, given), kind: 'SHARE' }), { instances: both }),
};
