import { refusal } from '../errors.ts';
import type { Names, ViewerAccess } from './requirement.ts';

/** The part of a viewer that decides; a kit Viewer is one. */
export interface Authorizable {
  readonly kind: string;
  /** What the viewer's credentials are good for. */
  readonly scopes?: readonly string[];
}

/** The product's answer to `@policy`: which of the named policies hold for a viewer. */
export type EvaluatePolicies<V extends Authorizable> = (
  viewer: V,
  policies: readonly string[],
) => Promise<ReadonlySet<string>>;

/** The scopes a viewer holds: `all` where nothing narrows their credentials, as with a session. */
export type ScopesOf<V extends Authorizable> = (viewer: V) => readonly string[] | 'all';

/** What a product says of its viewers. */
export interface AccessHooks<V extends Authorizable> {
  readonly evaluatePolicies?: EvaluatePolicies<V> | undefined;
  /** Without it a viewer holds the scopes that they bring, and no others. */
  readonly scopesOf?: ScopesOf<V> | undefined;
}

const noPolicies: Names = new Set<string>();
const everyScope: Names = { has: () => true };
/** Most viewers are one of these two: what an operation leaves them is found out once. */
const SIGNED_IN: ViewerAccess = { isAuthenticated: true, scopes: everyScope, policies: noPolicies };
const SIGNED_OUT: ViewerAccess = { isAuthenticated: false, scopes: everyScope, policies: noPolicies };
export const isShared = (access: ViewerAccess): boolean => access === SIGNED_IN || access === SIGNED_OUT;

/**
 * A viewer's access for one operation. Only the policies that it mentions are asked about; without a hook none holds.
 * @throws POLICY_CHECK_FAILED where the hook fails: a field is never given for want of an answer.
 */
export async function accessOf<V extends Authorizable>(
  viewer: V,
  mentioned: readonly string[],
  { evaluatePolicies, scopesOf }: AccessHooks<V> = {},
): Promise<ViewerAccess> {
  const isAuthenticated = viewer.kind !== 'anonymous';
  const held = scopesOf ? scopesOf(viewer) : viewer.scopes;
  const asksPolicies = mentioned.length > 0 && evaluatePolicies !== undefined;
  if (held === 'all' && !asksPolicies) return isAuthenticated ? SIGNED_IN : SIGNED_OUT;
  return {
    isAuthenticated,
    scopes: held === 'all' ? everyScope : new Set(held),
    policies: asksPolicies ? await holding(viewer, mentioned, evaluatePolicies) : noPolicies,
  };
}

async function holding<V extends Authorizable>(
  viewer: V,
  mentioned: readonly string[],
  evaluatePolicies: EvaluatePolicies<V>,
): Promise<ReadonlySet<string>> {
  try {
    return await evaluatePolicies(viewer, mentioned);
  } catch (cause) {
    const error = refusal('POLICY_CHECK_FAILED', 'What you may see could not be found out: try again.', {
      status: 503,
    });
    throw Object.assign(error, { cause });
  }
}
