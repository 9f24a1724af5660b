/** What a key must be good for, through the gateway and past it; null where no key ever is. */
type Takes = readonly [gateway: string | null, subgraph: string | null];

const everywhere = (scopes: string): Takes => [scopes, scopes];
/** On a person: whoever comes by the gateway has looked the person up before. */
const ofPerson = (scopes: string): Takes => [`users:read ${scopes}`, scopes];
const never: Takes = [null, null];

/** For whom they are is said by hand in `expectations.ts`; here what a key of theirs takes, by hand as well. */
export const takes: Readonly<Record<string, Takes>> = {
  // One's own address and account.
  'User.email': ofPerson('profile:read'),
  'User.isEmailVerified': ofPerson('profile:read'),
  'User.isPresenceHidden': ofPerson('profile:read'),
  'User.deletion': ofPerson('profile:read'),
  'AccountDeletion.dueAt': ofPerson('profile:read'),
  'User.suspension': ofPerson('moderation'),
  'Query.blockedUsers': everywhere('profile:read'),
  'BlockedUser.username': everywhere('profile:read'),
  'Query.mutedUsers': everywhere('profile:read'),
  'Query.notificationPreferences': everywhere('profile:read'),

  // What is done with sessions, keys, passwords and archives is for sessions.
  'Query.sessions': never,
  'Session.address': never,
  'Query.loginHistory': never,
  'SignIn.address': never,
  'Query.secondFactor': never,
  'SecondFactor.recoveryCodesLeft': never,
  'Query.apiKeys': never,
  'ApiKey.scopes': never,
  'Mutation.createApiKey': never,
  'ApiKeySecretPayload.secret': never,
  'Query.dataExports': never,
  'Mutation.changePassword': never,
  'Mutation.changeEmail': never,
  'Query.devMailbox': never,
  'DevMail.text': never,
  'Query.sessionState': never,
  'SessionState.role': never,
  'Query.apiKeyState': never,
  'ApiKeyState.scopes': never,
  'Query.dataExportPiece': never,
  'DataExportPiece.base64': never,

  // Who did what, and what is done to others.
  'Query.auditLog': everywhere('admin'),
  'AuditEntry.actor': everywhere('admin'),
  'AuditEntry.address': everywhere('admin'),
  'AuditEntry.reason': everywhere('admin'),
  'Mutation.setUserRole': everywhere('admin'),
  'Mutation.suspendUser': everywhere('moderation'),
  'Mutation.reinstateUser': everywhere('moderation'),

  // Drafts, sources and earlier versions.
  'Query.node': everywhere('comments:read communities:read posts:read users:read'),
  'Query.posts': everywhere('posts:read'),
  'Post.title': everywhere('posts:read'),
  'Post.markdown': everywhere('posts:read'),
  'Post.revisions': everywhere('posts:read'),
  'PostRevision.markdown': everywhere('posts:read'),
  'PostRevision.reason': everywhere('posts:read'),
  'Comment.markdown': everywhere('comments:read'),
  'Bookmark.post': everywhere('bookmarks:read posts:read'),

  // What readers did.
  'Post.analytics': everywhere('posts:read analytics:read'),
  'Analytics.views': everywhere('analytics:read'),
  'Analytics.uniqueViewers': everywhere('analytics:read'),
  'Query.analytics': everywhere('analytics:read'),
  'Subscription.realtimeAnalytics': everywhere('analytics:read'),

  // A private community.
  'Query.communities': everywhere('communities:read'),
  'Community.name': everywhere('communities:read'),
  'Community.description': everywhere('communities:read'),
  'Community.rules': everywhere('communities:read'),
  'Community.members': everywhere('communities:read'),
  'CommunityMember.user': everywhere('communities:read'),
};
