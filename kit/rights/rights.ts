import { z } from 'zod';
import type { Change, Context } from '../context.ts';
import { count, defineEvent, type EventDefinition, id, list, text } from '../events.ts';
import type { Id } from '../ids.ts';

/** What becomes of what a person has written: it stays without them, or goes with them. */
export type Mode = 'ANONYMISE' | 'ERASE';

export interface Person {
  /** TypeID, as events and the graph name them. */
  readonly id: Id;
  /** The same as columns hold it. */
  readonly uuid: string;
  readonly mode: Mode;
}

/** A page of a person's data, in the order of a key. */
export interface Page {
  readonly rows: readonly object[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** A page of rows that were read in the order of their `id`, a uuid. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  write: (row: Row) => object,
): Page {
  return { rows: rows.map(write), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

/** One file of the archive a person gets: what a subgraph knows of them, of one sort. */
export interface Section {
  readonly file: string;
  /** Reads the page after `after`, null at the start. Bounded: a page is held in memory. */
  readonly page: (ctx: Context, person: Person, after: string | null) => Promise<Page>;
}

/** One sort of rows that must go. Called in a transaction of its own until it answers 0: each time a bounded batch. */
export interface Step {
  readonly name: string;
  readonly run: (tx: Change, person: Person) => Promise<number>;
}

/** What a subgraph has of people: how it is given to them, and how it goes. */
export interface RightsPlan {
  readonly subgraph: string;
  readonly sections: readonly Section[];
  /** Erases or anonymises what is the subgraph's own; its events tell the others. */
  readonly erasure: readonly Step[];
  /** Later, once the events of all erasures have arrived everywhere: what is left in projections. */
  readonly sweep: readonly Step[];
}

/** In place of a person who is gone. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

export type Counts = Readonly<Record<string, number>>;

/** One piece of a file: rows as JSON, with commas between them. */
export interface GatheredPart {
  readonly requestId: Id;
  readonly number: number;
  readonly file: string;
  readonly rows: number;
  readonly body: string;
}

/** Where a subgraph's progress is told: to others by events, at home by calls. All in the transaction that made it. */
export interface Reporter {
  /** Whether parts leave by the bus: then they are taken off it once they have arrived. */
  readonly isRemote: boolean;
  readonly part: (tx: Change, part: GatheredPart) => Promise<void>;
  readonly gathered: (tx: Change, requestId: Id, parts: number, counts: Counts) => Promise<void>;
  readonly erased: (tx: Change, requestId: Id, phase: 'ERASE' | 'SWEEP', counts: Counts) => Promise<void>;
}

const counted = z.object({ name: text, count });
export const partShape = { requestId: id, number: count, file: text, rows: count, body: text };
export const gatheredShape = { requestId: id, parts: count, counts: list(counted) };
export const erasedShape = { requestId: id, phase: text, counts: list(counted) };

export const countsOf = (pairs: readonly { name: string; count: number }[]): Counts =>
  Object.fromEntries(pairs.map(({ name, count: number }) => [name, number]));
const pairsOf = (counts: Counts) => Object.entries(counts).map(([name, number]) => ({ name, count: number }));

export const partType = (subgraph: string): string => `${subgraph}-data.gathered`;
export const gatheredType = (subgraph: string): string => `${subgraph}-data.completed`;
export const erasedType = (subgraph: string): string => `${subgraph}-data.erased`;

/** The events by which a subgraph answers. An event has one producer, so their names begin with it. */
export function rightsEvents(subgraph: string): { emits: readonly EventDefinition[]; reporter: Reporter } {
  const aggregate = { aggregate: 'requestId' } as const;
  const part = defineEvent(partType(subgraph), 1, partShape, aggregate);
  const gathered = defineEvent(gatheredType(subgraph), 1, gatheredShape, aggregate);
  const erased = defineEvent(erasedType(subgraph), 1, erasedShape, aggregate);
  const reporter: Reporter = {
    isRemote: true,
    part: async (tx, piece) => tx.emit(part, { ...piece }),
    gathered: async (tx, requestId, parts, counts) => tx.emit(gathered, { requestId, parts, counts: pairsOf(counts) }),
    erased: async (tx, requestId, phase, counts) => tx.emit(erased, { requestId, phase, counts: pairsOf(counts) }),
  };
  return { emits: [part, gathered, erased] as unknown as readonly EventDefinition[], reporter };
}
