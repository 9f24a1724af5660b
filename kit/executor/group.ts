import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import { addError, type Execution, type Group, keysTo, type Place } from './place.ts';

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';

/** A promise that answers later, never within `then`. */
export const nativeOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  promise instanceof Promise ? promise : Promise.resolve(promise);

/** How many microtasks graphql-js's promises take to carry a failure from inside an object, a list or a runtime type to what holds it. */
export const TICKS = { object: 3, list: 2, type: 1, thrown: 4 } as const;

const now = Promise.resolve();

/** Does `work` some microtasks later. Failures take as long as in graphql-js, so that the same ones are told before the rest is null. */
export function later(ticks: number, work: () => void): void {
  if (ticks === 0) work();
  else void now.then(() => later(ticks - 1, work));
}

export const groupOf = (place: Place | undefined, ticks: number): Group => ({
  place,
  ticks,
  parent: null,
  remaining: 0,
  isOver: false,
  thrown: null,
  onDone: null,
  onFail: null,
});

/** Lets `group` wait for what the value completed last waits for. */
export function attach(x: Execution, group: Group): Group {
  if (x.started) x.started.parent = group;
  x.started = null;
  group.remaining++;
  return group;
}

/** The same for a value that `group` has waited for already. */
export function adopt(x: Execution, group: Group, ticks: number): void {
  if (!x.started) return childDone(x, group, ticks);
  x.started.parent = group;
  x.started.ticks += ticks;
  x.started = null;
}

/** One value of a group is there; `lag` microtasks later in graphql-js, which matters only to a failure that waits for it. */
export function childDone(x: Execution, group: Group, lag: number): void {
  if (--group.remaining > 0 || group.isOver) return;
  const { thrown, parent } = group;
  if (thrown) later(lag, () => fail(x, group, thrown));
  else if (parent) childDone(x, parent, lag + group.ticks);
  else group.onDone?.();
}

/** A value of a group that must not be null has failed: so has the group. */
export function fail(x: Execution, group: Group, error: GraphQLError): void {
  if (group.isOver) return;
  group.isOver = true;
  later(group.ticks, () => {
    const { place, parent } = group;
    const cause = group.thrown ?? error;
    if (!parent) group.onFail?.(cause);
    else if (place && place !== parent.place) settle(x, place, parent, cause);
    else fail(x, parent, cause);
  });
}

/** Ends a value of `group` with an error: null where it may be, else the failure of the group. */
export function settle(x: Execution, place: Place, group: Group, error: GraphQLError): void {
  if (!place.isNullable) return fail(x, group, error);
  addError(x, place, error);
  place.holder[place.key] = null;
  childDone(x, group, 0);
}

/** Completes the value at `place` once a promise about its type has answered. */
export function whenKnown(
  x: Execution,
  nodes: readonly FieldNode[],
  place: Place,
  promise: PromiseLike<unknown>,
  complete: (known: unknown) => unknown,
): null {
  const group = groupOf(place, TICKS.type);
  group.remaining = 1;
  const refuse = (raw: unknown): void => fail(x, group, locatedError(raw, nodes, keysTo(place)));
  void nativeOf(promise).then((known) => {
    try {
      place.holder[place.key] = complete(known);
    } catch (error) {
      return refuse(error);
    }
    adopt(x, group, 0);
  }, refuse);
  x.started = group;
  return null;
}
