import type { SubgraphError } from 'kit/request';
import type { FieldGroup, Fragment, ShapedPart } from '../execution/defer-part.ts';
import { invalidValue } from '../execution/shaper.ts';
import { createPlaces, type Places } from './places.ts';

/** A fragment that a client has been told to wait for. */
export interface Pending {
  readonly id: string;
  readonly fragment: Fragment;
}

/** Fields for an object that the client has. */
export interface Patch {
  /** The fragment that they are sent with. */
  readonly pending: Pending;
  readonly path: FieldGroup['path'];
  readonly data: Record<string, unknown>;
  readonly errors: readonly SubgraphError[];
}

export interface Completed {
  readonly pending: Pending;
  /** Why there is nothing of it; empty where there is. */
  readonly errors: readonly SubgraphError[];
  /** Whether fields came with it. */
  readonly isPatched: boolean;
}

/** What is sent at one time. */
export interface Delivered {
  readonly pending: readonly Pending[];
  readonly patches: readonly Patch[];
  readonly completed: readonly Completed[];
  readonly hasNext: boolean;
}

export interface Delivery {
  /** The first answer. */
  readonly begin: (
    part: ShapedPart,
    errors: readonly SubgraphError[],
  ) => Pick<Delivered, 'pending' | 'hasNext'> & { readonly errors: readonly SubgraphError[] };
  /** What can be sent now; null where nothing can. */
  readonly next: () => Delivered | null;
  /** Ends all that is still waited for with this error. */
  readonly giveUp: (error: SubgraphError) => Delivered;
}

export interface DeliveryOptions {
  /** Whether all of a fragment, by its label, has been fetched. */
  readonly isFetched: (label: string) => boolean;
  /** What went wrong meanwhile; each is told once. */
  readonly takeErrors: (label: string) => readonly SubgraphError[];
  /** Tells also of fragments that bring nothing new. */
  readonly tellsEmpty: boolean;
}

interface State {
  readonly fragment: Fragment;
  readonly groups: Set<FieldGroup>;
  readonly children: State[];
  pending: Pending | null;
}

/** Keeps what of an answer has been sent and what has not, in the order that fragments within others ask for. */
interface Keeping extends DeliveryOptions {
  readonly states: Map<Fragment, State>;
  readonly waiting: Set<State>;
  readonly shaped: Map<FieldGroup, ShapedPart>;
  readonly sent: Set<FieldGroup>;
  readonly places: Places;
  /** Errors whose place nobody knows go with what is sent next. */
  readonly loose: SubgraphError[];
  told: number;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const keeping: Keeping = {
    ...options,
    states: new Map(),
    waiting: new Set(),
    shaped: new Map(),
    sent: new Set(),
    places: createPlaces(),
    loose: [],
    told: 0,
  };
  const hasNext = (): boolean => keeping.waiting.size > 0;
  return {
    begin: (part, errors) => {
      const begun = add(keeping, part);
      const pending = release(keeping, begun);
      const mine = [...keeping.places.sort(errors), ...part.invalidPaths.map(invalidValue)];
      return { pending, errors: mine, hasNext: hasNext() };
    },
    next: () => {
      const delivered: Delivering = { pending: [], patches: [], completed: [] };
      for (let state = readyIn(keeping); state; state = readyIn(keeping)) deliver(keeping, state, delivered);
      return delivered.completed.length > 0 ? { ...delivered, hasNext: hasNext() } : null;
    },
    giveUp: (error) => {
      const completed = [...keeping.waiting].flatMap(({ pending, fragment: { path } }) =>
        pending ? [{ pending, errors: [{ ...error, path }], isPatched: false }] : [],
      );
      keeping.waiting.clear();
      return { pending: [], patches: [], completed, hasNext: false };
    },
  };
}

/** Takes note of a part's fragments and groups; returns the fragments that wait for no other. */
function add({ states, places }: Keeping, part: ShapedPart): State[] {
  const free: State[] = [];
  for (const fragment of part.fragments) {
    const state: State = { fragment, groups: new Set(), children: [], pending: null };
    states.set(fragment, state);
    const parent = fragment.parent && states.get(fragment.parent);
    if (parent) parent.children.push(state);
    else free.push(state);
  }
  for (const group of part.groups) {
    places.add(group);
    for (const fragment of group.fragments) states.get(fragment)?.groups.add(group);
  }
  return free;
}

/** Makes fragments known to the client; those that bring nothing give way to what is inside them. */
function release(keeping: Keeping, states: readonly State[]): Pending[] {
  return states.flatMap((state) => {
    if (state.groups.size === 0 && !keeping.tellsEmpty) return release(keeping, state.children);
    state.pending = { id: String(keeping.told++), fragment: state.fragment };
    keeping.waiting.add(state);
    return [state.pending];
  });
}

function readyIn({ waiting, isFetched }: Keeping): State | undefined {
  for (const state of waiting) if (isFetched(state.fragment.label)) return state;
  return undefined;
}

interface Delivering {
  readonly pending: Pending[];
  readonly patches: Patch[];
  readonly completed: Completed[];
}

function deliver(keeping: Keeping, state: State, into: Delivering): void {
  const { pending } = state;
  keeping.waiting.delete(state);
  if (!pending) return;
  const parts = shapeGroups(keeping, state);
  for (const error of keeping.places.sort(keeping.takeErrors(pending.fragment.label))) keeping.loose.push(error);
  const patches: Patch[] = [];
  const errors: SubgraphError[] = [];
  for (const { group, part } of parts) {
    if (keeping.sent.has(group)) continue;
    const own = [...keeping.places.take(group), ...part.invalidPaths.map(invalidValue)];
    for (const error of own) errors.push(error);
    const nearby = nearest(keeping, pending, group);
    if (part.data) patches.push({ pending: nearby, path: group.path, data: part.data, errors: own });
  }
  if (parts.some(({ part }) => part.data === null)) {
    for (const error of keeping.loose.splice(0)) errors.push(error);
    if (errors.length === 0) errors.push({ ...nothing, path: pending.fragment.path });
    into.completed.push({ pending, errors, isPatched: false });
    return;
  }
  for (const { group } of parts) keeping.sent.add(group);
  const [first, ...others] = patches;
  if (first) into.patches.push({ ...first, errors: [...first.errors, ...keeping.loose.splice(0)] }, ...others);
  into.completed.push({ pending, errors: [], isPatched: first !== undefined });
  into.pending.push(...release(keeping, state.children));
}

interface ShapedGroup {
  readonly group: FieldGroup;
  readonly part: ShapedPart;
}

function shapeGroups(keeping: Keeping, { groups }: State): readonly ShapedGroup[] {
  const shaped: ShapedGroup[] = [];
  // Shaping may bring to light further groups of the same fragment: the loop comes to them as well.
  for (const group of groups) {
    let part = keeping.shaped.get(group);
    if (!part) {
      part = group.shape();
      keeping.shaped.set(group, part);
      add(keeping, part);
    }
    shaped.push({ group, part });
  }
  return shaped;
}

/** Of the fragments that a client waits for and that fields belong to, the one that begins closest to them. */
function nearest({ states, waiting }: Keeping, delivered: Pending, { fragments }: FieldGroup): Pending {
  let found = delivered;
  for (const fragment of fragments) {
    const state = states.get(fragment);
    if (!state?.pending || !waiting.has(state)) continue;
    if (fragment.path.length > found.fragment.path.length) found = state.pending;
  }
  return found;
}

const nothing: SubgraphError = {
  message: 'A part of the answer that cannot be null was not there.',
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' },
};
