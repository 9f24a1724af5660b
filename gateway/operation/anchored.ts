import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../execution/collect.ts';

/**
 * Adds __typename to selections of which conditions may leave nothing: the planner would leave out the field itself, and
 * nobody would know whether it is an object without fields or null.
 */
export function anchored(document: DocumentNode): DocumentNode {
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
  return visit(document, {
    Field: (field): FieldNode | undefined => {
      const { selectionSet } = field;
      if (!selectionSet || isAnchored(selectionSet)) return undefined;
      return { ...field, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, TYPENAME] } };
    },
  });
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
