import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf, isNeverIncluded } from '../execution/collect.ts';
import type { Graph } from '../graph/graph.ts';
import { joinsOf } from '../graph/joins.ts';

type AnchoredIn = Pick<Graph, 'schema' | 'supergraphSchema'>;

/**
 * Adds a field to selections of which conditions may leave nothing: the planner would leave out the field itself, and
 * nobody would know whether it is an object without fields or null. A key where every subgraph has the same: __typename goes
 * into every lookup of the object, and would be looked up where the conditions leave nothing else to.
 */
export function anchored(document: DocumentNode, { schema, supergraphSchema }: AnchoredIn): DocumentNode {
  const { plainKeys } = joinsOf(supergraphSchema);
  const anchorOf = (type: GraphQLNamedType | undefined): FieldNode => {
    const key = type && plainKeys.get(type.name);
    const isOpen = key !== undefined && (isObjectType(type) || isInterfaceType(type)) && key in type.getFields();
    return isOpen ? fieldOf(key) : TYPENAME;
  };
  const types = new TypeInfo(schema);
  const typeAtHand = () => getNamedType(types.getType()) ?? undefined;
  const roots = new Set(
    [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map((root) => root?.name),
  );
  const fragments = fragmentsOf(document);
  const known = new Map<string, boolean>();
  const isAnchored = ({ selections }: SelectionSetNode): boolean => selections.some(isAlwaysThere);
  const isAlwaysThere = (selection: SelectionNode): boolean => {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (selection.kind === Kind.FIELD) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT) return isAnchored(selection.selectionSet);
    return isFragmentAnchored(fragments.get(selection.name.value));
  };
  const isFragmentAnchored = (fragment: FragmentDefinitionNode | undefined): boolean => {
    if (!fragment) return false;
    let isKnown = known.get(fragment.name.value);
    if (isKnown === undefined) known.set(fragment.name.value, (isKnown = isAnchored(fragment.selectionSet)));
    return isKnown;
  };
  /** The planner would ask for some of what is below it all the same. A root is left as it is: it may be left with nothing. */
  const leaveOut = (selection: SelectionNode): null | undefined =>
    isNeverIncluded(selection.directives) && !roots.has(types.getParentType()?.name) ? null : undefined;
  const visitor: ASTVisitor = {
    Field: {
      enter: (field) => {
        const { selectionSet } = field;
        if (leaveOut(field) === null) return null;
        if (!selectionSet || isAnchored(selectionSet)) return undefined;
        const selections = [...selectionSet.selections, anchorOf(typeAtHand())];
        return { ...field, selectionSet: { ...selectionSet, selections } };
      },
    },
    FragmentSpread: leaveOut,
    InlineFragment: {
      enter: leaveOut,
      leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined),
    },
    FragmentDefinition: {
      leave: (fragment) =>
        fragment.selectionSet.selections.length === 0
          ? { ...fragment, selectionSet: { ...fragment.selectionSet, selections: [anchorOf(typeAtHand())] } }
          : undefined,
    },
  };
  return visit(document, visitWithTypeInfo(types, visitor));
}

const fieldOf = (name: string): FieldNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } });
const TYPENAME = fieldOf('__typename');
