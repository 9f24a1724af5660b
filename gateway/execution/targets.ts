import { isData, own, type Data } from './data.ts';

/** Where plan execution stands in the data: response names, and `@` for each element of a list. */
export type PlanPath = readonly (string | number)[];
export type ClientPath = readonly (string | number)[];

/** Every object at a path; what is null on the way has none. */
export function targetsAt(data: Data, path: PlanPath): Data[] {
  const targets: Data[] = [];
  collect(data, path, 0, targets);
  return targets;
}

function collect(value: unknown, path: PlanPath, at: number, targets: Data[]): void {
  if (at === path.length) {
    if (isData(value)) targets.push(value);
    else if (Array.isArray(value)) for (const one of value) collect(one, path, at, targets);
    return;
  }
  const part = path[at];
  if (part === '@') {
    if (Array.isArray(value)) for (const one of value) collect(one, path, at + 1, targets);
  } else if (isData(value)) {
    collect(own(value, String(part)), path, at + 1, targets);
  }
}

/** Where each object at a path stands for the client: walked only once something has gone wrong with one of them. */
export function clientPathsOf(data: Data, path: PlanPath): ReadonlyMap<unknown, readonly ClientPath[]> {
  const found = new Map<unknown, ClientPath[]>();
  const walk = (value: unknown, at: number, here: ClientPath): void => {
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      value.forEach((one, index) => walk(one, next, [...here, index]));
    } else if (at === path.length) {
      const known = found.get(value);
      if (known) known.push(here);
      else found.set(value, [here]);
    } else if (isData(value)) {
      const part = String(path[at]);
      walk(own(value, part), at + 1, [...here, part]);
    }
  };
  walk(data, 0, []);
  return found;
}

/** The part of a path that is the same for all its objects: what a client can still follow. */
export function commonPath(path: PlanPath): ClientPath {
  const end = path.indexOf('@');
  return end === -1 ? path : path.slice(0, end);
}
