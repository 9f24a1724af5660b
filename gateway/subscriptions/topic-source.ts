import type { LiveFollower } from 'kit/live';
import type { SubgraphResponse } from 'kit/request';
import type { RequestContext } from '../execution/context.ts';
import type { FetchFromSubgraph } from '../execution/fetch.ts';
import { compileVariables } from '../execution/variables.ts';
import type { Ready } from '../answer.ts';
import { entityAskOf } from './entity-ask.ts';
import { primaryOf, type Asked } from './primary.ts';
import { project } from './project.ts';
import { isStreamCursor, type Source, type SourceEvent } from './source.ts';

/**
 * Events in Redis, under a topic that the supergraph or the configuration names. An event holds the fields of what it is
 * about, at least those of a key: the owner is asked for the entity as this viewer sees it, or, where it has none to ask
 * for, the event itself is the answer. Fields of other subgraphs are fetched as for any entity.
 */
export function topicSource(fetchFromSubgraph: FetchFromSubgraph, follower: LiveFollower, topic: string): Source {
  const ask = async (
    { operation, variables: { sent } }: Ready,
    event: SourceEvent,
    context: RequestContext,
    isBare: boolean,
  ): Promise<SubgraphResponse> => {
    const primary = primaryOf(operation);
    const entity = entityAskOf(operation);
    const representation = entity?.representationOf(event.payload);
    if (!entity || !representation) return { data: { [primary.name]: project(primary, event.payload) } };
    const asked: Asked = isBare ? entity.bare : entity.whole;
    const variables = { ...compileVariables(asked.variableNames)(sent), representations: [representation] };
    const request = { query: asked.text, operationName: asked.operationName, variables };
    const { data, errors = [] } = await fetchFromSubgraph(primary.service, request, context);
    const found = (data?.['_entities'] as readonly unknown[] | undefined)?.[0] ?? null;
    const placed = errors.map((error) => ({ ...error, path: [primary.name, ...(error.path ?? []).slice(2)] }));
    return { data: { [primary.name]: found }, ...(placed.length > 0 ? { errors: placed } : {}) };
  };
  return {
    key: `topic ${topic}`,
    isCursor: isStreamCursor,
    follow: ({ from, onOverflow }) => follower.follow(topic, { from: from ?? undefined, onOverflow }),
    ask: (ready, event, context) => ask(ready, event, context, false),
    askWhether: (ready, event, context) => ask(ready, event, context, true),
  };
}
