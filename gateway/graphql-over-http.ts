import type { GraphQLError } from 'graphql';

/** What an answer may be: the specification's own type tells by its status whether anything has run. */
export type MediaType = 'application/json' | 'application/graphql-response+json';

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';
/** Of two that are asked for alike, as a wildcard does, the first: clients of old know no other. */
const OFFERS: readonly MediaType[] = [JSON_TYPE, GRAPHQL_TYPE];

/** A part of an Accept header: what it takes, how much it wants it (0 to 1), where it stands. All in lower case. */
export interface Range {
  readonly type: string;
  readonly parameters: readonly string[];
  readonly quality: number;
  readonly position: number;
}

/** The media type an Accept header asks for (RFC 9110, 12.5.1); null where it takes none that we have. */
export function mediaTypeOf(accept: string | undefined): MediaType | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  if (accept === GRAPHQL_TYPE) return GRAPHQL_TYPE;
  const ranges = rangesOf(accept);
  let best: MediaType | null = null;
  let bestRange: Range | null = null;
  for (const offer of OFFERS) {
    const range = mostSpecific(ranges, offer);
    if (!range || range.quality === 0 || (bestRange && !isRather(range, bestRange))) continue;
    best = offer;
    bestRange = range;
  }
  return best;
}

/** The parts of an Accept header, in their order. */
export const rangesOf = (accept: string): readonly Range[] => accept.split(',').map(rangeOf);

/** How much either of our types is wanted; 0 where neither is taken. */
export const jsonQualityOf = (ranges: readonly Range[]): number =>
  Math.max(...OFFERS.map((offer) => mostSpecific(ranges, offer)?.quality ?? 0));

const isRather = (one: Range, other: Range): boolean =>
  one.quality > other.quality || (one.quality === other.quality && one.position < other.position);

/** `application/json;q=0` refuses JSON even beside a wildcard that takes everything. */
function mostSpecific(ranges: readonly Range[], offer: MediaType): Range | undefined {
  const of = (type: string): Range | undefined => ranges.find((range) => range.type === type);
  return of(offer) ?? of('application/*') ?? of('*/*');
}

function rangeOf(text: string, position: number): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return { type, parameters, quality: qualityOf(parameters), position };
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  if (given === undefined) return 1;
  const quality = Number(given.slice(2));
  return Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 0;
}

/**
 * The status of a refusal. Under application/json a well-formed request is answered with 200, whatever is wrong with its
 * document or variables: a client could not tell a 400 of ours from one of a proxy. What is wrong with the request itself
 * (BAD_REQUEST, 401, 405, 429, …) is said by the status under either type.
 */
export function statusOf(errors: readonly GraphQLError[], mediaType: MediaType): number {
  const [first] = errors;
  const http = first?.extensions['http'] as { readonly status?: number } | undefined;
  const code = first?.extensions['code'];
  const status = http?.status ?? (code === undefined ? 500 : 400);
  return status === 400 && code !== 'BAD_REQUEST' && mediaType === JSON_TYPE ? 200 : status;
}
