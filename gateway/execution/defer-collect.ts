import { Kind, type FieldNode, type SelectionSetNode } from 'graphql';
import { doesApply, isIncluded, type RuntimeType, type Selections } from './collect.ts';

/** One @defer at one place of an operation, within the one around it. */
export interface DeferUsage {
  readonly label: string;
  readonly parent: DeferUsage | null;
}

/** A selection set, or a field in one, with the @defer it stands in. */
export interface DeferredSet {
  readonly set: SelectionSetNode;
  readonly usage: DeferUsage | null;
}
export interface DeferredField {
  readonly node: FieldNode;
  readonly usage: DeferUsage | null;
}

/** Fields of one response name each. */
export type DeferredFields = ReadonlyMap<string, readonly DeferredField[]>;

/** Fields that belong to the same fragments, and to no answer before those. */
export interface DeferredGroup {
  readonly usages: readonly DeferUsage[];
  readonly fields: DeferredFields;
}

/** What of an object is answered with what is around it, and what later. */
export interface Division {
  readonly now: DeferredFields;
  readonly later: readonly DeferredGroup[];
  /** The fragments that begin at this object. */
  readonly usages: readonly DeferUsage[];
}

/**
 * CollectFields and BuildExecutionPlan of the specification's draft of incremental delivery: a field that is selected both
 * inside of a @defer and outside of it is answered outside, once.
 * @param around The fragments that what surrounds the object belongs to; none for the first answer.
 */
export function divideFields(
  selections: Selections,
  type: RuntimeType,
  sets: readonly DeferredSet[],
  around: readonly DeferUsage[],
): Division {
  const collecting: Collecting = { fields: new Map(), usages: [], visited: new Set() };
  for (const { set, usage } of sets) collectInto(selections, type, set, usage, collecting);
  const now = new Map<string, readonly DeferredField[]>();
  const later: { readonly usages: readonly DeferUsage[]; readonly fields: Map<string, readonly DeferredField[]> }[] =
    [];
  for (const [name, fields] of collecting.fields) {
    const usages = outermost(fields);
    if (isSame(usages, around)) {
      now.set(name, fields);
      continue;
    }
    const known = later.find((group) => isSame(group.usages, usages));
    if (known) known.fields.set(name, fields);
    else later.push({ usages, fields: new Map([[name, fields]]) });
  }
  return { now, later, usages: collecting.usages };
}

interface Collecting {
  readonly fields: Map<string, DeferredField[]>;
  readonly usages: DeferUsage[];
  readonly visited: Set<string>;
}

function collectInto(
  selections: Selections,
  type: RuntimeType,
  set: SelectionSetNode,
  usage: DeferUsage | null,
  into: Collecting,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection.directives ?? [], selections.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const fields = into.fields.get(name);
      if (fields) fields.push({ node: selection, usage });
      else into.fields.set(name, [{ node: selection, usage }]);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition !== undefined && !doesApply(selections.schema, condition, type)) continue;
      const label = labelOf(selection);
      const inside = label === null ? usage : { label, parent: usage };
      if (inside && inside !== usage) into.usages.push(inside);
      collectInto(selections, type, selection.selectionSet, inside, into);
    } else {
      // Fragments that hold a @defer are written out where they are spread, so that each of theirs has a label of its own.
      const fragment = selections.fragments.get(selection.name.value);
      const key = `${selection.name.value} ${usage?.label ?? ''}`;
      if (!fragment || into.visited.has(key)) continue;
      into.visited.add(key);
      if (!doesApply(selections.schema, fragment.typeCondition.name.value, type)) continue;
      collectInto(selections, type, fragment.selectionSet, usage, into);
    }
  }
}

/** The label that every @defer of an operation to be answered in parts has been given. */
export function labelOf({ directives = [] }: { readonly directives?: FieldNode['directives'] }): string | null {
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'defer') continue;
    for (const { value } of given) if (value.kind === Kind.STRING) return value.value;
  }
  return null;
}

/** Whether everything below a field belongs to the same fragment as itself. */
export function isUndivided(selected: readonly DeferredField[], usages: readonly DeferUsage[]): boolean {
  const [usage = null, ...others] = usages;
  if (others.length > 0) return selected.every(({ node }) => !node.selectionSet);
  return selected.every((one) => one.usage === usage && !(one.node.selectionSet && holdsDefer(one.node.selectionSet)));
}

const holding = new WeakMap<SelectionSetNode, boolean>();
function holdsDefer(set: SelectionSetNode): boolean {
  let holds = holding.get(set);
  if (holds === undefined) {
    holds = set.selections.some(
      (selection) =>
        labelOf(selection) !== null ||
        ('selectionSet' in selection && selection.selectionSet !== undefined && holdsDefer(selection.selectionSet)),
    );
    holding.set(set, holds);
  }
  return holds;
}

/** The fragments that a field is answered with: none where any of its selections is outside of all, and none inside another. */
function outermost(fields: readonly DeferredField[]): readonly DeferUsage[] {
  const usages = new Set<DeferUsage>();
  for (const { usage } of fields) {
    if (!usage) return [];
    usages.add(usage);
  }
  return [...usages].filter((usage) => {
    for (let { parent } = usage; parent; { parent } = parent) if (usages.has(parent)) return false;
    return true;
  });
}

const isSame = (one: readonly DeferUsage[], other: readonly DeferUsage[]): boolean =>
  one.length === other.length && one.every((usage) => other.includes(usage));
