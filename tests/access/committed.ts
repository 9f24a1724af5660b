import type { Cell } from './matrix.ts';

const OUTCOMES = ['value', 'refused', 'null'] as const;

/** `value owner admin; others null`: who met what, and of most of them only that. */
function outcomeOf(cells: readonly Cell[]): string {
  const groups = OUTCOMES.map((seen) => ({
    seen,
    who: cells.filter((one) => one.seen === seen).map(({ holder }) => holder),
  })).filter(({ who }) => who.length > 0);
  const most = groups.reduce((one, other) => (other.who.length > one.who.length ? other : one));
  if (groups.length === 1) return `all ${most.seen}`;
  const few = groups.filter((group) => group !== most).map(({ seen, who }) => `${seen}: ${who.join(', ')}`);
  return [...few, `others ${most.seen}`].join('; ');
}

/** `gateway`, `content`, `content by nodeId`: what of a source its entry does not say. */
const doorOf = ({ door, source }: Cell): string =>
  door === 'gateway' ? 'gateway' : source.replace(/ \S+/, '').replace(/^(\S+)\.\S+/, '$1');

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): [key: string, items: Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

const wordsOf = (words: Iterable<string>): string => [...new Set(words)].join(', ');

/** By which doors and of which objects who met what: `users by id (public): value: owner; others null`. */
function linesOf(cells: readonly Cell[]): string {
  const asked = grouped(cells, (one) => `${doorOf(one)} | ${one.instance}`).map(([key, same]) => {
    const [door = '', instance = ''] = key.split(' | ');
    return { door, instance, outcome: outcomeOf(same) };
  });
  const byDoor = grouped(asked, ({ door }) => door).flatMap(([door, at]) =>
    grouped(at, ({ outcome }) => outcome).map(([outcome, same]) => ({
      door,
      rest: `(${wordsOf(same.map(({ instance }) => instance))}): ${outcome}`,
    })),
  );
  return grouped(byDoor, ({ rest }) => rest)
    .map(([rest, same]) => `    ${wordsOf(same.map(({ door }) => door))} ${rest}`)
    .join('\n');
}

/** The matrix as it is committed: the fields of a type that are met alike together. */
export function written(cells: readonly Cell[]): string {
  const entries = grouped(cells, ({ entry }) => entry).map(([entry, ofEntry]) => {
    const [type = '', field = ''] = entry.split('.');
    return { type, field, lines: linesOf(ofEntry) };
  });
  return grouped(entries, ({ type, lines }) => `${type}\n${lines}`)
    .map(([, [first, ...others]]) => {
      const fields = [first, ...others].map((one) => one?.field).join(', ');
      return `${first?.type ?? ''}: ${fields}\n${first?.lines ?? ''}`;
    })
    .join('\n');
}
