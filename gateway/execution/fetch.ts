import { GraphQLError } from 'graphql';
import type { Logger } from 'kit/logger';
import type { SubgraphError, SubgraphRequest, SubgraphResponse, Transport } from 'kit/request';
import { codeOf, masked, publicSubgraphError } from '../errors.ts';
import { checkHeaders } from '../head.ts';
import { fetches } from '../metrics.ts';
import { isBroken } from '../resilience.ts';
import type { RequestContext } from './context.ts';
import type { RecentEvents } from './recent-events.ts';
import { rootNamesOf } from './root-names.ts';
import { soundAnswer } from './sound-answer.ts';

export const SUBGRAPH_UNAVAILABLE = 'SUBGRAPH_UNAVAILABLE';

/** Asks a subgraph for a viewer. Never rejects: what fails is an error of the answer, fit for clients. */
export type FetchFromSubgraph = (
  service: string,
  request: SubgraphRequest,
  context: RequestContext,
) => Promise<SubgraphResponse>;

/** Headers to send with a request to a subgraph. What it throws is that request's failure. */
export type FurtherHeaders = (
  service: string,
  request: SubgraphRequest,
  context: RequestContext,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** The one way from an operation to a subgraph: hop made, failures named, events remembered, counted. */
export function createFetch(
  transports: Readonly<Record<string, Transport>>,
  recent: RecentEvents,
  log: Logger,
  furtherHeaders: FurtherHeaders | null = null,
): FetchFromSubgraph {
  return async (service, request, context) => {
    const { viewer, requestId, client } = context;
    let headers: Readonly<Record<string, string>> | undefined;
    try {
      if (furtherHeaders) headers = await furtherHeaders(service, request, context);
      // Undici counts a connection as busy for ever that was given one that cannot be sent.
      if (headers) checkHeaders(headers);
    } catch (error) {
      return { data: null, errors: forEachField(request, refusedBy(error, service, requestId, log)) };
    }
    let answer: SubgraphResponse | null;
    try {
      const transport = transports[service];
      if (!transport) throw new Error('there is no transport to it');
      const hop = { viewer, requestId, client, after: recent.after(context) };
      answer = soundAnswer(await transport.send(request, hop, headers), request.live);
    } catch (error) {
      // An open breaker has been told of when it opened.
      if (!isBroken(error)) log.error({ err: error, service, requestId }, 'a subgraph cannot be reached');
      fetches.inc(service, 'unavailable');
      return { data: null, errors: forEachField(request, unavailable(service)) };
    }
    if (!answer) {
      log.error({ service, requestId }, 'a subgraph has given an answer that is none');
      fetches.inc(service, 'errors');
      return { data: null, errors: forEachField(request, invalid(service)) };
    }
    const emitted = answer.extensions?.emitted;
    if (emitted && emitted.length > 0) recent.remember(context, emitted);
    fetches.inc(service, answer.errors ? 'errors' : 'success');
    if (!answer.errors) return answer;
    return { ...answer, errors: answer.errors.map((error) => publicSubgraphError(service, error, requestId, log)) };
  };
}

const unavailable = (service: string): SubgraphError => ({
  message: `The part of the graph called "${service}" cannot be reached just now.`,
  extensions: { code: SUBGRAPH_UNAVAILABLE, service },
});

const invalid = (service: string): SubgraphError => ({
  message: `The part of the graph called "${service}" gave an answer that is none.`,
  extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service },
});

/** A refusal with a code is the client's to know. */
function refusedBy(error: unknown, service: string, requestId: string, log: Logger): SubgraphError {
  if (error instanceof GraphQLError && codeOf(error) !== undefined) {
    return { message: error.message, extensions: { ...error.extensions, service } };
  }
  log.error({ err: error, service, requestId }, 'a plugin has failed before a fetch');
  const mask = masked(requestId);
  return { ...mask, extensions: { ...mask.extensions, service } };
}

/** One error for each field a client has lost; a lookup of entities has one, and its plan knows where. */
function forEachField(request: SubgraphRequest, error: SubgraphError): SubgraphError[] {
  return rootNamesOf(request)?.map((name) => ({ ...error, path: [name] })) ?? [{ ...error, path: [] }];
}
