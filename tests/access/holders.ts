import type { Credentials } from './doors.ts';
import { type Case, type Owner, type Person, personOf, type Role, roles } from './people.ts';

/** A column of the matrix: a role, and what they come with. */
export interface Holder {
  readonly name: string;
  /** As which role they are answered: an administrator whose key is for less is nobody in particular. */
  readonly role: Role;
  readonly personFor: (belongsTo: Owner) => Person;
  /** What their key is good for; null for a session, which is good for all that its person may do. */
  readonly held: ReadonlySet<string> | null;
  /** In place of the person's usual session. */
  readonly as: (belongsTo: Owner) => Credentials | undefined;
  /** Whether the gateway lets nobody in who comes with it, as of the suspended. */
  readonly isOut: boolean;
  /** What they are asked for: not everything, where another holder's answers say as much. */
  readonly asks: (source: string) => boolean;
}

export interface HeldCase extends Case {
  readonly holder: Holder;
  readonly as: Credentials | undefined;
}

/** Of a subgraph's objects, through `_entities`. */
export const isOfObjects = (source: string): boolean => / by \S+$/.test(source);

/** Every role, by a session. */
export const sessions: readonly Holder[] = roles.map((role) => ({
  name: role,
  role,
  personFor: (belongsTo) => personOf(role, belongsTo),
  held: null,
  as: () => undefined,
  isOut: false,
  asks: () => true,
}));
