import type { Instance } from './people.ts';

type Seers = Partial<Record<Instance, string>>;

const EVERYONE = 'anonymous stranger owner member moderator siteModerator admin';
const SIGNED_IN = 'stranger owner member moderator siteModerator admin';
const INSIDERS = 'owner member moderator admin';
const NOBODY = '';

/**
 * Who sees the most sensitive fields, by hand and from the product's promises, so that a declaration which is wrong does
 * not prove itself. Roles by kind of object; a kind that is left out makes no difference.
 */
export const expectations: Readonly<Record<string, Seers>> = {
  // A person.
  'User.email': { public: 'owner admin' },
  'User.isEmailVerified': { public: 'owner admin' },
  'User.username': { public: EVERYONE },
  'Query.devMailbox': { public: NOBODY },
  'DevMail.text': { public: NOBODY },
  'Mutation.registerVerified': { public: NOBODY },
  'Mutation.changePassword': { public: SIGNED_IN },
  'Mutation.changeEmail': { public: SIGNED_IN },
  'Mutation.suppressMailAddress': { public: 'admin' },
  'Query.viewer': { public: SIGNED_IN },
  'User.isOnline': { public: SIGNED_IN },
  'User.isPresenceHidden': { public: 'owner' },
  'Query.blockedUsers': { public: SIGNED_IN },
  'Query.mutedUsers': { public: SIGNED_IN },
  'Query.notificationPreferences': { public: SIGNED_IN },

  // Sessions and keys are between the gateway and users.
  'Query.sessionState': { public: NOBODY },
  'Query.jsonWebKeySet': { public: NOBODY },
  'SessionState.role': { public: NOBODY },

  'Query.apiKeyState': { public: NOBODY },
  'ApiKeyState.scopes': { public: NOBODY },

  // One's own keys; what may be done with them is for sessions.
  'Query.apiKeys': { public: SIGNED_IN },
  'ApiKey.scopes': { public: SIGNED_IN },
  'ApiKeySecretPayload.secret': { public: SIGNED_IN },
  'Mutation.createApiKey': { public: SIGNED_IN },

  // What only those who look after the site do.
  'Query.auditLog': { public: 'admin' },
  'AuditEntry.actor': { public: 'admin' },
  'AuditEntry.address': { public: 'admin' },
  'AuditEntry.reason': { public: 'admin' },
  'Mutation.setUserRole': { public: 'admin' },
  'Mutation.suspendUser': { public: 'siteModerator admin' },
  'Mutation.reinstateUser': { public: 'siteModerator admin' },

  // A post: what is in a private community is for its people, a draft for its author, administrators not excepted.
  'Post.title': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.slug': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.html': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.excerpt': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.tags': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.markdown': { public: 'owner admin', private: 'owner admin', draft: 'owner' },
  'Post.revisions': { public: 'owner admin', private: 'owner admin', draft: 'owner' },
  'PostRevision.markdown': { public: 'owner admin', private: 'owner admin' },
  'PostRevision.reason': { public: 'owner admin', private: 'owner admin' },
  'Post.counts': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.comments': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Post.sentiment': { public: EVERYONE, private: INSIDERS, draft: NOBODY },
  'Post.related': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Query.posts': { public: EVERYONE, private: INSIDERS, draft: 'owner' },
  'Query.node': { public: EVERYONE, private: INSIDERS, draft: 'owner' },

  // What readers did.
  'Post.analytics': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Analytics.views': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Query.analytics': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Subscription.realtimeAnalytics': { public: 'owner moderator admin', private: 'owner moderator admin' },
  'Post.viewerVote': { public: SIGNED_IN, private: INSIDERS, draft: NOBODY },
  'Query.bookmarks': { public: SIGNED_IN, private: INSIDERS },
  'Query.homeFeed': { public: SIGNED_IN, private: INSIDERS },

  // A comment.
  'Comment.html': { public: EVERYONE, private: INSIDERS },
  'Comment.author': { public: EVERYONE, private: INSIDERS },
  'Comment.markdown': { public: 'owner admin', private: 'owner admin' },
  'Comment.sentiment': { public: EVERYONE, private: INSIDERS },
  'Query.comments': { public: EVERYONE, private: INSIDERS },
  'Subscription.newComment': { public: EVERYONE, private: INSIDERS },
  'Subscription.postUpdated': { public: EVERYONE, private: INSIDERS },

  // A community: its name, too, is for its people.
  'Community.name': { public: EVERYONE, private: INSIDERS },
  'Community.description': { public: EVERYONE, private: INSIDERS },
  'Community.rules': { public: EVERYONE, private: INSIDERS },
  'Community.members': { public: EVERYONE, private: INSIDERS },
  'CommunityMember.user': { public: EVERYONE, private: INSIDERS },
  'Query.communities': { public: EVERYONE, private: INSIDERS },

  // Search finds for nobody what they may not see.
  'Query.search': { public: EVERYONE, private: INSIDERS },
  'Query.suggest': { public: EVERYONE, private: INSIDERS },
  'Query.trendingPosts': { public: EVERYONE, private: INSIDERS },

  // Changes.
  'Mutation.createPost': { public: SIGNED_IN },
  'Mutation.updatePost': { public: 'owner', private: 'owner', draft: 'owner' },
  'Mutation.publishPost': { public: 'owner', private: 'owner', draft: 'owner' },
  'Mutation.deletePost': {
    public: 'owner moderator siteModerator admin',
    private: 'owner moderator admin',
    draft: 'owner',
  },
  'Mutation.editComment': { public: 'owner', private: 'owner' },
  'Mutation.deleteComment': { public: 'owner moderator siteModerator admin', private: 'owner moderator admin' },
  'Mutation.joinCommunity': { public: SIGNED_IN, private: INSIDERS },
  'Mutation.addCommunityMember': { public: 'owner moderator admin', private: 'owner moderator admin' },
  'Mutation.removeCommunityMember': { public: 'owner moderator admin', private: 'owner moderator admin' },
  'Mutation.vote': { public: SIGNED_IN, private: INSIDERS },
  'Mutation.trackEvent': { public: EVERYONE, private: INSIDERS },
};

export const seersIn = (seers: string): string[] => seers.split(' ').filter((role) => role !== '');
