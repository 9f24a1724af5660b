import type { LiveFollower } from 'kit/live';
import type { SubgraphResponse } from 'kit/request';
import type { RequestContext } from '../execution/context.ts';
import type { FetchFromSubgraph } from '../execution/fetch.ts';
import { compileVariables } from '../execution/variables.ts';
import type { Ready } from '../answer.ts';
import { bareOf, primaryOf, type Asked } from './primary.ts';
import { isStreamCursor, SourceEnded, type Source } from './source.ts';

type Live = 'subscribe' | { readonly event: Readonly<Record<string, unknown>> };

/**
 * Events in Redis, under a topic that the owner names when it has let the viewer in; each event goes back to the owner, which
 * answers what this viewer may see of it. Throws SourceEnded where the owner refuses.
 */
export async function hopSource(
  fetchFromSubgraph: FetchFromSubgraph,
  follower: LiveFollower,
  ready: Ready,
  context: RequestContext,
): Promise<Source> {
  const askOwner = (
    { operation, variables: { sent } }: Ready,
    asked: Asked,
    asking: RequestContext,
    live: Live,
  ): Promise<SubgraphResponse> => {
    const variables = compileVariables(asked.variableNames)(sent);
    const request = { query: asked.text, operationName: asked.operationName, variables, live };
    return fetchFromSubgraph(primaryOf(operation).service, request, asking);
  };
  const { errors = [], extensions } = await askOwner(ready, primaryOf(ready.operation), context, 'subscribe');
  if (errors.length > 0) throw new SourceEnded(errors);
  const topic = extensions?.topic;
  if (topic === undefined) throw new Error(`${primaryOf(ready.operation).service} has named no topic`);
  return {
    key: `hop ${topic}`,
    isCursor: isStreamCursor,
    follow: ({ from, onOverflow }) => follower.follow(topic, { from: from ?? undefined, onOverflow }),
    ask: (now, { payload }, asking) => askOwner(now, primaryOf(now.operation), asking, { event: payload }),
    askWhether: (now, { payload }, asking) => askOwner(now, bareOf(now.operation), asking, { event: payload }),
  };
}
