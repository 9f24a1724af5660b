/** What an API key may be good for, as `@requiresScopes` names it throughout the graph. */
export const scopes = {
  'posts:read': 'Read posts, revisions of one’s own among them.',
  'posts:write': 'Write, publish and delete posts.',
  'comments:read': 'Read comments.',
  'comments:write': 'Write and delete comments.',
  'votes:write': 'Vote on posts and comments.',
  'bookmarks:read': 'Read one’s bookmarks.',
  'bookmarks:write': 'Keep posts and drop them.',
  'communities:read': 'Read communities and who is in them.',
  'communities:write': 'Make, join, leave and look after communities.',
  'users:read': 'Look people up, and whom they follow.',
  'profile:read': 'Read one’s own address.',
  'profile:write': 'Change one’s own profile.',
  'follows:write': 'Follow people.',
  'feed:read': 'Read one’s feed.',
  'search:read': 'Search.',
  'analytics:read': 'Read what readers do with one’s posts.',
  'views:write': 'Note views and other events of readers.',
  'messages:read': 'Read one’s messages.',
  'messages:write': 'Write messages.',
  moderation: 'Do what a moderator of the site may; for moderators and administrators.',
  admin: 'Do what an administrator may; for administrators.',
} as const;

export type Scope = keyof typeof scopes;
export const isScope = (name: string): name is Scope => Object.hasOwn(scopes, name);

/** Whoever changes something reads what came of it. */
const implied: Partial<Record<Scope, readonly Scope[]>> = {
  'posts:write': ['posts:read'],
  'comments:write': ['comments:read'],
  'bookmarks:write': ['bookmarks:read'],
  'communities:write': ['communities:read'],
  'profile:write': ['profile:read'],
  'messages:write': ['messages:read'],
  admin: ['moderation'],
};

/** The roles of which a scope is part: without one it is everybody's. */
const rolesFor: Partial<Record<Scope, readonly string[]>> = { moderation: ['moderator', 'admin'], admin: ['admin'] };

/** Whether somebody of this role may give a key this scope. */
export const isForRole = (scope: Scope, role: string): boolean => rolesFor[scope]?.includes(role) ?? true;

/** What a key with these scopes is good for, now that its owner has this role: never for more than they are. */
export function effectiveScopes(granted: readonly string[], role: string): readonly Scope[] {
  const held = granted.filter(isScope).flatMap((scope) => [scope, ...(implied[scope] ?? [])]);
  return [...new Set(held)].filter((scope) => isForRole(scope, role)).sort();
}

/** The role a key acts in: its owner's only where it was made for that. */
export function roleOfKey(held: readonly Scope[], role: string): string {
  if (role === 'admin' && held.includes('admin')) return 'admin';
  return role !== 'user' && held.includes('moderation') ? 'moderator' : 'user';
}
