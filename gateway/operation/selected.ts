import { Kind, visit, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql';

/** The fields of one level of a valid document, its fragments written out. */
export function fieldsIn(document: DocumentNode, { selections }: SelectionSetNode): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const set =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragmentSet(document, selection.name.value);
    return set ? fieldsIn(document, set) : [];
  });
}

function fragmentSet({ definitions }: DocumentNode, name: string): SelectionSetNode | null {
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name) return definition.selectionSet;
  }
  return null;
}

/** Whether anything in a document is conditional, deferred or otherwise marked. */
export function hasDirectives(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, { Directive: () => void (isFound = true) });
  return isFound;
}

/** What a field is called in the answer. */
export const responseKey = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** The variables of an operation whose type is this one, not null or not. */
export function variablesOfType({ definitions }: DocumentNode, typeName: string): readonly string[] {
  return definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    return (definition.variableDefinitions ?? []).flatMap(({ variable, type }) => {
      const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
      return named.kind === Kind.NAMED_TYPE && named.name.value === typeName ? [variable.name.value] : [];
    });
  });
}
