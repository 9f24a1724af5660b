import { Kind, type ConstDirectiveNode, type SelectionSetNode } from 'graphql';
import { argumentOf, text } from '../composed.ts';
import { selectionOf } from '../joins.ts';
import { familyOf, type ArgumentField } from './argument-fields.ts';
import { fieldOf, graphIn, joined, typeNameIn, type Draft, type DraftComposite, type DraftField } from './draft.ts';

/** A field that a subgraph computes from fields of others. */
export interface Requiring {
  readonly type: DraftComposite;
  readonly field: DraftField;
  readonly graph: string;
  /** What says so. */
  readonly directive: ConstDirectiveNode;
  readonly selection: SelectionSetNode;
}

/** Fields of one subgraph that must not be asked for together; the empty name is the subgraph itself. */
export interface Placed {
  readonly requiring: Requiring;
  readonly part: string;
}

/**
 * Says which fields the planner must take for another subgraph's. It asks for a field that is required before what that
 * field requires itself is there, unless the two are in different subgraphs; and it asks for two fields together that
 * require a third one with different arguments.
 */
export function placeRequirements(draft: Draft, named: ReadonlyMap<string, ArgumentField>): readonly Placed[] {
  const all = requiringIn(draft);
  const depthOf = depths(draft, all);
  const taken = new Map<string, Map<string, string>[]>();
  return all.map((requiring) => {
    const depth = depthOf(requiring);
    const where = `${requiring.graph} ${requiring.type.name.value} ${depth}`;
    const parts = taken.get(where) ?? [];
    taken.set(where, parts);
    const wanted = namesAt(requiring.selection, named);
    let index = parts.findIndex((names) => fits(names, wanted));
    if (index === -1) index = parts.push(new Map()) - 1;
    for (const [path, name] of wanted) parts[index]?.set(path, name);
    return { requiring, part: depth === 0 && index === 0 ? '' : `${depth}_${index}` };
  });
}

function requiringIn({ composites }: Draft): readonly Requiring[] {
  const found: Requiring[] = [];
  for (const type of composites.values()) {
    for (const field of type.fields ?? []) {
      for (const directive of joined(field, 'join__field')) {
        const [graph, requires] = [graphIn(directive), text(argumentOf(directive, 'requires'))];
        if (graph === undefined || requires === undefined) continue;
        found.push({ type, field, graph, directive, selection: selectionOf(requires) });
      }
    }
  }
  return found;
}

/**
 * How long the longest chain of requirements is that begins at a field which is itself required; 0 for one that nothing
 * requires. None of one depth requires another.
 */
function depths(draft: Draft, all: readonly Requiring[]): (requiring: Requiring) => number {
  const byCoordinate = Map.groupBy(all, coordinateOf);
  const needed = new Map(all.map((one) => [one, coordinatesIn(draft, one.selection, one.type.name.value)] as const));
  const required = new Set([...needed.values()].flatMap((coordinates) => [...coordinates]));
  const known = new Map<Requiring, number>();
  const lengthOf = (one: Requiring): number => {
    const length = known.get(one);
    if (length !== undefined) return length;
    // One that required itself would have no value; it ends the chain.
    known.set(one, 1);
    const next = [...(needed.get(one) ?? [])].flatMap((coordinate) => byCoordinate.get(coordinate) ?? []);
    const longest = 1 + Math.max(0, ...next.map(lengthOf));
    known.set(one, longest);
    return longest;
  };
  return (one) => (required.has(coordinateOf(one)) ? lengthOf(one) : 0);
}

const coordinateOf = ({ type, field }: Requiring): string => `${type.name.value}.${field.name.value}`;

/** Every field that a requirement may select, whichever types the objects turn out to have. */
function coordinatesIn(
  draft: Draft,
  { selections }: SelectionSetNode,
  typeName: string,
  found = new Set<string>(),
): ReadonlySet<string> {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      coordinatesIn(draft, selection.selectionSet, selection.typeCondition?.name.value ?? typeName, found);
      continue;
    }
    const name = selection.name.value;
    for (const type of familyOf(draft, typeName, name)) found.add(`${type.name.value}.${name}`);
    const field = fieldOf(draft.composites.get(typeName), name);
    if (field && selection.selectionSet) coordinatesIn(draft, selection.selectionSet, typeNameIn(field.type), found);
  }
  return found;
}

/** By where a value stands in a representation: which field of the planner's it is, or which, in different fragments. */
function namesAt(
  { selections }: SelectionSetNode,
  named: ReadonlyMap<string, ArgumentField>,
  path = '',
  found = new Map<string, string>(),
): ReadonlyMap<string, string> {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) namesAt(selection.selectionSet, named, path, found);
    if (selection.kind !== Kind.FIELD) continue;
    const name = selection.name.value;
    const here = `${path}.${named.get(name)?.field ?? name}`;
    const before = found.get(here);
    found.set(here, before === undefined || before === name ? name : `${before} ${name}`);
    if (selection.selectionSet) namesAt(selection.selectionSet, named, here, found);
  }
  return found;
}

const fits = (names: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): boolean =>
  [...wanted].every(([path, name]) => (names.get(path) ?? name) === name);
