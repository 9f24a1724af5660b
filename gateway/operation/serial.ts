import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';

/**
 * A mutation as one operation for each of its root fields, in their order: everything below a field is there before the
 * next one begins (6.2.2 of the specification), whichever subgraphs it takes.
 */
function serialOperations(document: DocumentNode, node: OperationDefinitionNode): readonly OperationDefinitionNode[] {
  if (node.operation !== 'mutation') return [node];
  const byName = new Map<string, SelectionNode[]>();
  for (const { field, selection } of rootFields(node.selectionSet.selections, fragmentsOf(document), [])) {
    const name = field.alias?.value ?? field.name.value;
    const known = byName.get(name);
    if (known) known.push(selection);
    else byName.set(name, [selection]);
  }
  return [...byName.values()].map((selections) => ({
    ...node,
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  }));
}

/** An operation in the parts in which it is planned, each with the fragments of its document. */
export function serialDocuments(document: DocumentNode, original: OperationDefinitionNode): readonly DocumentNode[] {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return serialOperations(document, operationIn(document, original)).map((part) => ({
    kind: Kind.DOCUMENT,
    definitions: [part, ...fragments],
  }));
}

/** An operation as it stands in a document that was made of its own. */
export function operationIn(document: DocumentNode, original: OperationDefinitionNode): OperationDefinitionNode {
  const found = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === original.name?.value,
  );
  return found ?? original;
}

interface RootField {
  readonly field: FieldNode;
  /** The field with the fragments around it, for their directives. */
  readonly selection: SelectionNode;
}

/** The fields of a root type, wherever they stand. */
export function rootFields(
  selections: readonly SelectionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  around: readonly InlineFragmentNode[],
): readonly RootField[] {
  return selections.flatMap((selection): readonly RootField[] => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, selection: wrapped(selection, around) }];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return rootFields(selection.selectionSet.selections, fragments, [...around, selection]);
    }
    const fragment = fragments.get(selection.name.value);
    if (!fragment) return [];
    const { typeCondition, selectionSet } = fragment;
    const inline: InlineFragmentNode = {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition,
      selectionSet,
      directives: selection.directives ?? [],
    };
    return rootFields(selectionSet.selections, fragments, [...around, inline]);
  });
}

const wrapped = (field: FieldNode, around: readonly InlineFragmentNode[]): SelectionNode =>
  around.reduceRight<SelectionNode>(
    (inner, fragment) => ({ ...fragment, selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] } }),
    field,
  );

type Planned = PlanNode | SubscriptionNode | undefined;

/** Puts root fields that follow one another in one subgraph, and need no other, back into one request: it keeps their order. */
export function mergeInRow(plans: readonly Planned[]): readonly Planned[] {
  const merged: Planned[] = [];
  for (const plan of plans) {
    const last = merged.at(-1);
    const isSame =
      plan?.kind === 'Fetch' &&
      last?.kind === 'Fetch' &&
      plan.operationKind === 'mutation' &&
      plan.serviceName === last.serviceName;
    if (isSame) merged[merged.length - 1] = mergeFetches(last, plan);
    else merged.push(plan);
  }
  return merged;
}

function mergeFetches(one: FetchNode, other: FetchNode): FetchNode {
  const [first, second] = [one, other].map(({ operation }) => operationOf(operation));
  if (!first || !second) return one;
  const known = new Set(first.variableDefinitions?.map(({ variable }) => variable.name.value));
  const further = second.variableDefinitions?.filter(({ variable }) => !known.has(variable.name.value)) ?? [];
  const operation: OperationDefinitionNode = {
    ...first,
    variableDefinitions: [...(first.variableDefinitions ?? []), ...further],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...first.selectionSet.selections, ...second.selectionSet.selections],
    },
  };
  return {
    ...one,
    operation: stripIgnoredCharacters(print(operation)),
    variableUsages: [...new Set([...(one.variableUsages ?? []), ...(other.variableUsages ?? [])])],
    outputRewrites: [...(one.outputRewrites ?? []), ...(other.outputRewrites ?? [])],
  };
}

/** The planner writes a fetch as one operation without fragments of its own. */
const operationOf = (text: string): OperationDefinitionNode | undefined =>
  parse(text, { noLocation: true }).definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
