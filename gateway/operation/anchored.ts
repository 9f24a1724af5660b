import {
  getNamedType,
  isAbstractType,
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
  type GraphQLSchema,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf, isNeverIncluded } from '../execution/collect.ts';
import type { Graph } from '../graph/graph.ts';
import { joinsOf } from '../graph/joins.ts';

type AnchoredIn = Pick<Graph, 'schema' | 'supergraphSchema'>;

/**
 * Adds a field to selections of which conditions, or types that the object cannot have, may leave nothing: the planner would leave out the field itself, and
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
  const isAnchored = ({ selections }: SelectionSetNode, objects: Objects): boolean =>
    objects.length > 0 && selections.some((selection) => isAlwaysThere(selection, objects));
  const isAlwaysThere = (selection: SelectionNode, objects: Objects): boolean => {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (selection.kind === Kind.FIELD) return true;
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return isFragmentAnchored(fragments.get(selection.name.value), objects);
    return isAnchored(selection.selectionSet, within(objects, selection.typeCondition));
  };
  const isFragmentAnchored = (fragment: FragmentDefinitionNode | undefined, objects: Objects): boolean => {
    if (!fragment) return false;
    const left = within(objects, fragment.typeCondition);
    const key = `${fragment.name.value} ${left.join(' ')}`;
    let isKnown = known.get(key);
    if (isKnown === undefined) known.set(key, (isKnown = isAnchored(fragment.selectionSet, left)));
    return isKnown;
  };
  const within = (objects: Objects, condition: NamedTypeNode | undefined): Objects => {
    if (!condition) return objects;
    const names = objectsOf(schema, schema.getType(condition.name.value));
    return objects.filter((name) => names.includes(name));
  };
  /** The planner would ask for some of what is below it all the same. A root is left as it is: it may be left with nothing. */
  const leaveOut = (selection: SelectionNode): null | undefined =>
    isNeverIncluded(selection.directives) && !roots.has(types.getParentType()?.name) ? null : undefined;
  const visitor: ASTVisitor = {
    Field: {
      enter: (field) => {
        const { selectionSet } = field;
        if (leaveOut(field) === null) return null;
        if (!selectionSet || isAnchored(selectionSet, objectsOf(schema, typeAtHand()))) return undefined;
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

/** Names of the object types that a value may have; of an interface that no object has here, its own. */
type Objects = readonly string[];

function objectsOf(schema: GraphQLSchema, type: GraphQLNamedType | undefined): Objects {
  const objects = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return objects.length > 0 ? objects.map(({ name }) => name) : type ? [type.name] : [];
}

const fieldOf = (name: string): FieldNode => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } });
const TYPENAME = fieldOf('__typename');
