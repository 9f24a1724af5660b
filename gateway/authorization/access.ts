import { refusal } from '../errors.ts';
import type { ViewerAccess } from './requirement.ts';

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

const noPolicies: ReadonlySet<string> = new Set();

/**
 * A viewer's access for one operation. Only the policies that it mentions are asked about; without a hook none holds.
 * @throws POLICY_CHECK_FAILED where the hook fails: a field is never given for want of an answer.
 */
export async function accessOf<V extends Authorizable>(
  viewer: V,
  mentioned: readonly string[],
  evaluatePolicies?: EvaluatePolicies<V>,
): Promise<ViewerAccess> {
  return {
    isAuthenticated: viewer.kind !== 'anonymous',
    scopes: new Set(viewer.scopes),
    policies:
      mentioned.length > 0 && evaluatePolicies ? await holding(viewer, mentioned, evaluatePolicies) : noPolicies,
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
