import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isDefer } from './deferred-document.ts';

/**
 * Raises every @defer out of the fragments around it, which go inside. The planner knows a deferred fragment by the type it
 * stands on, and fails where that is not the type of the field around it: `... on A { ... @defer { b } }` becomes
 * `... @defer { ... on A { b } }`, which selects the same.
 */
export function raised(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: {
      leave: (field) => (field.selectionSet ? { ...field, selectionSet: raisedSet(field.selectionSet) } : undefined),
    },
    OperationDefinition: {
      leave: (operation) => ({ ...operation, selectionSet: raisedSet(operation.selectionSet) }),
    },
  });
}

function raisedSet(set: SelectionSetNode): SelectionSetNode {
  const parts = parted(set.selections);
  return parts.deferred.length === 0 ? set : setOf(joined(parts));
}

interface Parts {
  readonly own: readonly SelectionNode[];
  readonly deferred: readonly Deferred[];
}
interface Deferred extends Parts {
  readonly directive: DirectiveNode;
}

const joined = ({ own, deferred }: Parts): readonly SelectionNode[] => [
  ...own,
  ...deferred.map(({ directive, ...parts }): InlineFragmentNode => ({
    kind: Kind.INLINE_FRAGMENT,
    directives: [directive],
    selectionSet: setOf(joined(parts)),
  })),
];

function parted(selections: readonly SelectionNode[]): Parts {
  const own: SelectionNode[] = [];
  const deferred: Deferred[] = [];
  for (const selection of selections) {
    if (selection.kind !== Kind.INLINE_FRAGMENT) {
      own.push(selection);
      continue;
    }
    const { directives = [], selectionSet } = selection;
    const inside = within(
      { ...selection, directives: directives.filter((one) => !isDefer(one)) },
      parted(selectionSet.selections),
    );
    const directive = directives.find(isDefer);
    if (directive) deferred.push({ directive, ...inside });
    else {
      own.push(...inside.own);
      deferred.push(...inside.deferred);
    }
  }
  return { own, deferred };
}

/** Puts a fragment around each of the parts. */
function within(fragment: InlineFragmentNode, { own, deferred }: Parts): Parts {
  const isBare = !fragment.typeCondition && (fragment.directives ?? []).length === 0;
  if (isBare) return { own, deferred };
  return {
    own: own.length > 0 ? [{ ...fragment, selectionSet: setOf(own) }] : [],
    deferred: deferred.map((one) => ({ directive: one.directive, ...within(fragment, one) })),
  };
}

const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections });
