import { codeOf } from '../errors.ts';
import type { FetchFromSubgraph, FurtherHeaders } from '../execution/fetch.ts';
import type { Forwarding } from '../forwarding.ts';
import type { Exchange } from '../http.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Plugins } from '../plugins.ts';
import { sayHeaders } from '../transport/headers.ts';
import type { Operation } from '../operation/operation.ts';
import { inSpan, isTracing, markFailed, parentOf, ROOT_CONTEXT, SpanKind, traceHeaders } from './spans.ts';

// Each gives back what it was given where nobody takes spans, so that nothing is spent on them.

/** What answers requests, given further things or not. */
type Answering<Given extends readonly unknown[]> = (exchange: Exchange, ...given: Given) => Promise<void>;

/** A span for each HTTP request of a route, `/things/:id`, below the one its `traceparent` names. */
export function tracedHandler<Given extends readonly unknown[]>(
  route: string,
  handler: Answering<Given>,
): Answering<Given> {
  if (!isTracing()) return handler;
  return (exchange, ...given) =>
    inSpan(
      // By the route: there are as many paths as things.
      `${exchange.method} ${route}`,
      async (span) => {
        await handler(exchange, ...given);
        const { statusCode } = exchange.response;
        span?.setAttribute('http.response.status_code', statusCode);
        if (statusCode >= 500) markFailed(span, String(statusCode));
      },
      { kind: SpanKind.SERVER, parent: parentOf(exchange.request.headers), attributes: attributesOf(exchange, route) },
    );
}

const attributesOf = ({ method, path, requestId }: Exchange, route: string) => ({
  'http.request.method': method,
  'http.route': route,
  'url.path': path,
  'request.id': requestId,
});

/** Spans for checking an operation and for running it. */
export function tracedPipeline(pipeline: Pipeline): Pipeline {
  if (!isTracing()) return pipeline;
  return {
    ...pipeline,
    prepare: (request, context) =>
      inSpan('graphql.prepare', async (span) => {
        const outcome = await pipeline.prepare(request, context);
        const [error] = 'errors' in outcome ? outcome.errors : [];
        if (error) markFailed(span, codeOf(error) ?? 'INTERNAL_SERVER_ERROR');
        return outcome;
      }),
    execute: (ready, context) =>
      inSpan(
        'graphql.execute',
        async (span) => {
          const answer = await pipeline.execute(ready, context);
          const [error] = answer.errors ?? [];
          if (error) markFailed(span, String(error.extensions?.['code']));
          return answer;
        },
        { attributes: attributesOfOperation(ready.operation, context.requestId) },
      ),
    executeInParts: (ready, context, request) =>
      inSpan('graphql.execute', () => pipeline.executeInParts(ready, context, request), {
        attributes: { ...attributesOfOperation(ready.operation, context.requestId), 'graphql.incremental': true },
      }),
  };
}

const attributesOfOperation = ({ node }: Operation, requestId: string) => ({
  'graphql.operation.type': node.operation,
  'graphql.operation.name': node.name?.value ?? '',
  'request.id': requestId,
});

/** A trace of its own for what one live event comes to, for one viewer or for all who share it. */
export function tracedEvent<Result>(
  operation: Operation,
  requestId: string,
  hydrate: () => Promise<Result>,
): Promise<Result> {
  const attributes = attributesOfOperation(operation, requestId);
  return inSpan('graphql.event', hydrate, { kind: SpanKind.CONSUMER, parent: ROOT_CONTEXT, attributes });
}

/** What requests to subgraphs carry beside their own headers: the client's, the span they belong to, what plugins say. */
export function furtherHeaders({ fetch }: Plugins, forwarding: Forwarding): FurtherHeaders | null {
  const sources: FurtherHeaders[] = [];
  if (forwarding.names.length > 0) sources.push((_service, _request, { headers }) => forwarding.of(headers));
  if (isTracing()) sources.push(traceHeaders);
  if (fetch) sources.push(fetch);
  if (sources.length < 2) return sources[0] ?? null;
  return async (...asked) => {
    const headers: Record<string, string> = {};
    for (const source of sources) sayHeaders(headers, await source(...asked));
    return headers;
  };
}

/** A span for each request to a subgraph. */
export function tracedFetch(fetch: FetchFromSubgraph): FetchFromSubgraph {
  if (!isTracing()) return fetch;
  return (service, request, context) =>
    inSpan(
      'graphql.fetch',
      async (span) => {
        const answer = await fetch(service, request, context);
        const [error] = answer.errors ?? [];
        if (error) markFailed(span, String(error.extensions?.['code']));
        return answer;
      },
      { kind: SpanKind.CLIENT, attributes: { 'graphql.subgraph': service } },
    );
}
