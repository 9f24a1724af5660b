import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './document.ts';
import type { Possible, Reach } from './reach.ts';
import type { Requirement } from './requirement.ts';

/** What a field asks. Fields that ask the same share one. */
export interface Guard {
  readonly requirements: readonly Requirement[];
}

export interface FieldStep {
  readonly node: FieldNode;
  /** `Type.field`, the type being the one it is selected on. */
  readonly coordinate: string;
  readonly guard: Guard | null;
  readonly isList: boolean;
  readonly inner: SetStep | null;
}

/** A spread stands for its fragment as it is there: what is possible inside depends on where it is spread. */
export interface FragmentStep {
  readonly node: InlineFragmentNode | FragmentSpreadNode;
  readonly condition: NamedTypeNode | undefined;
  readonly inner: SetStep;
}

export interface SetStep {
  readonly node: SelectionSetNode;
  readonly steps: readonly (FieldStep | FragmentStep)[];
  /** Whether anything in it asks for anything. */
  readonly isGuarded: boolean;
}

export interface SelectionSteps {
  readonly root: SetStep;
  readonly guards: readonly Guard[];
}

interface Building {
  readonly schema: GraphQLSchema;
  readonly reach: Reach;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly guards: Map<string, Guard>;
  /** A fragment is walked once for each set of types that is possible in it, however often it is spread. */
  readonly spread: Map<string, SetStep>;
}

/**
 * Walks a selection set of a validated document and notes what each of its fields asks.
 * @param type The type it is selected on.
 */
export function stepsOf(
  schema: GraphQLSchema,
  reach: Reach,
  type: string,
  { set, document }: { readonly set: SelectionSetNode; readonly document: DocumentNode },
): SelectionSteps {
  const fragments = fragmentsOf(document);
  const building: Building = { schema, reach, fragments, guards: new Map(), spread: new Map() };
  const root = setStep(building, set, type, reach.possibleTypes(type));
  return { root, guards: [...building.guards.values()] };
}

function setStep(building: Building, node: SelectionSetNode, type: string, possible: Possible): SetStep {
  const steps = node.selections.map((selection) => {
    if (selection.kind === Kind.FIELD) return fieldStep(building, selection, type, possible);
    return selection.kind === Kind.INLINE_FRAGMENT
      ? inlineStep(building, selection, type, possible)
      : spreadStep(building, selection, possible);
  });
  const isGuarded = steps.some((step) => ('guard' in step && step.guard !== null) || step.inner?.isGuarded === true);
  return { node, steps, isGuarded };
}

function fieldStep(building: Building, node: FieldNode, type: string, possible: Possible): FieldStep {
  const name = node.name.value;
  const coordinate = `${type}.${name}`;
  const parent = building.schema.getType(type);
  const field = parent && 'getFields' in parent ? parent.getFields()[name] : undefined;
  // Introspection, and `__typename` everywhere, is open to whoever may introspect.
  if (!field || !('args' in field)) return { node, coordinate, guard: null, isList: false, inner: null };
  const returns = getNamedType(field.type);
  const inner =
    node.selectionSet && isCompositeType(returns)
      ? setStep(building, node.selectionSet, returns.name, building.reach.possibleTypes(returns.name))
      : null;
  const guard = guardOf(building, building.reach.requirements(type, name, possible));
  return { node, coordinate, guard, isList: isListType(getNullableType(field.type)), inner };
}

function inlineStep(building: Building, node: InlineFragmentNode, type: string, possible: Possible): FragmentStep {
  const condition = node.typeCondition;
  const inside = condition ? building.reach.narrow(possible, condition.name.value) : possible;
  return { node, condition, inner: setStep(building, node.selectionSet, condition?.name.value ?? type, inside) };
}

function spreadStep(building: Building, node: FragmentSpreadNode, possible: Possible): FragmentStep {
  const fragment = building.fragments.get(node.name.value);
  if (!fragment) throw new Error(`the document has no fragment ${node.name.value}`);
  const condition = fragment.typeCondition;
  const inside = building.reach.narrow(possible, condition.name.value);
  const key = `${node.name.value} ${inside.id}`;
  let inner = building.spread.get(key);
  if (!inner) {
    inner = setStep(building, fragment.selectionSet, condition.name.value, inside);
    building.spread.set(key, inner);
  }
  return { node, condition, inner };
}

function guardOf({ guards }: Building, requirements: readonly Requirement[]): Guard | null {
  if (requirements.length === 0) return null;
  const id = requirements
    .map((requirement) => requirement.id)
    .sort()
    .join(' ');
  let guard = guards.get(id);
  if (!guard) guards.set(id, (guard = { requirements }));
  return guard;
}
