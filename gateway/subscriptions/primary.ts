import type { FetchNode } from '@apollo/query-planner';
import {
  getNamedType,
  isCompositeType,
  Kind,
  parse,
  print,
  visit,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql';
import type { Operation } from '../operation/operation.ts';

/** The part of a subscription that the owner of its root field answers, taken apart. */
export interface Primary {
  readonly service: string;
  readonly text: string;
  readonly operationName: string | null;
  readonly variableNames: readonly string[];
  readonly field: FieldNode;
  /** What the field is called in the answer. */
  readonly name: string;
  readonly type: GraphQLNamedType;
  readonly fragments: readonly FragmentDefinitionNode[];
  readonly variables: readonly VariableDefinitionNode[];
}

export interface Asked {
  readonly text: string;
  readonly operationName: string | null;
  readonly variableNames: readonly string[];
}

const known = new WeakMap<Operation, Primary>();
const bare = new WeakMap<Operation, Asked>();

export function primaryOf(operation: Operation): Primary {
  let primary = known.get(operation);
  if (!primary) known.set(operation, (primary = takeApart(operation)));
  return primary;
}

function takeApart({ primary, graph }: Operation): Primary {
  const { serviceName, operation: text, operationName = null, variableUsages = [] } = primary as FetchNode;
  const { definitions } = parse(text, { noLocation: true });
  const node = definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  const field = node?.selectionSet.selections.find((each): each is FieldNode => each.kind === Kind.FIELD);
  const type = field && graph.supergraphSchema.getSubscriptionType()?.getFields()[field.name.value]?.type;
  if (!node || !type) throw new Error('a subscription without a root field was planned');
  return {
    service: serviceName,
    text,
    operationName,
    variableNames: variableUsages,
    field,
    name: field.alias?.value ?? field.name.value,
    type: getNamedType(type),
    fragments: definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION),
    variables: node.variableDefinitions ?? [],
  };
}

/** The same subscription with nothing selected: whoever gets an answer may see the whole of it. */
export function bareOf(operation: Operation): Asked {
  let asked = bare.get(operation);
  if (!asked) bare.set(operation, (asked = makeBare(primaryOf(operation))));
  return asked;
}

function makeBare(primary: Primary): Asked {
  const { field, type } = primary;
  const selections: readonly FieldNode[] = [
    isCompositeType(type) ? { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections: [TYPENAME] } } : field,
  ];
  return documentOf(primary, 'subscription', { kind: Kind.SELECTION_SET, selections });
}

export const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** A document of one operation: the variables and fragments it uses, and no others. */
export function documentOf(
  { variables, fragments, operationName }: Primary,
  operation: 'query' | 'subscription',
  selectionSet: SelectionSetNode,
  further: readonly VariableDefinitionNode[] = [],
): Asked {
  const used = usedBy(selectionSet, fragments);
  const own = variables.filter(({ variable }) => used.variables.has(variable.name.value));
  const node: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation as OperationDefinitionNode['operation'],
    ...(operationName ? { name: { kind: Kind.NAME, value: operationName } } : {}),
    variableDefinitions: [...further, ...own],
    selectionSet,
  };
  const definitions: DefinitionNode[] = [node, ...fragments.filter(({ name }) => used.fragments.has(name.value))];
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  return { text: print(document), operationName, variableNames: own.map(({ variable }) => variable.name.value) };
}

function usedBy(selectionSet: SelectionSetNode, fragments: readonly FragmentDefinitionNode[]) {
  const used = { variables: new Set<string>(), fragments: new Set<string>() };
  const look = (node: SelectionSetNode | FragmentDefinitionNode): void => {
    visit(node, {
      Variable: ({ name }) => void used.variables.add(name.value),
      FragmentSpread: ({ name }) => {
        if (used.fragments.has(name.value)) return;
        used.fragments.add(name.value);
        const fragment = fragments.find((each) => each.name.value === name.value);
        if (fragment) look(fragment);
      },
    });
  };
  look(selectionSet);
  return used;
}
