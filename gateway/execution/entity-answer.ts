import type { SubgraphError, SubgraphResponse } from 'kit/request';
import type { Asked } from './entity-lookup.ts';
import type { PlanRun } from './step.ts';
import { clientPathsOf, commonPath } from './targets.ts';

/** Gives entities to the objects that they were asked for, and errors to their places. */
export function receive(
  run: PlanRun,
  asked: readonly Asked[],
  answer: SubgraphResponse,
  aliases: readonly string[],
): void {
  const { data, errors } = answer;
  const filled = aliases.length === 1 ? asked.filter(({ representations }) => representations.length > 0) : asked;
  if (errors) noteErrors(run, filled, aliases, errors);
  if (!data) return;
  filled.forEach((one, index) => {
    const entities = data[aliases[index] ?? ''];
    if (Array.isArray(entities) && entities.length === one.representations.length) {
      if (!errors) one.remember?.(entities);
      one.lookup.give(one, entities);
    } else if (!errors && one.representations.length > 0) run.errors.push(malformed(one));
  });
}

const malformed = ({ lookup: { fetch } }: Asked): SubgraphError => ({
  message: `The part of the graph called "${fetch.node.serviceName}" gave an answer that is none.`,
  path: commonPath(fetch.path),
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: fetch.node.serviceName },
});

type Places = ReturnType<typeof clientPathsOf>;

/** An error of a subgraph speaks of a representation by its index; clients know the objects that it stands for. */
function noteErrors(
  run: PlanRun,
  asked: readonly Asked[],
  aliases: readonly string[],
  errors: readonly SubgraphError[],
): void {
  // The data is walked once for each lookup, however many errors it has.
  const places = new Map<Asked, Places>();
  for (const error of errors) {
    const [alias, index, ...rest] = error.path ?? [];
    const named = asked[aliases.indexOf(String(alias))];
    const targets = typeof index === 'number' ? named?.targets[index] : undefined;
    if (!named || !targets) {
      noteForAll(run, named ? [named] : asked, error);
      continue;
    }
    const known = places.get(named) ?? clientPathsOf(run.data, named.lookup.fetch.path);
    places.set(named, known);
    for (const target of new Set(targets)) {
      for (const at of known.get(target) ?? []) run.errors.push({ ...error, path: [...at, ...rest] });
    }
  }
}

function noteForAll(run: PlanRun, asked: readonly Asked[], error: SubgraphError): void {
  for (const { lookup, representations } of asked) {
    if (representations.length > 0) run.errors.push({ ...error, path: commonPath(lookup.fetch.path) });
  }
}
