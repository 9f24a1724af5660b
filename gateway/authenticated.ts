import { GraphQLError } from 'graphql';
import { codeOf } from './errors.ts';
import { createContext, type RequestContext } from './execution/context.ts';
import type { GatewayHooks } from './hooks.ts';
import type { Exchange } from './http.ts';
import type { Pipeline } from './pipeline.ts';

/** The context of a request over HTTP, or why it has none: credentials that do not hold end it with 401, too many with 429. */
export async function contextOf(
  { request, requestId, client }: Exchange,
  { hooks, pipeline }: { readonly hooks: Pick<GatewayHooks, 'authenticate'>; readonly pipeline: Pipeline },
): Promise<RequestContext | GraphQLError> {
  const authorization = request.headers.authorization ?? null;
  try {
    const viewer = await hooks.authenticate({ authorization, requestId, client });
    return createContext(viewer, requestId, client, request.headers);
  } catch (error) {
    const code = codeOf(error);
    if (!(error instanceof GraphQLError) || code === undefined) throw error;
    const status = code === 'UNAUTHENTICATED' ? 401 : code === 'RATE_LIMITED' ? 429 : 503;
    const refused = new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status } } });
    return status === 401 ? pipeline.refuseUnproven(refused, client) : refused;
  }
}
