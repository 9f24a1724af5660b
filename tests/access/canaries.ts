import { randomBytes } from 'node:crypto';
import type { Person } from './people.ts';

const UNBLOCKED: readonly Person[] = [
  'anonymous',
  'stranger',
  'author',
  'founder',
  'member',
  'moderator',
  'siteModerator',
  'admin',
];
/** Of the private community; whom the author has blocked is one of them, and sees what is not the author's. */
const MEMBERS: readonly Person[] = ['author', 'founder', 'blocked', 'member', 'moderator', 'admin'];
const INSIDERS: readonly Person[] = ['author', 'founder', 'member', 'moderator', 'admin'];
const WRITERS: readonly Person[] = ['author', 'admin'];
const AUTHOR: readonly Person[] = ['author'];
const NOBODY: readonly Person[] = [];

/** Every canary with the people who may read it, by hand: what nobody lists nobody reads. */
export const canaries = {
  strangerEmail: ['stranger', 'admin'],
  authorEmail: ['author', 'admin'],
  founderEmail: ['founder', 'admin'],
  blockedEmail: ['blocked', 'admin'],
  memberEmail: ['member', 'admin'],
  moderatorEmail: ['moderator', 'admin'],
  siteModeratorEmail: ['siteModerator', 'admin'],
  adminEmail: ['admin'],

  privateCommunityName: MEMBERS,
  privateCommunityDescription: MEMBERS,
  privateCommunityRules: MEMBERS,

  authorName: UNBLOCKED,
  authorBio: UNBLOCKED,
  publicBody: UNBLOCKED,
  publicTag: UNBLOCKED,
  publicThreadText: UNBLOCKED,
  publicCommentText: UNBLOCKED,
  elsewhereText: UNBLOCKED,

  publicMarkdown: WRITERS,
  publicEarlierTitle: WRITERS,
  publicEarlierBody: WRITERS,
  publicEarlierTag: WRITERS,
  publicReason: WRITERS,
  privateTitle: INSIDERS,
  privateBody: INSIDERS,
  privateTag: INSIDERS,
  privateMarkdown: WRITERS,
  privateEarlierTitle: WRITERS,
  privateEarlierBody: WRITERS,
  privateEarlierTag: WRITERS,
  privateReason: WRITERS,
  draftTitle: AUTHOR,
  draftBody: AUTHOR,
  draftTag: AUTHOR,
  draftMarkdown: AUTHOR,
  draftEarlierTitle: AUTHOR,
  draftEarlierBody: AUTHOR,
  draftEarlierTag: AUTHOR,
  draftReason: AUTHOR,
  deletedTitle: NOBODY,
  deletedBody: NOBODY,

  publicCommentMarkdown: WRITERS,
  publicCommentEarlier: NOBODY,
  publicCommentDeleted: NOBODY,
  privateCommentText: INSIDERS,
  privateCommentMarkdown: WRITERS,
  privateCommentEarlier: NOBODY,
  privateCommentDeleted: NOBODY,
  privateThreadText: INSIDERS,

  vaultEmail: ['admin'],
  passwordHash: NOBODY,
  currentSession: NOBODY,
  previousSession: NOBODY,
  userAgent: NOBODY,
  sessionDevice: NOBODY,
  sessionAddress: NOBODY,
  sessionPlace: NOBODY,
  signInDevice: NOBODY,
  signInAgent: NOBODY,
  signInAddress: NOBODY,
  signInNetwork: NOBODY,
  signInPlace: NOBODY,
  factorSecret: NOBODY,
  recoveryHash: NOBODY,
  challengeHash: NOBODY,
  signingKey: NOBODY,
  tokenHash: NOBODY,
  tokenData: NOBODY,
  changedEmail: NOBODY,
  mailAddress: NOBODY,
  mailData: NOBODY,
  mailAddressHash: NOBODY,
  mailboxAddress: NOBODY,
  mailboxSubject: NOBODY,
  mailboxText: NOBODY,
  mailboxHtml: NOBODY,
  suppressedHash: NOBODY,
  suppressedReason: NOBODY,
  mailSecret: NOBODY,
  suspensionReason: ['admin', 'siteModerator'],
  exportPart: NOBODY,
  exportChunk: NOBODY,
  leaverName: NOBODY,
  leaverAddress: NOBODY,
  receiptHash: NOBODY,
  forgottenWord: NOBODY,
  apiKeyName: NOBODY,
  apiKeyHash: NOBODY,
  apiKeyPrevious: NOBODY,
  auditSecret: NOBODY,
  auditOrigin: ['admin'],
  auditReason: ['admin'],
  importedFrom: NOBODY,
  trackedViewer: NOBODY,
  countedViewer: NOBODY,
  viewerSecret: NOBODY,
  outboxPayload: NOBODY,
  outboxActor: NOBODY,
  outboxAggregate: NOBODY,
  outboxRequest: NOBODY,
  letterEnvelope: NOBODY,
  letterError: NOBODY,
  idempotencyActor: NOBODY,
  idempotencyKey: NOBODY,
  idempotencyHash: NOBODY,
  idempotencyAnswer: NOBODY,
  jobInput: NOBODY,
  jobOutput: NOBODY,
} as const satisfies Record<string, readonly Person[]>;

export type Canary = keyof typeof canaries;

/** Letters and digits in lower case: it stays whole in a slug, a tag, a search index and a column that folds. */
export const MARK = `cnry${randomBytes(2).toString('hex')}`;
// Ends with a digit that no name has, so that no word is the beginning of another, and no stemmer shortens it.
export const word = (canary: Canary): string => `${MARK}${canary.toLowerCase()}0`;

/** The same as other columns hold it. */
export const bytes = (canary: Canary): Buffer => Buffer.from(word(canary));
export const jsonOf = (canary: Canary): string => JSON.stringify({ note: word(canary) });

const byWord = new Map((Object.keys(canaries) as Canary[]).map((canary) => [word(canary), canary]));
const WORDS = new RegExp(`${MARK}[a-z]+0`, 'gi');

/** The canaries in a text that this person may not read. */
export function forbiddenIn(text: string, person: Person): string[] {
  return [...wordsIn(text)].flatMap((match) => {
    const canary = byWord.get(match);
    if (!canary) return [`${match}, which is no canary`];
    const readers: readonly Person[] = canaries[canary];
    return readers.includes(person) ? [] : [canary];
  });
}

/** Bytes as an API may write them. */
export const writtenAs = (bytes: Buffer): string[] => [
  bytes.toString('hex'),
  bytes.toString('base64').replace(/=+$/, ''),
  bytes.toString('base64url'),
];

/** The canaries of all texts together, whoever may read them. */
export const wordsIn = (text: string): Set<string> =>
  new Set([...text.matchAll(WORDS)].map(([match]) => match.toLowerCase()));
