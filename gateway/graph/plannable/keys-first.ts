import { Kind, type ConstDirectiveNode } from 'graphql';
import { argumentOf } from '../composed.ts';
import { graphIn, type Draft } from './draft.ts';

/**
 * Puts keys that a subgraph looks up before those that it only has: the planner returns to a subgraph by the first one,
 * whichever it is. Says whether anything has moved.
 */
export function putKeysFirst({ composites }: Draft): boolean {
  let hasMoved = false;
  for (const type of composites.values()) {
    const all = type.directives ?? [];
    const closed = all.filter(isClosedKey);
    const isAhead = closed.some((key) =>
      all.slice(all.indexOf(key)).some((other) => isOpenKey(other) && graphIn(other) === graphIn(key)),
    );
    if (!isAhead) continue;
    type.directives = [...all.filter((directive) => !isClosedKey(directive)), ...closed];
    hasMoved = true;
  }
  return hasMoved;
}

const isKey = (directive: ConstDirectiveNode): boolean =>
  directive.name.value === 'join__type' && argumentOf(directive, 'key') !== undefined;

const isClosedKey = (directive: ConstDirectiveNode): boolean => {
  const resolvable = argumentOf(directive, 'resolvable');
  return isKey(directive) && resolvable?.kind === Kind.BOOLEAN && !resolvable.value;
};

const isOpenKey = (directive: ConstDirectiveNode): boolean => isKey(directive) && !isClosedKey(directive);
