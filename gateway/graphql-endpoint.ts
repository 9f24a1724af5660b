import { HeaderMap, type ApolloServer, type HTTPGraphQLRequest } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { readJsonBody } from './body.ts';
import { codeOf } from './errors.ts';
import { createContext, type RequestContext } from './execution/context.ts';
import type { GatewayHooks } from './hooks.ts';
import { send, sendError, type Exchange, type Handler } from './http.ts';

export interface EndpointOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly hooks: GatewayHooks;
  readonly bodyLimitBytes: number;
}

/** GraphQL over HTTP: POST with JSON, GET for queries. */
export function graphqlEndpoint({ apollo, hooks, bodyLimitBytes }: EndpointOptions): Handler {
  return async (exchange) => {
    const { request, response, method, search } = exchange;
    const body = method === 'POST' ? await readJsonBody(request, bodyLimitBytes) : { value: undefined };
    if ('refused' in body) {
      return sendError(exchange, body.refused.status, body.refused.code, body.refused.message);
    }
    const httpGraphQLRequest: HTTPGraphQLRequest = { method, headers: headerMap(exchange), search, body: body.value };
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest,
      context: () => contextOf(exchange, hooks),
    });
    // Incremental delivery is off, so that every answer is complete.
    if (answer.body.kind !== 'complete') throw new Error('an answer in parts was not asked for');
    const headers = { 'cache-control': 'no-store', ...Object.fromEntries(answer.headers) };
    if (!response.destroyed) send(exchange, answer.status ?? 200, headers, answer.body.string);
  };
}

function headerMap({ request }: Exchange): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** The context of a request; credentials that do not hold end it with 401. */
async function contextOf({ request, requestId, client }: Exchange, hooks: GatewayHooks): Promise<RequestContext> {
  const authorization = request.headers.authorization ?? null;
  try {
    return createContext(await hooks.authenticate({ authorization, requestId, client }), requestId, client);
  } catch (error) {
    const code = codeOf(error);
    if (!(error instanceof GraphQLError) || code === undefined) throw error;
    const status = code === 'UNAUTHENTICATED' ? 401 : code === 'RATE_LIMITED' ? 429 : 503;
    throw new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status } } });
  }
}
