import { places } from './places.ts';
import { entriesAlong, isRoot, matrix, passedOn, waysTo } from './ways.ts';

/** A field below what is asked for at a source. */
interface Below {
  readonly entry: string;
  /** In the answer's data. */
  readonly path: readonly string[];
  /** All that lies on the way there, itself included. */
  readonly along: readonly string[];
}

let known: Map<string, Below[]> | null = null;

function read(): Map<string, Below[]> {
  const found = new Map<string, Below[]>();
  for (const entry of Object.keys(matrix)) {
    const [type = '', field = ''] = entry.split('.');
    const place = places[type];
    if (isRoot(entry) || place === undefined) continue;
    const along = entriesAlong(entry, place);
    for (const way of waysTo(entry, place)) {
      const below = { entry, path: [...way.path, field], along: passedOn(way, along) };
      found.set(way.source, [...(found.get(way.source) ?? []), below]);
    }
  }
  return found;
}

/** The fields that the matrix looks for in what a source answers. */
export const fieldsBelow = (source: string): readonly Below[] => (known ??= read()).get(source) ?? [];
