import { currentScope } from 'kit/scope';
import type { Logger } from 'kit/logger';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { SubgraphError } from 'kit/request';

const INTERNAL = 'INTERNAL_SERVER_ERROR';
const MASKED_MESSAGE = 'Something went wrong on our side.';
/** What a subgraph's framework may add and no client may see. */
const PRIVATE_EXTENSIONS = ['serviceName', 'stacktrace', 'exception', 'http', 'limitCode'];

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
  return { ...masked(requestId), ...path };
}

/**
 * Formats every error on its way out, whichever door it leaves by: nothing private, a path that clients can follow, and a
 * mask with the request id over what has no code.
 */
export function createErrorFormatter(log: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const extensions = formatted.extensions ?? {};
    const { locations } = formatted;
    const path = publicPath(formatted.path);
    const rest = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
    const code = extensions['limitCode'] ?? extensions['code'] ?? INTERNAL;
    if (code !== INTERNAL) {
      return { message: formatted.message, ...rest, extensions: { ...withoutPrivate(extensions), code } };
    }
    // What a subgraph failed at was masked and logged where it arrived.
    if (typeof extensions['requestId'] === 'string') return { ...masked(extensions['requestId']), ...rest };
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

/** The planner writes `@` for "each element" and `_entities` for a lookup: from there on the path is not the client's. */
function publicPath(path: readonly (string | number)[] | undefined): readonly (string | number)[] | undefined {
  const end = path?.findIndex((part) => part === '@' || part === '_entities') ?? -1;
  const known = end === -1 ? path : path?.slice(0, end);
  return known && known.length > 0 ? known : undefined;
}
