import {
  isAbstractType,
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** A type that a value may turn out to be. An interface is one only where a subgraph cannot say more (`@interfaceObject`). */
export type RuntimeType = GraphQLObjectType | GraphQLInterfaceType;

export interface Selections {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Values of the variables that stand in @skip and @include. */
  readonly conditions: Readonly<Record<string, boolean>>;
}

/** Fields of one response name: their selection sets are one. */
export type Collected = ReadonlyMap<string, readonly FieldNode[]>;

export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** CollectFields of the specification (6.3.2), for a type and an assignment of conditions known beforehand. */
export function collectFields(selections: Selections, type: RuntimeType, sets: readonly SelectionSetNode[]): Collected {
  const collected = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  for (const set of sets) collectInto(selections, type, set, { collected, visited });
  return collected;
}

interface Collecting {
  readonly collected: Map<string, FieldNode[]>;
  readonly visited: Set<string>;
}

function collectInto(selections: Selections, type: RuntimeType, set: SelectionSetNode, into: Collecting): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection.directives ?? [], selections.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const nodes = into.collected.get(name);
      if (nodes) nodes.push(selection);
      else into.collected.set(name, [selection]);
      continue;
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition === undefined || doesApply(selections.schema, condition, type)) {
        collectInto(selections, type, selection.selectionSet, into);
      }
      continue;
    }
    const fragment = selections.fragments.get(selection.name.value);
    if (!fragment || into.visited.has(fragment.name.value)) continue;
    into.visited.add(fragment.name.value);
    if (doesApply(selections.schema, fragment.typeCondition.name.value, type)) {
      collectInto(selections, type, fragment.selectionSet, into);
    }
  }
}

export function doesApply(schema: GraphQLSchema, condition: string, type: RuntimeType): boolean {
  if (condition === type.name) return true;
  const conditionType = schema.getType(condition);
  return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
}

/** `@skip(if: true)` or `@include(if: false)`: left out whatever the variables are. */
export function isNeverIncluded(directives: readonly DirectiveNode[] = []): boolean {
  return directives.some(({ name, arguments: [condition] = [] }) => {
    if (condition?.value.kind !== Kind.BOOLEAN) return false;
    return (name.value === 'skip' && condition.value.value) || (name.value === 'include' && !condition.value.value);
  });
}

export function isIncluded(
  directives: readonly DirectiveNode[],
  conditions: Readonly<Record<string, boolean>>,
): boolean {
  for (const directive of directives) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const value = directive.arguments?.[0]?.value;
    const isTrue =
      value?.kind === Kind.VARIABLE ? conditions[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
    if (isTrue === (name === 'skip')) return false;
  }
  return true;
}
