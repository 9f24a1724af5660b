import { locatedError } from 'graphql';
import { adopt, attach, groupOf, isPromise, later, nativeOf, settle, TICKS } from './group.ts';
import { addError, type Execution, type Group, type Holder, infoOf, keysTo, type Place, placeOf } from './place.ts';
import type { FieldPlan, SelectionPlan, Slot } from './plan.ts';

const isReadable = (source: unknown): source is Holder =>
  (typeof source === 'object' && source !== null) || typeof source === 'function';

/** Answers an object's fields. What is still awaited is left in `x.started` and filled in later. */
export function executeFields(x: Execution, plan: SelectionPlan, source: unknown, place: Place | undefined): Holder {
  const holder: Holder = plan.blank();
  let group: Group | null = null;
  try {
    for (const field of plan.fields) group = executeField(x, field, source, holder, place, group);
  } catch (error) {
    if (!group) throw error;
    group.thrown = error as Group['thrown'];
    group.ticks = TICKS.thrown;
  }
  x.started = group;
  return holder;
}

/** Answers one field into `holder`. Returns the group of what `holder` waits for, which is made when first needed. */
export function executeField(
  x: Execution,
  field: FieldPlan,
  source: unknown,
  holder: Holder,
  parent: Place | undefined,
  group: Group | null,
): Group | null {
  const { responseName } = field;
  let place: Place | undefined;
  try {
    let value: unknown = field.resolve === null && isReadable(source) ? source[field.fieldName] : undefined;
    if (field.resolve !== null || typeof value === 'function') {
      place = placeOf(parent, responseName, field, field.isNullable, holder);
      value = resolve(x, field, source, place);
    }
    if (isPromise(value)) {
      place ??= placeOf(parent, responseName, field, field.isNullable, holder);
      return wait(x, field, place, place, group ?? groupOf(parent, TICKS.object), value);
    }
    if (field.leaf === null && value != null) place ??= placeOf(parent, responseName, field, field.isNullable, holder);
    holder[responseName] = completeSlot(x, field, place, value, place);
    return x.started === null ? group : attach(x, group ?? groupOf(parent, TICKS.object));
  } catch (raw) {
    place ??= placeOf(parent, responseName, field, field.isNullable, holder);
    refuse(x, field, place, raw);
    return group;
  }
}

/** Calls the field's resolver, or the source's method of its name. */
function resolve(x: Execution, field: FieldPlan, source: unknown, place: Place): unknown {
  const given = field.readArguments(x.variables);
  if (field.resolve !== null) return field.resolve(source, given, x.context, infoOf(x, place));
  const methods = source as Record<string, (...given: unknown[]) => unknown>;
  return methods[field.fieldName]?.(given, x.context, infoOf(x, place));
}

/** Answers a list. What is still awaited is left in `x.started` and filled in later. */
export function executeItems(
  x: Execution,
  slot: Slot,
  values: Iterable<unknown>,
  list: Place,
  owner: Place,
): unknown[] {
  const items: unknown[] = [];
  let group: Group | null = null;
  for (const value of values) group = executeItem(x, slot, value, items, list, owner, group);
  x.started = group;
  return items;
}

function executeItem(
  x: Execution,
  slot: Slot,
  value: unknown,
  items: unknown[],
  list: Place,
  owner: Place,
  group: Group | null,
): Group | null {
  const index = items.push(null) - 1;
  const holder = items as unknown as Holder;
  let place: Place | undefined;
  try {
    const isAwaited = isPromise(value);
    if (isAwaited || slot.leaf === null) place = placeOf(list, index, undefined, slot.isNullable, holder);
    if (isAwaited) return wait(x, slot, place as Place, owner, group ?? groupOf(list, TICKS.list), value);
    items[index] = completeSlot(x, slot, place, value, owner);
    return x.started === null ? group : attach(x, group ?? groupOf(list, TICKS.list));
  } catch (raw) {
    place ??= placeOf(list, index, undefined, slot.isNullable, holder);
    refuse(x, slot, place, raw);
    return group;
  }
}

/** Ends a value with an error at once: null where it may be, else thrown on to what holds it. */
function refuse(x: Execution, slot: Slot, place: Place, raw: unknown): void {
  const error = locatedError(raw, slot.nodes, keysTo(place));
  if (!slot.isNullable) throw error;
  addError(x, place, error);
  place.holder[place.key] = null;
}

function completeSlot(
  x: Execution,
  slot: Slot,
  place: Place | undefined,
  value: unknown,
  owner: Place | undefined,
): unknown {
  if (value == null) {
    if (slot.isNullable) return null;
    throw new Error(slot.nullMessage);
  }
  if (slot.leaf !== null) return slot.leaf(value);
  if (value instanceof Error) throw value;
  return slot.complete?.(x, place as Place, value, owner as Place);
}

/** Lets `group` wait for a promised value, which goes to `place`. */
function wait(
  x: Execution,
  slot: Slot,
  place: Place,
  owner: Place,
  group: Group,
  promise: PromiseLike<unknown>,
): Group {
  group.remaining++;
  const fails = (raw: unknown): void =>
    later(1, () => settle(x, place, group, locatedError(raw, slot.nodes, keysTo(place))));
  void nativeOf(promise).then((value) => {
    try {
      place.holder[place.key] = completeSlot(x, slot, place, value, owner);
    } catch (error) {
      return fails(error);
    }
    adopt(x, group, 1);
  }, fails);
  return group;
}
