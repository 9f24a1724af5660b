import { currentScope } from 'kit/scope';
import type { Logger } from 'kit/logger';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { SubgraphError } from 'kit/request';

const INTERNAL = 'INTERNAL_SERVER_ERROR';
const MASKED_MESSAGE = 'Something went wrong on our side.';
/** What a subgraph's framework may add and no client may see. */
const PRIVATE_EXTENSIONS = ['serviceName', 'stacktrace', 'exception', 'http'];

/** A refusal by the gateway itself. `status` is the HTTP status where it comes before any execution. */
export function refusal(
  code: string,
  message: string,
  { status, ...extensions }: { readonly status?: number } & Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions, ...(status ? { http: { status } } : {}) } });
}

export const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof GraphQLError)) return undefined;
  const { code } = error.extensions;
  return typeof code === 'string' ? code : undefined;
};

/** The error a client sees in place of one that is none of its business. */
export const masked = (requestId: string | undefined): GraphQLFormattedError => ({
  message: MASKED_MESSAGE,
  extensions: { code: INTERNAL, ...(requestId ? { requestId } : {}) },
});

/** A subgraph's error as it may leave: coded ones as they are, others masked and logged with what they said. */
export function publicSubgraphError(
  service: string,
  error: SubgraphError,
  requestId: string,
  log: Logger,
): SubgraphError {
  const path = error.path ? { path: error.path } : {};
  const code = error.extensions?.['code'];
  if (typeof code === 'string' && code !== INTERNAL) {
    return { message: error.message, ...path, extensions: withoutPrivate(error.extensions ?? {}) };
  }
  log.error({ service, requestId, path: error.path, reason: error.message }, 'a subgraph has failed');
  const mask = masked(requestId);
  return { ...mask, ...path, extensions: { ...mask.extensions, service } };
}

export type FormatError = (error: GraphQLError) => GraphQLFormattedError;

/**
 * Formats the gateway's own errors on their way out, whichever door it leaves by: nothing private, and a mask with the request id
 * over what has no code. What subgraphs failed at was made fit for clients where it arrived.
 */
export function createErrorFormatter(log: Logger): FormatError {
  return (error) => {
    const { message, locations, path, extensions = {} } = error.toJSON();
    const rest = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
    const { code = INTERNAL } = extensions;
    if (code !== INTERNAL) return { message, ...rest, extensions: { ...withoutPrivate(extensions), code } };
    const requestId = currentScope()?.requestId;
    log.error({ err: originalOf(error), requestId }, 'a request has failed');
    return { ...masked(requestId), ...(path ? { path } : {}) };
  };
}

const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? error.originalError : error;

function withoutPrivate(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = { ...extensions };
  for (const name of PRIVATE_EXTENSIONS) delete kept[name];
  return kept;
}
