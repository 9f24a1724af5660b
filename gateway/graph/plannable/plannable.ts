import { nameArgumentFields, type ArgumentField } from './argument-fields.ts';
import { moveToParts } from './copies.ts';
import { openDraft } from './draft.ts';
import { putKeysFirst } from './keys-first.ts';
import { placeRequirements } from './placement.ts';

/** A supergraph as the planner is given it, and what there is in it that subgraphs do not know. */
export interface Plannable {
  /** The supergraph itself where it can be planned as it is. */
  readonly sdl: string;
  /** Fields with arguments that something requires, by the names that the planner knows them by. */
  readonly fields: ReadonlyMap<string, ArgumentField>;
  /** Subgraphs by the names of those parts of them that the planner takes for others. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * Writes a supergraph in such a way that the planner's plans are right: see `putKeysFirst`, `nameArgumentFields` and
 * `placeRequirements` for what it would get wrong. What clients may ask for is still said by the original.
 */
export function plannable(sdl: string): Plannable {
  const draft = openDraft(sdl);
  if (!draft) return { sdl, fields: new Map(), services: new Map() };
  const hasMoved = putKeysFirst(draft);
  const fields = nameArgumentFields(draft);
  const services = moveToParts(draft, placeRequirements(draft, fields));
  const isAsItWas = !hasMoved && fields.size === 0 && services.size === 0;
  return { sdl: isAsItWas ? sdl : draft.print(), fields, services };
}
