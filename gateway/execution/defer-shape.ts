import {
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import type { RuntimeType } from './collect.ts';
import { put, own, isData, type Data } from './data.ts';
import {
  divideFields,
  isUndivided,
  type DeferredField,
  type DeferredFields,
  type DeferredSet,
  type DeferUsage,
} from './defer-collect.ts';
import type { FieldGroup, Fragment, ResultPath, ShapedPart } from './defer-part.ts';
import { BUBBLE, completeValue, note, runtimeTypeOf, type Complete, type ShapeOptions, type Shaping } from './shape.ts';

/** One part being shaped. */
interface Walk {
  readonly shaping: Shaping;
  readonly fragments: Fragment[];
  readonly groups: FieldGroup[];
}
type Fragments = ReadonlyMap<DeferUsage, Fragment>;
type CompleteWalked = (value: unknown, walk: Walk, around: Fragments) => unknown;

interface FieldPlan {
  readonly name: string;
  readonly complete: (object: Data, walk: Walk, around: Fragments) => unknown;
}
interface ObjectPlan {
  readonly now: readonly FieldPlan[];
  readonly later: readonly { readonly usages: readonly DeferUsage[]; readonly fields: readonly FieldPlan[] }[];
  readonly usages: readonly DeferUsage[];
}

/**
 * Compiles the shaping of an operation with deferred fragments. What holds none of them is shaped by the code of the
 * answers that come whole.
 */
export function compileDeferredShape(
  options: ShapeOptions,
  type: RuntimeType,
  set: SelectionSetNode,
): (data: Data, introspected: Shaping['introspected']) => ShapedPart {
  const plan = planObject(options, type, [{ set, usage: null }], []);
  return (data, introspected) => shapePart(introspected, [], (walk) => completeObject(plan, data, walk, new Map()));
}

function shapePart(
  introspected: Shaping['introspected'],
  path: ResultPath,
  complete: (walk: Walk) => Data | undefined,
): ShapedPart {
  const shaping: Shaping = { introspected, isInvalid: false, path: [...path], invalidPaths: [] };
  const walk: Walk = { shaping, fragments: [], groups: [] };
  const data = complete(walk) ?? null;
  return { data, fragments: walk.fragments, groups: walk.groups, invalidPaths: shaping.invalidPaths };
}

function planObject(
  options: ShapeOptions,
  type: RuntimeType,
  sets: readonly DeferredSet[],
  around: readonly DeferUsage[],
): ObjectPlan {
  const { now, later, usages } = divideFields(options, type, sets, around);
  const plan = (fields: DeferredFields, of: readonly DeferUsage[]): FieldPlan[] =>
    [...fields].map(([name, selected]) => planField(options, type, { name, selected, usages: of }));
  return {
    now: plan(now, around),
    later: later.map((group) => ({ usages: group.usages, fields: plan(group.fields, group.usages) })),
    usages,
  };
}

interface PlannedField {
  readonly name: string;
  readonly selected: readonly DeferredField[];
  /** The fragments that it is answered with. */
  readonly usages: readonly DeferUsage[];
}

function planField(options: ShapeOptions, type: RuntimeType, { name, selected, usages }: PlannedField): FieldPlan {
  const nodes = selected.map(({ node }) => node);
  const [first] = nodes;
  const field = first?.name.value ?? '';
  if (field === '__schema' || field === '__type') {
    return { name, complete: (_, { shaping }) => shaping.introspected[name] ?? null };
  }
  if (field === '__typename') {
    const typename = isObjectType(type) ? type.name : BUBBLE;
    return { name, complete: () => typename };
  }
  const fieldType = type.getFields()[field]?.type;
  if (!first || !fieldType) throw new Error(`${type.name} has no field ${field}`);
  if (nodes.every((node) => options.refusedFields.has(node))) {
    const refused = isNonNullType(fieldType) ? BUBBLE : null;
    return { name, complete: () => refused };
  }
  const read = options.inData(first);
  const complete = isUndivided(selected, usages)
    ? completeWhole(options, fieldType, selected)
    : completeDivided(options, fieldType, selected, usages);
  return { name, complete: (object, walk, around) => complete(own(object, read), walk, around) };
}

function completeWhole(
  options: ShapeOptions,
  type: GraphQLOutputType,
  selected: readonly DeferredField[],
): CompleteWalked {
  const nodes = selected.map(({ node }) => node);
  const complete = completeValue({ ...options, isTracking: false }, type, nodes);
  let tracked: Complete | undefined;
  return (value, { shaping }) => {
    const found = shaping.invalidPaths.length;
    const completed = complete(value, shaping);
    if (shaping.invalidPaths.length > found) {
      // Once more, to learn where.
      shaping.invalidPaths.length = found;
      (tracked ??= completeValue({ ...options, isTracking: true }, type, nodes))(value, shaping);
    }
    return completed;
  };
}

function completeDivided(
  options: ShapeOptions,
  type: GraphQLOutputType,
  selected: readonly DeferredField[],
  usages: readonly DeferUsage[],
): CompleteWalked {
  if (isNonNullType(type)) {
    const inner = completeDivided(options, type.ofType, selected, usages);
    return (value, walk, around) => inner(value, walk, around) ?? BUBBLE;
  }
  if (isListType(type)) return completeList(completeDivided(options, type.ofType, selected, usages));
  if (isLeafType(type)) return completeWhole(options, type, selected);
  return completeComposite(options, type, selected, usages);
}

function completeList(item: CompleteWalked): CompleteWalked {
  return (value, walk, around) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return note(walk.shaping);
    const [fragments, groups] = [walk.fragments.length, walk.groups.length];
    const list: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      walk.shaping.path.push(index);
      const one = item(value[index], walk, around);
      walk.shaping.path.pop();
      if (one === BUBBLE) {
        walk.fragments.length = fragments;
        walk.groups.length = groups;
        return null;
      }
      list.push(one);
    }
    return list;
  };
}

function completeComposite(
  options: ShapeOptions,
  type: GraphQLCompositeType,
  selected: readonly DeferredField[],
  usages: readonly DeferUsage[],
): CompleteWalked {
  const sets = selected.flatMap(({ node: { selectionSet: set }, usage }) => (set ? [{ set, usage }] : []));
  const plans = new Map<string, ObjectPlan>();
  return (value, walk, around) => {
    if (value === null || value === undefined) return null;
    if (!isData(value)) return note(walk.shaping);
    const runtimeType = isObjectType(type) ? type : runtimeTypeOf(options, type, value['__typename']);
    if (!runtimeType) return note(walk.shaping);
    let plan = plans.get(runtimeType.name);
    if (!plan) plans.set(runtimeType.name, (plan = planObject(options, runtimeType, sets, usages)));
    return completeObject(plan, value, walk, around) ?? null;
  };
}

/** Completes an object's fields of now, and notes those of later; BUBBLE where one of its Non-Null fields is null. */
function completeObject(plan: ObjectPlan, object: Data, walk: Walk, around: Fragments): Data | undefined {
  const { shaping } = walk;
  const path = plan.usages.length > 0 || plan.later.length > 0 ? [...shaping.path] : [];
  const begun = plan.usages.length > 0 ? new Map(around) : around;
  const [fragments, groups] = [walk.fragments.length, walk.groups.length];
  for (const usage of plan.usages) {
    const fragment = { label: usage.label, path, parent: (usage.parent && begun.get(usage.parent)) ?? null };
    (begun as Map<DeferUsage, Fragment>).set(usage, fragment);
    walk.fragments.push(fragment);
  }
  const data = completeFields(plan.now, object, walk, begun);
  if (!data) {
    walk.fragments.length = fragments;
    walk.groups.length = groups;
    return BUBBLE;
  }
  for (const { usages, fields } of plan.later) {
    walk.groups.push({
      fragments: usages.flatMap((usage) => begun.get(usage) ?? []),
      path,
      names: new Set(fields.map(({ name }) => name)),
      shape: () => shapePart(shaping.introspected, path, (own) => completeFields(fields, object, own, begun)),
    });
  }
  return data;
}

function completeFields(fields: readonly FieldPlan[], object: Data, walk: Walk, around: Fragments): Data | undefined {
  const data: Data = {};
  for (const { name, complete } of fields) {
    walk.shaping.path.push(name);
    const value = complete(object, walk, around);
    walk.shaping.path.pop();
    if (value === BUBBLE) return BUBBLE;
    put(data, name, value);
  }
  return data;
}
