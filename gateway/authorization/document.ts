import {
  Kind,
  visit,
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** Every response name that a document gives to a field. */
export function aliasesOf(document: DocumentNode): ReadonlySet<string> {
  const aliases = new Set<string>();
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases.add(alias.value);
    },
  });
  return aliases;
}

/** The operation with all fragments of its document. */
export const withFragments = (document: DocumentNode, operation: OperationDefinitionNode): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [operation, ...fragmentsOf(document).values()],
});

/** The operation with the fragments it spreads and the variables it uses: validation refuses others. */
export function pruned(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const byName = fragmentsOf(document);
  const spread = new Set<FragmentDefinitionNode>();
  const variables = new Set<string>();
  // A set that is spread many times is one object in many places, looked at once.
  const seen = new Set<ASTNode>();
  const note = (node: ASTNode): void => {
    visit(node, {
      VariableDefinition: () => false,
      SelectionSet: (set) => {
        if (seen.has(set)) return false;
        seen.add(set);
        return undefined;
      },
      Variable: ({ name }) => {
        variables.add(name.value);
      },
      FragmentSpread: ({ name }) => {
        const fragment = byName.get(name.value);
        if (!fragment || spread.has(fragment)) return;
        spread.add(fragment);
        note(fragment);
      },
    });
  };
  note(operation);
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions }, ...spread] };
}
