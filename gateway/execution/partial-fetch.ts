import type { FetchNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { joinsOf } from '../graph/joins.ts';
import { brings } from './brought.ts';
import { fragmentsOf } from './collect.ts';
import type { Data } from './data.ts';

/** The fetch for a representation that is incomplete: without the fields that require what it lacks; null where none is left. */
export type PartialFetch = (representation: Data) => FetchNode | null;

/**
 * A field whose requirements are not there is not asked for: the subgraph would compute it from nothing. They are missing
 * where another subgraph has failed, or where a client has selected the field for entities of other types only.
 */
export function compilePartial(schema: GraphQLSchema, node: FetchNode): PartialFetch {
  const joins = joinsOf(schema);
  const fetches = new Map<string, FetchNode | null>();
  let parsed: { readonly document: DocumentNode; readonly names: readonly string[] } | undefined;
  return (representation) => {
    const { document, names } = (parsed ??= parseLookup(node.operation));
    const type = String(representation['__typename']);
    const lacking = names.filter((name) => {
      const requirement = joins.requirementOf(node.serviceName, type, name);
      return requirement !== null && !brings(schema, representation, requirement);
    });
    if (lacking.length === 0) return node;
    const key = lacking.join();
    let fetch = fetches.get(key);
    if (fetch === undefined) fetches.set(key, (fetch = without(node, document, new Set(lacking))));
    return fetch;
  };
}

/** A lookup as the planner writes it, one operation, with the names of the entities' own fields. */
function parseLookup(operation: string): { readonly document: DocumentNode; readonly names: readonly string[] } {
  const document = withoutNamedFragments(parse(operation, { noLocation: true }));
  const names = new Set<string>();
  editEntities(document, (selections) => {
    for (const selection of selections) if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    return selections;
  });
  return { document, names: [...names] };
}

function without(node: FetchNode, document: DocumentNode, names: ReadonlySet<string>): FetchNode | null {
  let isAnyLeft = false;
  const edited = editEntities(document, (selections) => {
    const left = selections.filter((one) => one.kind !== Kind.FIELD || !names.has(one.name.value));
    isAnyLeft ||= left.some((one) => one.kind === Kind.FIELD && one.name.value !== '__typename');
    return left;
  });
  if (!isAnyLeft) return null;
  const used = new Set<string>();
  visit(edited, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  const pruned = visit(edited, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
  return {
    ...node,
    operation: stripIgnoredCharacters(print(pruned)),
    variableUsages: (node.variableUsages ?? []).filter((name) => used.has(name)),
  };
}

/** The planner may use the client's fragments. */
function withoutNamedFragments(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  if (fragments.size === 0) return document;
  return visit(document, {
    FragmentDefinition: () => null,
    FragmentSpread: ({ name, directives = [] }): InlineFragmentNode | undefined => {
      const fragment = fragments.get(name.value);
      if (!fragment) return undefined;
      const { typeCondition, selectionSet } = fragment;
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet };
    },
  });
}

/** Edits the selections that entities themselves have, in every fragment; what is then empty goes. */
function editEntities(
  document: DocumentNode,
  edit: (selections: readonly SelectionNode[]) => readonly SelectionNode[],
): DocumentNode {
  const editSet = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: edit(set.selections).flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind !== Kind.INLINE_FRAGMENT) return [selection];
      const selectionSet = editSet(selection.selectionSet);
      return selectionSet.selections.length > 0 ? [{ ...selection, selectionSet }] : [];
    }),
  });
  return visit(document, {
    Field: (field) => {
      if (field.name.value !== '_entities' || !field.selectionSet) return false;
      return { ...field, selectionSet: editSet(field.selectionSet) };
    },
  });
}
