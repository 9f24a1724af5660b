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
  if (errors) for (const error of errors) noteError(run, filled, aliases, error);
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

/** An error of a subgraph speaks of a representation by its index; clients know the objects that it stands for. */
function noteError(run: PlanRun, asked: readonly Asked[], aliases: readonly string[], error: SubgraphError): void {
  const [alias, index, ...rest] = error.path ?? [];
  const named = asked[aliases.indexOf(String(alias))];
  const targets = typeof index === 'number' ? named?.targets[index] : undefined;
  if (named && targets) {
    const places = clientPathsOf(run.data, named.lookup.fetch.path, new Set(targets));
    for (const at of places) run.errors.push({ ...error, path: [...at, ...rest] });
    return;
  }
  for (const { lookup, representations } of named ? [named] : asked) {
    if (representations.length > 0) run.errors.push({ ...error, path: commonPath(lookup.fetch.path) });
  }
}
