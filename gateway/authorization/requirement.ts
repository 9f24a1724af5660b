import { dnfConjunction } from '@apollo/federation-internals';

/** In the order in which a refusal names them: who is not signed in is told that first. */
export type RequirementKind = 'authenticated' | 'scopes' | 'policies';

/** What one directive asks of a viewer. Several of them on one thing must all hold. */
export interface Requirement {
  readonly kind: RequirementKind;
  /** Sets of names, one of which must be held whole; `authenticated` names nothing. */
  readonly anyOf: readonly (readonly string[])[];
  /** The same for requirements that ask the same. */
  readonly id: string;
}

/** Names that are held; there may be no end of them. */
export type Names = Pick<ReadonlySet<string>, 'has'>;

/** What a viewer brings: a snapshot taken once per request. */
export interface ViewerAccess {
  readonly isAuthenticated: boolean;
  readonly scopes: Names;
  /** Those that hold, of the ones the operation mentions. */
  readonly policies: Names;
}

export const authenticated: Requirement = { kind: 'authenticated', anyOf: [[]], id: 'authenticated' };

/** `@requiresScopes` and `@policy`: an OR of ANDs. */
export function requirementOf(kind: 'scopes' | 'policies', lists: readonly (readonly string[])[]): Requirement {
  const anyOf = lists.map((names) => [...new Set(names)].sort());
  return { kind, anyOf, id: `${kind}:${JSON.stringify(anyOf.map((names) => JSON.stringify(names)).sort())}` };
}

/** As composition reads them: no alternative, or one that names nothing, asks nothing. */
export const isVoid = ({ kind, anyOf }: Requirement): boolean =>
  kind !== 'authenticated' && (anyOf.length === 0 || anyOf.some((names) => names.length === 0));

export function isMet({ kind, anyOf }: Requirement, access: ViewerAccess): boolean {
  if (kind === 'authenticated') return access.isAuthenticated;
  return anyOf.some((names) => names.every((name) => access[kind].has(name)));
}

/** Whether whoever meets all of `given` meets `wanted` too. */
export function isImplied(given: readonly Requirement[], wanted: Requirement): boolean {
  const same = given.filter(({ kind }) => kind === wanted.kind);
  if (wanted.kind === 'authenticated' || same.length === 0) return same.length > 0;
  if (same.some(({ id }) => id === wanted.id)) return true;
  const together = dnfConjunction(same.map(({ anyOf }) => anyOf.map((names) => [...names])));
  return together.every((held) => wanted.anyOf.some((names) => names.every((name) => held.includes(name))));
}
