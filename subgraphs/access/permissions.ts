import type { Context } from 'kit/context';
import type { Id } from 'kit/ids';
import { defineRule, type Rule, signedIn } from 'kit/rules';
import type { Viewer } from 'kit/viewer';

/** Roles on the whole site, the least first. */
export const siteRoles = ['user', 'moderator', 'admin'] as const;
export type SiteRole = (typeof siteRoles)[number];

/** 0 for a plain person; -1 for what is no role of the site. */
export const rankOf = (role: string): number => (siteRoles as readonly string[]).indexOf(role);

/** By what somebody may do something: it is theirs, they look after the community it is in, or their role on the site. */
type Title = 'owner' | 'communityModerator' | 'moderator' | 'admin';

/** Everything that not everybody who is signed in may do, and by which titles. What is not here nobody may. */
const permissions = {
  'user.readAddress': ['owner', 'admin'],
  'user.readSuspension': ['moderator', 'admin'],
  'user.readHistory': ['owner', 'admin'],
  'user.setRole': ['admin'],
  'user.suspend': ['moderator', 'admin'],
  'user.readUnverified': ['owner', 'admin'],
  /** Seeing people and what they write in spite of a block. */
  'user.lookPastBlocks': ['moderator', 'admin'],
  'audit.read': ['admin'],
  'mail.manage': ['admin'],

  'post.readSource': ['owner', 'admin'],
  'post.readAnalytics': ['owner', 'communityModerator', 'admin'],
  'post.edit': ['owner'],
  'post.delete': ['owner', 'communityModerator', 'moderator', 'admin'],
  'post.import': ['admin'],
  'comment.readSource': ['owner', 'admin'],
  'comment.edit': ['owner'],
  'comment.delete': ['owner', 'communityModerator', 'moderator', 'admin'],
  'community.readPrivate': ['admin'],
  'community.moderate': ['communityModerator', 'admin'],
} as const satisfies Readonly<Record<string, readonly Title[]>>;

export type Action = keyof typeof permissions;
type TitlesOf<Asked extends Action> = (typeof permissions)[Asked][number];

/** What must be known of the object an action is about, as far as a title depends on it. */
export type Subject<Asked extends Action> = ('owner' extends TitlesOf<Asked>
  ? { readonly ownerId: Id | null }
  : unknown) &
  ('communityModerator' extends TitlesOf<Asked> ? { readonly isModerated: boolean } : unknown);

type About<Asked extends Action> = unknown extends Subject<Asked> ? [] : [subject: Subject<Asked>];

interface AnySubject {
  readonly ownerId?: Id | null;
  /** Whether the viewer looks after the community that it is in. */
  readonly isModerated?: boolean;
}

/** Whether the viewer may do it. The subgraph's own work may do everything. */
export function can<Asked extends Action>(viewer: Viewer, action: Asked, ...[subject]: About<Asked>): boolean {
  if (viewer.kind === 'system') return true;
  if (viewer.kind !== 'user') return false;
  const about: AnySubject = (subject as AnySubject | undefined) ?? {};
  return permissions[action].some((title: Title) => {
    if (title === 'owner') return about.ownerId != null && about.ownerId === viewer.userId;
    return title === 'communityModerator' ? about.isModerated === true : viewer.role === title;
  });
}

/** Nobody acts on a person of a higher role; on one of their own role administrators alone. */
export const mayActOn = (role: string, otherRole: string): boolean =>
  rankOf(role) > rankOf(otherRole) || (role === 'admin' && otherRole === 'admin');

const WORDS: Readonly<Record<Title, string>> = {
  owner: 'whose it is',
  communityModerator: 'moderators of the community',
  moderator: 'moderators',
  admin: 'administrators',
};
/** The columns of the role × field matrix. */
const COLUMNS: Readonly<Record<Title, string>> = {
  owner: 'owner',
  communityModerator: 'moderator',
  moderator: 'siteModerator',
  admin: 'admin',
};

function ruleOf(action: Action, check: Rule['check']): Rule {
  const titles: readonly Title[] = permissions[action];
  return defineRule(
    titles.map((title) => WORDS[title]).join(', '),
    titles.map((title) => COLUMNS[title]),
    check,
  );
}

/** The rule of a field that is about the object it is on, or about none. */
export const permitted = <Asked extends Action, Parent = unknown>(
  action: Asked,
  ...[subjectOf]: unknown extends Subject<Asked>
    ? []
    : [subjectOf: (ctx: Context, parent: Parent) => Subject<Asked> | Promise<Subject<Asked>>]
): Rule =>
  ruleOf(action, (ctx, parent: Parent) => {
    const decide = (subject: AnySubject): boolean => can(ctx.viewer, action, ...([subject] as unknown as About<Asked>));
    const subject = (subjectOf?.(ctx, parent) ?? {}) as AnySubject | Promise<AnySubject>;
    return subject instanceof Promise ? subject.then(decide) : decide(subject);
  });

/** The rule of a mutation about an object: at the door one must be signed in; whose it is, the action sees when it reads it. */
export const decidedByAction = (action: Action): Rule => ruleOf(action, signedIn.check);
