import type { SubgraphError } from 'kit/request';
import type { FieldGroup, ResultPath } from '../execution/defer-part.ts';

/** Finds the fields that an error is about, so that it is sent with them. */
export interface Places {
  readonly add: (group: FieldGroup) => void;
  /** Puts errors to the groups that they belong to; returns the others. */
  readonly sort: (errors: readonly SubgraphError[]) => SubgraphError[];
  /** The errors of a group, once. */
  readonly take: (group: FieldGroup) => readonly SubgraphError[];
}

export function createPlaces(): Places {
  const added: FieldGroup[] = [];
  const byPath = new Map<string, FieldGroup[]>();
  const errorsOf = new Map<FieldGroup, SubgraphError[]>();
  const taken = new Set<FieldGroup>();
  const groupAt = (path: ResultPath): FieldGroup | undefined => {
    for (let length = path.length - 1; length >= 0; length--) {
      const here = byPath.get(keyOf(path.slice(0, length)));
      const group = here?.find(({ names }) => names.has(String(path[length])));
      if (group) return taken.has(group) ? undefined : group;
    }
    return undefined;
  };
  return {
    add: (group) => void added.push(group),
    sort: (errors) => {
      if (errors.length === 0) return [];
      // Only once something has gone wrong.
      for (const group of added.splice(0)) {
        const key = keyOf(group.path);
        const known = byPath.get(key);
        if (known) known.push(group);
        else byPath.set(key, [group]);
      }
      return errors.filter((error) => {
        const group = error.path && groupAt(error.path);
        if (!group) return true;
        const known = errorsOf.get(group);
        if (known) known.push(error);
        else errorsOf.set(group, [error]);
        return false;
      });
    },
    take: (group) => {
      taken.add(group);
      const errors = errorsOf.get(group) ?? [];
      errorsOf.delete(group);
      return errors;
    },
  };
}

const keyOf = (path: ResultPath): string => JSON.stringify(path);
