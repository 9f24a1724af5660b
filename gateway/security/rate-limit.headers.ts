import type { Standing } from './rate-limit.window.ts';

/** One quota as clients see it. */
export interface Quota {
  readonly name: string;
  readonly unit: 'requests' | 'cost';
  readonly limit: number;
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);

/** The RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers-10); `qu` says that a cost is no count of requests. */
const policyHeader = (quotas: readonly Quota[], windowSeconds: number): string =>
  quotas
    .map(({ name, unit, limit }) => `"${name}";q=${limit};w=${windowSeconds}${unit === 'cost' ? ';qu="cost"' : ''}`)
    .join(', ');

/** @param told The quota of which the older fields speak: the one that refused, or else the first. */
export type RateHeaders = (
  standings: readonly Standing[],
  told: number,
  retryAfterSeconds: number,
) => Record<string, string>;

/**
 * The fields of an answer: RateLimit of the draft; the three of its sixth version, which most clients read, about the quota
 * that refused or else about requests; Retry-After with a refusal. Sliding windows reset bit by bit: the reset is when the
 * oldest use is forgotten, and of a quota that refused when the same request would fit. What remains may be off by the size
 * of the gateways' leases. What does not change is written once: this runs for every request.
 */
export function createRateHeaders(quotas: readonly Quota[], windowSeconds: number): RateHeaders {
  const policy = policyHeader(quotas, windowSeconds);
  const limits = quotas.map(({ limit }) => String(limit));
  const starts = quotas.map(({ name }, at) => `${at === 0 ? '' : ', '}"${name}";r=`);
  return (standings, told, retryAfterSeconds) => {
    let each = '';
    for (let at = 0; at < standings.length; at++) {
      const { remaining, resetMilliseconds } = standings[at] as Standing;
      each += `${starts[at]}${remaining};t=${seconds(resetMilliseconds)}`;
    }
    const { remaining, resetMilliseconds } = standings[told] as Standing;
    const headers: Record<string, string> = {
      'ratelimit-policy': policy,
      ratelimit: each,
      'ratelimit-limit': limits[told] as string,
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(seconds(resetMilliseconds)),
    };
    if (retryAfterSeconds > 0) headers['retry-after'] = String(retryAfterSeconds);
    return headers;
  };
}
