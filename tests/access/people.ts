/** Everybody who asks in these tests. */
export const people = [
  'anonymous',
  'stranger',
  'author',
  'founder',
  'blocked',
  'member',
  'moderator',
  'siteModerator',
  'admin',
] as const;
export type Person = (typeof people)[number];

/**
 * The columns of the matrix: `moderator` is one of the communities, `siteModerator` one of the whole site. Who the owner is
 * depends on what is asked for: see `personOf`. `blocked` is a member of the communities whom the author has blocked.
 */
export const roles = [
  'anonymous',
  'stranger',
  'owner',
  'blocked',
  'member',
  'moderator',
  'siteModerator',
  'admin',
] as const;
export type Role = (typeof roles)[number];

/** Posts, comments and profiles belong to the author, who is a plain member of the communities; those belong to their founder. */
export type Owner = 'author' | 'founder';

export const personOf = (role: Role, belongsTo: Owner): Person => (role === 'owner' ? belongsTo : role);

/** The same kind of object where everyone, where a private community's people, and where only its author may see it. */
export const instances = ['public', 'private', 'draft'] as const;
export type Instance = (typeof instances)[number];

const insiders: readonly Role[] = ['owner', 'blocked', 'member', 'moderator', 'admin'];

/** By what kind of object it is; what a block hides besides is in `blocks.ts`. */
export function isVisibleTo(role: Role, instance: Instance): boolean {
  if (instance === 'public') return true;
  return instance === 'private' ? insiders.includes(role) : role === 'owner';
}

/** What one cell of the matrix is asked for. */
export interface Case {
  readonly role: Role;
  readonly person: Person;
  readonly instance: Instance;
}
