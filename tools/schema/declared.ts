import { type AccessMatrix, OBJECT } from './access.ts';

/**
 * What is open, by hand: a field that has no rule of its own, and is not here, fails the build, so that nobody opens one
 * without meaning to. Whoever may see the object sees these of it.
 */
const open: Readonly<Record<string, string>> = {
  AccountDeletion: 'dueAt id mode requestedAt',
  Analytics:
    'bookmarks byDay comments dislikes down engagementRate lastViewedAt likes post postId score shares uniqueViewers up views',
  ApiKey: 'createdAt expiresAt id lastUsedAt name previousUntil revokedAt rotatedAt scopes usesCount',
  ApiKeyState: 'id isUnverified role scopes userId',
  AuditEntry: 'action actor actorKey address id occurredAt reason subjectId subjectKey userAgent via',
  BlockedUser: 'blockedAt id name username',
  Bookmark: 'id post savedAt',
  Comment:
    'author counts createdAt depth editedAt html id isDeleted nodeId parent post replies repliesCount sentiment viewerVote',
  Community: 'createdAt description id isPrivate members membersCount name nodeId owner rules viewerRole',
  CommunityMember: 'joinedAt role user',
  DataExport: 'expiresAt id readyAt requestedAt size status',
  DataExportPiece: 'base64 fileName pieces size',
  DayPoint: 'day interactions views',
  DeletionCount: 'count name',
  DeletionReceipt: 'dueAt finishedAt id mode requestedAt status steps',
  DeletionStep: 'counts finishedAt phase subgraph',
  DevMail: 'html id keptAt subject text to',
  Emotions: 'anger disgust fear joy sadness surprise',
  FeedItem: 'post publishedAt reason',
  LoginChallenge: 'expiresAt kinds token',
  NotificationPreference: 'channel isEnabled isFixed kind',
  Place: 'city country',
  Post: 'author comments community counts createdAt excerpt html id nodeId publishedAt readingMinutes related sentiment slug status tags title updatedAt version viewerHasBookmarked viewerVote',
  PostCounts: 'bookmarks comments down score up views',
  PostRevision: 'editor markdown number reason savedAt tags title',
  SearchFacet: 'count kind',
  SearchHighlight: 'field html',
  SearchResult: 'highlights kind node score',
  SecondFactor: 'enabledAt isEnabled recoveryCodesLeft',
  Sentiment: 'analysedAt confidence emotions label modelVersion score',
  Session: 'address device expiresAt id isCurrent lastUsedAt place startedAt userAgent',
  SessionState: 'id isUnverified role userId',
  SignIn: 'address at device id outcome place reasons score userAgent',
  Suggestion: 'kind node text',
  Suspension: 'reason suspendedAt until',
  Trend: 'post reason score',
  User: 'avatarId bio followers followersCount following followingCount id isFollowedByViewer isMutedByViewer joinedAt name nodeId role username',
  VoteCounts: 'down score up',
};

/** Root fields that take a session, or none: no API key is good for them. All others say their scopes. */
const sessionOnly: Readonly<Record<string, string>> = {
  Query: 'apiKeys dataExports deletionReceipt loginHistory secondFactor sessions',
  Mutation: `cancelDeletion changeEmail changePassword completeLogin confirmEmailChange confirmTotp createApiKey
    deleteAccount disableTotp endSession login logout logoutEverywhere refreshSession regenerateRecoveryCodes register
    releaseMailAddress requestDataExport requestPasswordReset resendVerification resetPassword revokeApiKey rotateApiKey
    startTotpSetup suppressMailAddress unsubscribeFromMail verifyEmail`,
  Subscription: '',
};

/** Types that only hold what is declared elsewhere together. */
const isEnvelope = (type: string): boolean => /(Payload|Connection|Edge)$|^(PageInfo|UserError)$/.test(type);

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const listed = (lists: Readonly<Record<string, string>>, type: string, field: string): boolean =>
  (lists[type] ?? '').split(/\s+/).includes(field);

/** Fields that nobody has declared, and declarations of what is no more, each as a sentence that says what to do. */
export function declarationProblems(matrix: AccessMatrix): readonly string[] {
  const problems = Object.entries(matrix).flatMap(([entry, { rule, scopes = [] }]) => {
    const [type = '', field = ''] = entry.split('.');
    if (ROOTS.has(type)) {
      const isForSessions = listed(sessionOnly, type, field);
      if (scopes.length > 0) return isForSessions ? [`${entry} takes scopes: it is not only for sessions.`] : [];
      if (isForSessions || rule === 'the gateway') return [];
      return [`${entry} says no scopes: give it @requiresScopes, or list it as for sessions in declared.ts.`];
    }
    if (rule !== OBJECT || isEnvelope(type)) return [];
    return listed(open, type, field) ? [] : [`${entry} has no rule: give it one, or list it as open in declared.ts.`];
  });
  return [...problems, ...[...stale(matrix, open), ...stale(matrix, sessionOnly)]];
}

const stale = (matrix: AccessMatrix, lists: Readonly<Record<string, string>>): string[] =>
  Object.entries(lists).flatMap(([type, fields]) =>
    fields
      .split(/\s+/)
      .filter((field) => field !== '' && !matrix[`${type}.${field}`])
      .map((field) => `declared.ts lists ${type}.${field}, which does not exist.`),
  );
