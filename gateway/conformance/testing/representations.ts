import { Kind, parse, visit, type ConstDirectiveNode, type SelectionSetNode } from 'graphql';

/** Says what is wrong with a representation; null where a subgraph can look it up. */
export type CheckRepresentation = (representation: unknown) => string | null;

/** A representation names its type and brings at least one key, all of it, that the subgraph resolves for that type. */
export function representationCheck(typeDefs: string): CheckRepresentation {
  const keys = keysOf(typeDefs);
  return (representation) => {
    const { __typename: type } = representation as { readonly __typename?: string };
    const ofType = keys.get(type ?? '') ?? [];
    if (ofType.some((key) => brings(representation, key))) return null;
    return `no key of ${type} in ${JSON.stringify(representation)}`;
  };
}

function keysOf(typeDefs: string): ReadonlyMap<string, readonly SelectionSetNode[]> {
  const keys = new Map<string, SelectionSetNode[]>();
  const collect = ({
    name,
    directives = [],
  }: {
    name: { value: string };
    directives?: readonly ConstDirectiveNode[];
  }) => {
    const found = directives.filter((directive) => directive.name.value === 'key').flatMap(resolvableKey);
    keys.set(name.value, [...(keys.get(name.value) ?? []), ...found]);
  };
  visit(parse(typeDefs), {
    ObjectTypeDefinition: collect,
    ObjectTypeExtension: collect,
    InterfaceTypeDefinition: collect,
    InterfaceTypeExtension: collect,
  });
  return keys;
}

function resolvableKey({ arguments: given = [] }: ConstDirectiveNode): SelectionSetNode[] {
  const valueOf = (name: string) => given.find((argument) => argument.name.value === name)?.value;
  const [fields, resolvable] = [valueOf('fields'), valueOf('resolvable')];
  if (fields?.kind !== Kind.STRING || (resolvable?.kind === Kind.BOOLEAN && !resolvable.value)) return [];
  const definition = parse(`{ ${fields.value} }`).definitions[0];
  return definition?.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [];
}

/** A null is there; what is not there at all is not. */
function brings(value: unknown, { selections }: SelectionSetNode): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.every((one) => brings(one, { kind: Kind.SELECTION_SET, selections }));
  const from = value as Readonly<Record<string, unknown>>;
  return selections.every((selection) => {
    if (selection.kind !== Kind.FIELD) return true;
    const inner = from[selection.name.value];
    return inner !== undefined && (!selection.selectionSet || brings(inner, selection.selectionSet));
  });
}
