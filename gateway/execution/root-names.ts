import { Kind, parse, type DefinitionNode, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import type { SubgraphRequest } from 'kit/request';
import { fragmentsOf, isIncluded } from './collect.ts';
import { own, put } from './data.ts';

/** The response names of the root fields that a request asks for with its variables; null where it looks up entities. */
export function rootNamesOf({ query, variables = {} }: SubgraphRequest): readonly string[] | null {
  const document = parse(query, { noLocation: true });
  const operation = document.definitions.find(isOperation);
  const fragments = fragmentsOf(document);
  const conditions = conditionsOf(operation, variables);
  const names = new Set<string>();
  let isLookup = false;
  const walk = (selections: readonly SelectionNode[] = []): void => {
    for (const selection of selections) {
      if (!isIncluded(selection.directives ?? [], conditions)) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet.selections);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        walk(fragments.get(selection.name.value)?.selectionSet.selections);
      } else if (selection.name.value === '_entities') isLookup = true;
      // No subgraph is needed for the name of a root type.
      else if (selection.name.value !== '__typename') names.add((selection.alias ?? selection.name).value);
    }
  };
  walk(operation?.selectionSet.selections);
  return isLookup ? null : [...names];
}

const isOperation = (definition: DefinitionNode): definition is OperationDefinitionNode =>
  definition.kind === Kind.OPERATION_DEFINITION;

function conditionsOf(
  operation: OperationDefinitionNode | undefined,
  variables: Readonly<Record<string, unknown>>,
): Record<string, boolean> {
  const conditions: Record<string, boolean> = {};
  for (const { variable, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const sent = own(variables, name);
    const byDefault = defaultValue?.kind === Kind.BOOLEAN && defaultValue.value;
    put(conditions, name, sent === undefined ? byDefault : sent === true);
  }
  return conditions;
}
