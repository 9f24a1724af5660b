import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';

/** Each type of each fragment has selections of its own: more than this is given up. */
const MAX_SELECTIONS = 20_000;

/**
 * Writes a document without fragments on interfaces and unions: instead of each one, a fragment for each object type that is
 * possible where it stands. Null where that would be too much.
 */
export function withoutAbstractFragments(schema: GraphQLSchema, document: DocumentNode): DocumentNode | null {
  const budget = { left: MAX_SELECTIONS };
  const expanding: Expanding = { schema, fragments: fragmentsOf(document), budget, isRepeated: false };
  const definitions = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const root = schema.getRootType(definition.operation);
    return root ? [{ ...definition, selectionSet: expand(expanding, definition.selectionSet, root) }] : [];
  });
  return budget.left > 0 ? { kind: Kind.DOCUMENT, definitions } : null;
}

interface Expanding {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly budget: { left: number };
  /** Written once for each of several types: what is deferred there comes with what is around it, for a label stands once. */
  readonly isRepeated: boolean;
}

function expand(expanding: Expanding, set: SelectionSetNode, parent: GraphQLCompositeType): SelectionSetNode {
  const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
    if (--expanding.budget.left < 0) return [];
    if (selection.kind === Kind.FIELD) return [expandField(expanding, selection, parent)];
    if (selection.kind === Kind.INLINE_FRAGMENT) return expandFragment(expanding, selection, parent);
    const fragment = expanding.fragments.get(selection.name.value);
    if (!fragment) return [];
    const { typeCondition, selectionSet } = fragment;
    const directives = selection.directives ?? [];
    return expandFragment(expanding, { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet }, parent);
  });
  return { ...set, selections: selections.length > 0 ? selections : [NOTHING] };
}

function expandField(expanding: Expanding, field: FieldNode, parent: GraphQLCompositeType): FieldNode {
  const definition = isUnionType(parent) ? undefined : parent.getFields()[field.name.value];
  const type = definition && getNamedType(definition.type);
  if (!field.selectionSet || !isCompositeType(type)) return field;
  return { ...field, selectionSet: expand(expanding, field.selectionSet, type) };
}

function expandFragment(
  expanding: Expanding,
  fragment: InlineFragmentNode,
  parent: GraphQLCompositeType,
): readonly SelectionNode[] {
  const { schema } = expanding;
  const { typeCondition, selectionSet } = fragment;
  const directives = (fragment.directives ?? []).filter(({ name }) => !expanding.isRepeated || name.value !== 'defer');
  const on = (typeCondition ? schema.getType(typeCondition.name.value) : parent) ?? parent;
  if (!isCompositeType(on)) return [];
  const types = possibleTypes(schema, parent).filter((type) => possibleTypes(schema, on).includes(type));
  if (types.length === 0) return [];
  if (on === parent || !isAbstractType(on))
    return [{ ...fragment, directives, selectionSet: expand(expanding, selectionSet, on) }];
  const inside = types.length > 1 ? { ...expanding, isRepeated: true } : expanding;
  const within: SelectionSetNode = isObjectType(parent)
    ? expand(inside, selectionSet, parent)
    : { ...selectionSet, selections: types.map((type) => fragmentOn(type, expand(inside, selectionSet, type))) };
  // A fragment without a type for its directives, which are one thing for all the types.
  return directives.length === 0
    ? within.selections
    : [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet: within }];
}

const possibleTypes = (schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] =>
  isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

const fragmentOn = ({ name }: GraphQLObjectType, selectionSet: SelectionSetNode): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
  selectionSet,
});

/** For a selection of which nothing is possible: selections cannot be empty. */
const NOTHING: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
  directives: [
    {
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: 'include' },
      arguments: [
        { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'if' }, value: { kind: Kind.BOOLEAN, value: false } },
      ],
    },
  ],
};
