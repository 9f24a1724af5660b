import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { sharedFetches } from '../metrics.ts';
import type { RequestContext } from './context.ts';
import { copy, type Data } from './data.ts';
import type { FetchFromSubgraph } from './fetch.ts';

/** A request under way, and who else waits for its answer. */
interface Flight {
  readonly service: string;
  readonly asker: string;
  readonly request: SubgraphRequest;
  readonly waiting: ((answer: SubgraphResponse) => void)[];
}

/**
 * Asks once where the same viewer asks a subgraph the same while the answer is on its way. Only queries, and not those of a
 * viewer who has just written (`isWriter`): an answer that was asked for before would hide the change.
 */
export function shareFetches(
  fetch: FetchFromSubgraph,
  isWriter: (context: RequestContext) => boolean,
): FetchFromSubgraph {
  const byQuery = new Map<string, Flight[]>();
  return (service, request, context) => {
    const { query } = request;
    if (request.live !== undefined || query.startsWith('mutation') || isWriter(context)) {
      return fetch(service, request, context);
    }
    const flights = byQuery.get(query) ?? [];
    const asker = askerOf(context);
    const known = flights.find(
      (flight) => flight.service === service && flight.asker === asker && isSame(flight, request),
    );
    if (known) {
      sharedFetches.inc({ subgraph: service });
      return new Promise((resolve) => known.waiting.push(resolve));
    }
    const flight: Flight = { service, asker, request, waiting: [] };
    flights.push(flight);
    byQuery.set(query, flights);
    return fetch(service, request, context).then((answer) => {
      flights.splice(flights.indexOf(flight), 1);
      if (flights.length === 0) byQuery.delete(query);
      // Before the first one goes on and writes into its answer.
      for (const resolve of flight.waiting) resolve(copied(answer));
      return answer;
    });
  };
}

/** Whoever may get the same answer: a session; where nobody is signed in, what comes from one address. */
const askerOf = ({ viewer, client }: RequestContext): string =>
  `${viewer.kind} ${viewer.sessionId ?? viewer.userId ?? client.address} ${viewer.role} ${viewer.scopes?.join(' ') ?? ''}`;

const isSame = ({ request }: Flight, { variables }: SubgraphRequest): boolean =>
  JSON.stringify(request.variables ?? {}) === JSON.stringify(variables ?? {});

const copied = (answer: SubgraphResponse): SubgraphResponse => ({
  ...answer,
  ...(answer.data ? { data: copy(answer.data) as Data } : {}),
});
