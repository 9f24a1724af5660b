import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, type GraphQLSchema, type SelectionSetNode } from 'graphql';
import { isData, isOfType, own } from './data.ts';

/** Whether a value brings all of a selection: a null is there, what is not there at all is not. */
export function brings(schema: GraphQLSchema, value: unknown, selection: SelectionSetNode): boolean {
  if (Array.isArray(value)) return value.every((one) => brings(schema, one, selection));
  if (!isData(value)) return true;
  return selection.selections.every((node) => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return true;
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition, selectionSet } = node;
      const does = !typeCondition || isOfType(schema, value, typeCondition.name.value, true);
      return !does || brings(schema, value, selectionSet);
    }
    const inner = own(value, node.name.value);
    return inner !== undefined && (!node.selectionSet || brings(schema, inner, node.selectionSet));
  });
}

/** Whether a key is among what a plan takes from an entity. */
export function isPartOf(key: SelectionSetNode, nodes: readonly QueryPlanSelectionNode[]): boolean {
  return key.selections.every((selection) => {
    if (selection.kind !== Kind.FIELD) return true;
    const found = nodes.flatMap((node) => (node.kind === 'Field' && node.name === selection.name.value ? [node] : []));
    if (found.length === 0) return false;
    return (
      !selection.selectionSet ||
      isPartOf(
        selection.selectionSet,
        found.flatMap(({ selections = [] }) => selections),
      )
    );
  });
}
