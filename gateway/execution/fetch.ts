import { Kind, parse } from 'graphql';
import type { Logger } from 'kit/logger';
import type { SubgraphError, SubgraphRequest, SubgraphResponse, Transport } from 'kit/request';
import { publicSubgraphError } from '../errors.ts';
import { fetches } from '../metrics.ts';
import type { RequestContext } from './context.ts';
import type { RecentEvents } from './recent-events.ts';

export const SUBGRAPH_UNAVAILABLE = 'SUBGRAPH_UNAVAILABLE';

/** Asks a subgraph for a viewer. Never rejects: what fails is an error of the answer, fit for clients. */
export type FetchFromSubgraph = (
  service: string,
  request: SubgraphRequest,
  context: RequestContext,
) => Promise<SubgraphResponse>;

/** The one way from an operation to a subgraph: hop made, failures named, events remembered, counted. */
export function createFetch(
  transports: Readonly<Record<string, Transport>>,
  recent: RecentEvents,
  log: Logger,
): FetchFromSubgraph {
  return async (service, request, context) => {
    const { viewer, requestId, client } = context;
    let answer: SubgraphResponse;
    try {
      const transport = transports[service];
      if (!transport) throw new Error('there is no transport to it');
      answer = await transport.send(request, { viewer, requestId, client, after: recent.after(context) });
    } catch (error) {
      log.error({ err: error, service, requestId }, 'a subgraph cannot be reached');
      fetches.inc({ subgraph: service, outcome: 'unavailable' });
      return { data: null, errors: unavailable(service, request.query) };
    }
    const emitted = answer.extensions?.emitted;
    if (emitted && emitted.length > 0) recent.remember(context, emitted);
    fetches.inc({ subgraph: service, outcome: answer.errors ? 'errors' : 'success' });
    if (!answer.errors) return answer;
    return { ...answer, errors: answer.errors.map((error) => publicSubgraphError(service, error, requestId, log)) };
  };
}

/** One error for each field a client has lost; a lookup of entities has one, and its plan knows where. */
function unavailable(service: string, query: string): SubgraphError[] {
  const error = {
    message: `The part of the graph called "${service}" cannot be reached just now.`,
    extensions: { code: SUBGRAPH_UNAVAILABLE, service },
  };
  const fields = rootNames(query);
  return fields.length > 0 ? fields.map((field) => ({ ...error, path: [field] })) : [{ ...error, path: [] }];
}

function rootNames(query: string): string[] {
  return parse(query, { noLocation: true }).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    return definition.selectionSet.selections.flatMap((selection) =>
      selection.kind === Kind.FIELD && selection.name.value !== '_entities'
        ? [selection.alias?.value ?? selection.name.value]
        : [],
    );
  });
}
