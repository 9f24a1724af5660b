import {
  Kind,
  OperationTypeNode,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableDefinitionNode,
} from 'graphql';

/** Several lookups of entities as one operation. */
export interface EntityDocument {
  readonly query: string;
  readonly operationName: string | null;
  /** For each lookup: the response name of its `_entities`, and the variable of its representations. */
  readonly aliases: readonly string[];
  readonly representations: readonly string[];
}

const REPRESENTATIONS = 'representations';

/**
 * Puts operations of the planner's form `query($representations: [_Any!]!, …) { _entities(representations: $representations) { … } }`
 * into one. Other variables are the client's, the same in each; fragments are made different by name.
 */
export function mergeDocuments(operations: readonly string[]): EntityDocument {
  const parts = operations.map((text, index) => renamed(parse(text, { noLocation: true }), index));
  const variables = new Map<string, VariableDefinitionNode>();
  const selections: SelectionNode[] = [];
  const fragments: FragmentDefinitionNode[] = [];
  parts.forEach((part, index) => {
    for (const definition of part.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.push(definition);
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      for (const variable of definition.variableDefinitions ?? [])
        variables.set(variable.variable.name.value, variable);
      for (const selection of definition.selectionSet.selections) selections.push(aliased(selection, index));
    }
  });
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: [...variables.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return {
    query: print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] }),
    operationName: null,
    aliases: parts.map((_, index) => `_${index}`),
    representations: parts.map((_, index) => `${REPRESENTATIONS}_${index}`),
  };
}

function aliased(selection: SelectionNode, index: number): SelectionNode {
  if (selection.kind !== Kind.FIELD) throw new Error('a lookup of entities selects _entities');
  return { ...selection, alias: { kind: Kind.NAME, value: `_${index}` } };
}

function renamed(document: DocumentNode, index: number): DocumentNode {
  return visit(document, {
    Variable: (variable) => {
      if (variable.name.value !== REPRESENTATIONS) return undefined;
      return { ...variable, name: { kind: Kind.NAME, value: `${REPRESENTATIONS}_${index}` } };
    },
    FragmentDefinition: (fragment) => ({
      ...fragment,
      name: { kind: Kind.NAME, value: `${fragment.name.value}_${index}` },
    }),
    FragmentSpread: (spread) => ({ ...spread, name: { kind: Kind.NAME, value: `${spread.name.value}_${index}` } }),
  });
}
