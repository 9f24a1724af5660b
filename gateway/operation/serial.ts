import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
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
  const first = parse(one.operation, { noLocation: true });
  const second = withOtherFragments(parse(other.operation, { noLocation: true }), fragmentsOf(first));
  const [operation, further] = [first, second].map(({ definitions }) => definitions.find(isOperation));
  if (!operation || !further) return one;
  const known = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  const variables = further.variableDefinitions?.filter(({ variable }) => !known.has(variable.name.value)) ?? [];
  const merged: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [...(operation.variableDefinitions ?? []), ...variables],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...operation.selectionSet.selections, ...further.selectionSet.selections],
    },
  };
  const fragments = [...fragmentsOf(first).values(), ...fragmentsOf(second).values()];
  return {
    ...one,
    operation: stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [merged, ...fragments] })),
    variableUsages: [...new Set([...(one.variableUsages ?? []), ...(other.variableUsages ?? [])])],
    outputRewrites: [...(one.outputRewrites ?? []), ...(other.outputRewrites ?? [])],
  };
}

const isOperation = (definition: DefinitionNode): definition is OperationDefinitionNode =>
  definition.kind === Kind.OPERATION_DEFINITION;

/** The planner gives fragments the client's names, and what each fetch needs of them: one name is not always one fragment. */
function withOtherFragments(document: DocumentNode, taken: ReadonlyMap<string, FragmentDefinitionNode>): DocumentNode {
  const own = fragmentsOf(document).keys();
  const used = new Set([...taken.keys(), ...own]);
  const names = new Map<string, string>();
  for (const name of taken.keys()) {
    let free = name;
    while (used.has(free)) free += '_';
    used.add(free);
    names.set(name, free);
  }
  const rename = <Node extends FragmentDefinitionNode | FragmentSpreadNode>(node: Node): Node => ({
    ...node,
    name: { kind: Kind.NAME, value: names.get(node.name.value) ?? node.name.value },
  });
  return visit(document, { FragmentDefinition: rename, FragmentSpread: rename });
}
