import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { fragmentsOf, isReached } from './measure.ts';

interface Group {
  fields: number;
  readonly sets: SelectionSetNode[];
}

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly reached: Set<string>;
}

/**
 * Counts the pairs that validation compares to find fields that cannot be merged: fields of one response name and
 * fragment spreads that meet in one place of the answer. That comparison is quadratic; this count is linear in the
 * selections written out (each merged level is gathered once, as in the algorithm of Simon Adameit, 2018).
 * Fragments must not be cyclic and the written-out selections bounded: `measureDocument` first.
 */
export function countOverlaps(document: DocumentNode): number {
  const walk: Walk = { fragments: fragmentsOf(document), reached: new Set() };
  let pairs = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) pairs += inLevel([definition.selectionSet], walk);
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || isReached(definition, walk.fragments, walk.reached)) continue;
    pairs += inLevel([definition.selectionSet], walk);
  }
  return pairs;
}

/** The pairs of what these selection sets make together, and of everything below it. */
function inLevel(sets: readonly SelectionSetNode[], walk: Walk): number {
  const groups = new Map<string, Group>();
  const spread = new Set<string>();
  let spreads = 0;
  const gather = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) gather(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        spreads += 1;
        const fragment = once(selection.name.value, spread, walk);
        if (fragment) gather(fragment.selectionSet);
      } else {
        const group = groupOf((selection.alias ?? selection.name).value, groups);
        group.fields += 1;
        if (selection.selectionSet) group.sets.push(selection.selectionSet);
      }
    }
  };
  sets.forEach(gather);
  let pairs = pairsOf(spreads);
  for (const group of groups.values()) {
    pairs += pairsOf(group.fields) + (group.sets.length > 0 ? inLevel(group.sets, walk) : 0);
  }
  return pairs;
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

function groupOf(name: string, groups: Map<string, Group>): Group {
  const group = groups.get(name) ?? { fields: 0, sets: [] };
  if (group.fields === 0) groups.set(name, group);
  return group;
}

/** The fragment where it has not been gathered on this level. */
function once(name: string, spread: Set<string>, { fragments, reached }: Walk): FragmentDefinitionNode | undefined {
  if (spread.has(name)) return undefined;
  spread.add(name);
  reached.add(name);
  return fragments.get(name);
}
