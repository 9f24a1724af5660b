import {
  EVERYONE,
  INSIDERS,
  NOBODY,
  type Seers,
  SIGNED_IN,
  UNBLOCKED,
  UNBLOCKED_INSIDERS,
  UNBLOCKED_SIGNED_IN,
} from './seers.ts';

/** The most sensitive fields of all, by hand and from the product's promises: at least forty. See `expectations.ts` for the rest. */
export const sensitive: Readonly<Record<string, Seers>> = {
  // What of a person is for few.
  'User.email': { public: 'owner admin' },
  'User.isEmailVerified': { public: 'owner admin' },
  'User.isOnline': { public: UNBLOCKED_SIGNED_IN },
  'User.isPresenceHidden': { public: 'owner' },
  'User.deletion': { public: 'owner' },
  'AccountDeletion.dueAt': { public: 'owner' },
  // Nobody here is suspended for long: `access.test.ts` asks of somebody who is.
  'User.suspension': { public: NOBODY },

  // One's own, and of nobody else there is a way to ask.
  'Query.sessions': { public: SIGNED_IN },
  'Session.address': { public: SIGNED_IN },
  'Query.loginHistory': { public: SIGNED_IN },
  'SignIn.address': { public: SIGNED_IN },
  'Query.secondFactor': { public: SIGNED_IN },
  'SecondFactor.recoveryCodesLeft': { public: SIGNED_IN },
  'Query.apiKeys': { public: SIGNED_IN },
  'ApiKey.scopes': { public: SIGNED_IN },
  'ApiKeySecretPayload.secret': { public: SIGNED_IN },
  'Query.dataExports': { public: SIGNED_IN },
  'Query.blockedUsers': { public: SIGNED_IN },
  'BlockedUser.username': { public: SIGNED_IN },
  'Query.mutedUsers': { public: SIGNED_IN },
  'Query.notificationPreferences': { public: SIGNED_IN },
  'Query.bookmarks': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS },

  // Between the gateway and users.
  'Query.devMailbox': { public: NOBODY },
  'DevMail.text': { public: NOBODY },
  'Query.sessionState': { public: NOBODY },
  'SessionState.role': { public: NOBODY },
  'Query.apiKeyState': { public: NOBODY },
  'ApiKeyState.scopes': { public: NOBODY },
  'Query.dataExportPiece': { public: NOBODY },
  'DataExportPiece.base64': { public: NOBODY },

  // Who did what.
  'Query.auditLog': { public: 'admin' },
  'AuditEntry.actor': { public: 'admin' },
  'AuditEntry.address': { public: 'admin' },
  'AuditEntry.reason': { public: 'admin' },

  // Sources, earlier versions, and drafts, which are the author's alone, administrators not excepted.
  'Query.node': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.markdown': { public: 'owner admin', private: 'owner admin', draft: 'owner' },
  'Post.revisions': { public: 'owner admin', private: 'owner admin', draft: 'owner' },
  'PostRevision.markdown': { public: 'owner admin', private: 'owner admin' },
  'PostRevision.reason': { public: 'owner admin', private: 'owner admin' },
  'Comment.markdown': { public: 'owner admin', private: 'owner admin' },

  // What readers did.
  'Post.analytics': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Analytics.views': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Analytics.uniqueViewers': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Query.analytics': { public: 'owner moderator admin', private: 'owner moderator admin', draft: 'owner' },
  'Subscription.realtimeAnalytics': { public: 'owner moderator admin', private: 'owner moderator admin' },

  // A private community: its name, too, is for its people. A member whom the author has blocked stays one.
  'Query.communities': { public: EVERYONE, private: INSIDERS },
  'Community.name': { public: EVERYONE, private: INSIDERS },
  'Community.description': { public: EVERYONE, private: INSIDERS },
  'Community.rules': { public: EVERYONE, private: INSIDERS },
  'Community.members': { public: EVERYONE, private: INSIDERS },
  'CommunityMember.user': { public: EVERYONE, private: INSIDERS },
};
