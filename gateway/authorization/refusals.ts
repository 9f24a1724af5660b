import { GraphQLError, Kind, type DirectiveNode, type FieldNode } from 'graphql';
import type { RequirementKind } from './requirement.ts';
import type { Guard, SetStep } from './steps.ts';

export interface Refused {
  /** Response names from the root. */
  readonly path: readonly string[];
  /** `path` as far as the first list: which of its elements are meant has no index. */
  readonly errorPath: readonly string[];
  /** `Type.field`, the type being the one it was selected on. */
  readonly coordinate: string;
  /** What the viewer lacks; where it is several things, the first of these to see to. */
  readonly kind: RequirementKind;
  /** The @skip and @include around it. */
  readonly conditions: readonly DirectiveNode[];
  readonly node: FieldNode;
}

/** Fragments can make a short operation mention a field millions of times: no client reads that many errors. */
export const MAX_REPORTED = 100;

/** The topmost refused fields, in document order, MAX_REPORTED of them at most. */
export function refusalsIn(root: SetStep, lacking: (guard: Guard) => RequirementKind | null): readonly Refused[] {
  const refused: Refused[] = [];
  const mayRefuse = new Map<SetStep, boolean>();
  /** Keeps the walk to where it finds something. */
  const isWorthwhile = (set: SetStep): boolean => {
    let is = mayRefuse.get(set);
    if (is === undefined) {
      is = set.steps.some(
        (step) =>
          ('guard' in step && step.guard !== null && lacking(step.guard) !== null) ||
          (step.inner?.isGuarded === true && isWorthwhile(step.inner)),
      );
      mayRefuse.set(set, is);
    }
    return is;
  };
  const walk = (set: SetStep, at: Pick<Refused, 'path' | 'errorPath' | 'conditions'>, isInList: boolean): void => {
    for (const step of isWorthwhile(set) ? set.steps : []) {
      if (refused.length >= MAX_REPORTED) return;
      const conditions = [...at.conditions, ...(step.node.directives ?? []).filter(isCondition)];
      if (!('guard' in step)) {
        walk(step.inner, { ...at, conditions }, isInList);
        continue;
      }
      const { node, coordinate, guard, inner, isList } = step;
      const name = node.alias?.value ?? node.name.value;
      const path = [...at.path, name];
      const errorPath = isInList ? at.errorPath : path;
      const kind = guard && lacking(guard);
      if (kind) refused.push({ path, errorPath, coordinate, kind, conditions, node });
      else if (inner) walk(inner, { path, errorPath, conditions }, isInList || isList);
    }
  };
  walk(root, { path: [], errorPath: [], conditions: [] }, false);
  return refused;
}

const isCondition = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

const REASONS: Readonly<Record<RequirementKind, (coordinate: string) => string>> = {
  authenticated: (coordinate) => `${coordinate} is for signed-in viewers: sign in to see it.`,
  scopes: (coordinate) => `${coordinate} needs a scope that you do not have: ask for credentials with it.`,
  policies: (coordinate) => `${coordinate} is held back by a policy that you do not meet.`,
};

/**
 * The errors beside an answer in which refused fields are null, one for each place; fields that @skip or @include leave
 * out give none.
 * @param variables Coerced, defaults filled in.
 */
export function errorsFor(
  refused: readonly Refused[],
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] {
  const errors = new Map<string, GraphQLError>();
  for (const { path, errorPath, coordinate, kind, conditions, node } of refused) {
    const key = JSON.stringify([path, coordinate]);
    if (errors.has(key) || !conditions.every((condition) => isSelected(condition, variables))) continue;
    errors.set(
      key,
      new GraphQLError(REASONS[kind](coordinate), {
        nodes: node,
        path: errorPath,
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', coordinate },
      }),
    );
  }
  return [...errors.values()];
}

function isSelected({ name, arguments: given }: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const value = given?.find((argument) => argument.name.value === 'if')?.value;
  const isTrue =
    value?.kind === Kind.VARIABLE ? variables[value.name.value] === true : value?.kind === Kind.BOOLEAN && value.value;
  return isTrue === (name.value === 'include');
}
