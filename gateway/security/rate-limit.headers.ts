import type { Standing } from './rate-limit.window.ts';

/** One quota as clients see it. */
export interface Quota {
  readonly name: string;
  readonly unit: 'requests' | 'cost';
  readonly limit: number;
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);

/** The RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers-10); `qu` says that a cost is no count of requests. */
export const policyHeader = (quotas: readonly Quota[], windowSeconds: number): string =>
  quotas
    .map(({ name, unit, limit }) => `"${name}";q=${limit};w=${windowSeconds}${unit === 'cost' ? ';qu="cost"' : ''}`)
    .join(', ');

/**
 * The fields of an answer: RateLimit of the draft; the three of its sixth version, which most clients read, about the quota
 * that refused or else about requests; Retry-After with a refusal. Sliding windows reset bit by bit: the reset is when the
 * oldest use is forgotten, and of a quota that refused when the same request would fit.
 */
export function rateLimitHeaders(
  quotas: readonly Quota[],
  policy: string,
  standings: readonly Standing[],
  retryAfterSeconds: number,
): Record<string, string> {
  const exceeded = standings.findIndex(({ isExceeded }) => isExceeded);
  const told = exceeded === -1 ? 0 : exceeded;
  const { remaining = 0, resetMilliseconds = 0 } = standings[told] ?? {};
  const each = standings.map(
    (one, at) => `"${quotas[at]?.name}";r=${one.remaining};t=${seconds(one.resetMilliseconds)}`,
  );
  const headers: Record<string, string> = {
    'ratelimit-policy': policy,
    ratelimit: each.join(', '),
    'ratelimit-limit': String(quotas[told]?.limit ?? 0),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(seconds(resetMilliseconds)),
  };
  if (retryAfterSeconds > 0) headers['retry-after'] = String(retryAfterSeconds);
  return headers;
}
