import { LRUCache } from 'lru-cache';

/**
 * The sliding window, the same in Redis and here. Time is cut into slices; a use counts while its slice touches the
 * window, so every window of that length holds at most the limit, and a use is forgotten one slice late at worst.
 */
export const SLICES = 60;

/** What one request takes of one key: of each quota (requests, cost) an amount and the limit. */
export interface Take {
  readonly key: string;
  readonly amounts: readonly number[];
  readonly limits: readonly number[];
}

/** How one quota of one key stands after a take. */
export interface Standing {
  readonly remaining: number;
  /** Until the oldest use is forgotten or, where the take was refused for this quota, until it would fit; 0: nothing is used. */
  readonly resetMilliseconds: number;
  readonly isExceeded: boolean;
}

/** By key, by quota. */
export type Standings = readonly (readonly Standing[])[];

interface Use {
  slice: number;
  amount: number;
}

/** The uses of one quota of one key, oldest first. */
interface Counter {
  total: number;
  readonly uses: Use[];
}

export interface LocalWindow {
  /** Takes of all keys, or of none where one is exceeded. */
  readonly take: (takes: readonly Take[], now: number) => Standings;
  /** The same without taking; null where all would fit. */
  readonly refused: (takes: readonly Take[], now: number) => Standings | null;
  readonly record: (takes: readonly Take[], now: number) => void;
  /** Takes, without telling how it stands; false where one is exceeded. */
  readonly pass: (takes: readonly Take[], now: number) => boolean;
}

/** Counts in memory, of at most `maxKeys` keys: the least recently used are forgotten first. */
export function createLocalWindow(windowMilliseconds: number, maxKeys: number): LocalWindow {
  const width = windowMilliseconds / SLICES;
  const counters = new LRUCache<string, Counter[]>({ max: maxKeys });
  const countersOf = ({ key, limits }: Take): Counter[] => {
    const known = counters.get(key);
    if (known) return known;
    const made = limits.map(() => ({ total: 0, uses: [] }));
    counters.set(key, made);
    return made;
  };
  const standings = (takes: readonly Take[], now: number): Standing[][] =>
    takes.map((one) => countersOf(one).map((counter, quota) => standingOf(counter, one, quota, now, width)));
  const record = (takes: readonly Take[], now: number): void => {
    const slice = Math.floor(now / width);
    for (const one of takes) countersOf(one).forEach((counter, quota) => add(counter, slice, one.amounts[quota] ?? 0));
  };
  const fits = (one: Take, first: number): boolean => {
    const all = countersOf(one);
    for (const [quota, counter] of all.entries()) {
      forget(counter, first);
      if (counter.total + (one.amounts[quota] ?? 0) > (one.limits[quota] ?? 0)) return false;
    }
    return true;
  };
  const isRefused = (all: Standings): boolean => all.some((one) => one.some(({ isExceeded }) => isExceeded));
  return {
    record,
    pass: (takes, now) => {
      const first = Math.floor(now / width) - SLICES;
      if (!takes.every((one) => fits(one, first))) return false;
      record(takes, now);
      return true;
    },
    refused: (takes, now) => {
      const before = standings(takes, now);
      return isRefused(before) ? before : null;
    },
    take: (takes, now) => {
      const before = standings(takes, now);
      if (isRefused(before)) return before;
      record(takes, now);
      return standings(
        takes.map((one) => ({ ...one, amounts: one.amounts.map(() => 0) })),
        now,
      );
    },
  };
}

function add(counter: Counter, slice: number, amount: number): void {
  if (amount === 0) return;
  const last = counter.uses.at(-1);
  if (last && last.slice >= slice) last.amount += amount;
  else counter.uses.push({ slice, amount });
  counter.total += amount;
}

function standingOf(counter: Counter, take: Take, quota: number, now: number, width: number): Standing {
  forget(counter, Math.floor(now / width) - SLICES);
  const limit = take.limits[quota] ?? 0;
  const excess = counter.total + (take.amounts[quota] ?? 0) - limit;
  const remaining = Math.max(0, limit - counter.total);
  const until = (slice: number) => Math.max(1, Math.ceil((slice + SLICES + 1) * width - now));
  if (excess <= 0) {
    const [oldest] = counter.uses;
    return { remaining, resetMilliseconds: oldest ? until(oldest.slice) : 0, isExceeded: false };
  }
  let freed = 0;
  const last = counter.uses.find(({ amount }) => (freed += amount) >= excess);
  return { remaining, resetMilliseconds: last ? until(last.slice) : SLICES * width, isExceeded: true };
}

/** Drops the uses before a slice. */
function forget(counter: Counter, slice: number): void {
  while (counter.uses[0] && counter.uses[0].slice < slice) counter.total -= counter.uses.shift()?.amount ?? 0;
}
