import type { GraphQLError } from 'graphql';

/** What an answer may be: the specification's own type tells by its status whether anything has run. */
export type MediaType = 'application/json' | 'application/graphql-response+json';

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';

/** The media type an Accept header asks for; null where it takes none that we have. */
export function mediaTypeOf(accept: string | undefined): MediaType | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  let best: MediaType | null = null;
  let bestQuality = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    const offered = offerFor(type);
    if (!offered || quality <= bestQuality) continue;
    best = offered;
    bestQuality = quality;
  }
  return best;
}

function offerFor(type: string): MediaType | null {
  if (type === GRAPHQL_TYPE) return GRAPHQL_TYPE;
  return type === JSON_TYPE || type === '*/*' || type === 'application/*' ? JSON_TYPE : null;
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  if (given === undefined) return 1;
  const quality = Number(given.slice(2));
  return Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 0;
}

/** The status of a refusal. */
export function statusOf(errors: readonly GraphQLError[], _mediaType: MediaType): number {
  const [first] = errors;
  const http = first?.extensions['http'] as { readonly status?: number } | undefined;
  return http?.status ?? (first?.extensions['code'] === undefined ? 500 : 400);
}
