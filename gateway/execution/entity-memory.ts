import type { FetchNode } from '@apollo/query-planner';
import { isData, type Data } from './data.ts';

/** Remembers entities from one operation to another. */
export interface EntityMemory {
  /** Null where what this fetch answers is never remembered. Never rejects. */
  readonly recall: (
    node: FetchNode,
    representations: readonly Data[],
    variables: Readonly<Record<string, unknown>>,
  ) => Promise<Recalled> | null;
}

export interface Recalled {
  /** For each representation the entity, the caller's own; undefined where it must be asked for. */
  readonly entities: readonly (Data | undefined)[];
  /** Takes what a subgraph has answered, without errors, for the representation of this index. */
  readonly remember: (index: number, entity: Data) => void;
}

interface Asking {
  readonly representations: readonly Data[];
  readonly targets: readonly (readonly Data[])[];
}

/** What of a lookup is left to ask for, and what is known. */
export interface Split<Asked extends Asking> {
  readonly known: { readonly asked: Asked; readonly entities: readonly Data[] };
  readonly missing: Asked;
  /** Takes the answers to `missing`, before they are written into. */
  readonly remember: (entities: readonly unknown[]) => void;
}

/** Parts a lookup by what has been recalled, the order kept on both sides. */
export function split<Asked extends Asking>(asked: Asked, { entities, remember }: Recalled): Split<Asked> {
  const known: number[] = [];
  const missing: number[] = [];
  asked.representations.forEach((_, index) => (entities[index] === undefined ? missing : known).push(index));
  const only = (indexes: readonly number[]): Asked => ({
    ...asked,
    representations: indexes.map((index) => asked.representations[index] as Data),
    targets: indexes.map((index) => asked.targets[index] ?? []),
  });
  return {
    known: { asked: only(known), entities: known.map((index) => entities[index] as Data) },
    missing: only(missing),
    remember: (answered) => {
      missing.forEach((index, at) => {
        const entity = answered[at];
        if (isData(entity)) remember(index, entity);
      });
    },
  };
}
