import type { SubgraphRequest, SubgraphResponse } from 'kit/request';
import { sharedFetches } from '../metrics.ts';
import type { Forwarding } from '../forwarding.ts';
import type { RequestContext } from './context.ts';
import { copy, type Data } from './data.ts';
import type { FetchFromSubgraph } from './fetch.ts';

/** A request under way, and who else waits for its answer. */
interface Flight {
  readonly service: string;
  readonly asker: string;
  /** The same, whatever headers they bring. */
  readonly viewer: string;
  readonly request: SubgraphRequest;
  readonly waiting: PromiseWithResolvers<SubgraphResponse>[];
  /** Its asker has written since: what it brings may be from before. */
  isPast: boolean;
}

/**
 * Asks once where the same viewer asks a subgraph the same while the answer is on its way. Only queries, and not those of a
 * viewer who has just written (`isWriter`): an answer that was asked for before would hide the change.
 */
export function shareFetches(
  fetch: FetchFromSubgraph,
  isWriter: (context: RequestContext) => boolean,
  forwarding: Pick<Forwarding, 'keyOf'>,
): FetchFromSubgraph {
  const askerOf = (context: RequestContext): string => viewerOf(context) + forwarding.keyOf(context.headers);
  const byQuery = new Map<string, Flight[]>();
  return (service, request, context) => {
    const { query } = request;
    if (query.startsWith('mutation')) {
      leavePast(byQuery, viewerOf(context));
      return fetch(service, request, context).finally(() => leavePast(byQuery, viewerOf(context)));
    }
    if (request.live !== undefined || isWriter(context)) return fetch(service, request, context);
    const flights = byQuery.get(query) ?? [];
    const asker = askerOf(context);
    const known = flights.find(
      (flight) => flight.service === service && flight.asker === asker && !flight.isPast && isSame(flight, request),
    );
    if (known) {
      sharedFetches.inc({ subgraph: service });
      const waiting = Promise.withResolvers<SubgraphResponse>();
      known.waiting.push(waiting);
      return waiting.promise;
    }
    const flight: Flight = { service, asker, viewer: viewerOf(context), request, waiting: [], isPast: false };
    flights.push(flight);
    byQuery.set(query, flights);
    const land = (): void => {
      flights.splice(flights.indexOf(flight), 1);
      if (flights.length === 0 && byQuery.get(query) === flights) byQuery.delete(query);
    };
    return fetch(service, request, context).then(
      (answer) => {
        land();
        // Before the first one goes on and writes into its answer.
        for (const waiting of flight.waiting) giveCopy(waiting, answer);
        return answer;
      },
      (error: unknown) => {
        land();
        for (const { reject } of flight.waiting) reject(error);
        throw error;
      },
    );
  };
}

/** Whoever writes asks for what comes after it. */
function leavePast(byQuery: ReadonlyMap<string, readonly Flight[]>, viewer: string): void {
  for (const flights of byQuery.values()) {
    for (const flight of flights) if (flight.viewer === viewer) flight.isPast = true;
  }
}

/** An answer too deep to be copied is nobody else's. */
function giveCopy({ resolve, reject }: Flight['waiting'][number], answer: SubgraphResponse): void {
  try {
    resolve(copied(answer));
  } catch (error) {
    reject(error);
  }
}

/** Whoever may get the same answer: a session or a key; where nobody is signed in, what comes from one address. */
const viewerOf = ({ viewer, client }: Pick<RequestContext, 'viewer' | 'client'>): string => {
  const { kind, sessionId, keyId, userId, role, scopes, isUnverified = false } = viewer;
  return `${kind} ${sessionId ?? keyId ?? userId ?? client.address} ${role} ${isUnverified} ${scopes?.join(' ') ?? ''}`;
};

const isSame = ({ request }: Flight, { variables }: SubgraphRequest): boolean =>
  JSON.stringify(request.variables ?? {}) === JSON.stringify(variables ?? {});

const copied = (answer: SubgraphResponse): SubgraphResponse => ({
  ...answer,
  ...(answer.data ? { data: copy(answer.data) as Data } : {}),
});
