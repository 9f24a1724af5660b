import type { Data } from './data.ts';

export type ResultPath = readonly (string | number)[];

/** One deferred fragment of one object of the answer. */
export interface Fragment {
  readonly label: string;
  readonly path: ResultPath;
  /** The fragment that has to be answered before. */
  readonly parent: Fragment | null;
}

/** Fields of one object that come with some of its fragments, or of those of objects above it. */
export interface FieldGroup {
  readonly fragments: readonly Fragment[];
  readonly path: ResultPath;
  readonly names: ReadonlySet<string>;
  /** Shapes them, once what they need has been fetched. Null data where a null has come up as far as the fragment. */
  readonly shape: () => ShapedPart;
}

/** A part of an answer, and what comes after it. */
export interface ShapedPart {
  readonly data: Data | null;
  readonly fragments: readonly Fragment[];
  readonly groups: readonly FieldGroup[];
  /** Where subgraphs have answered values that are none of their types. */
  readonly invalidPaths: readonly ResultPath[];
}
