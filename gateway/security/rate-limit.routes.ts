import { addressKey } from 'kit/address';
import { createRateLimiter, type RateDecision, type RateLimiterOptions } from './rate-limit.ts';

/** How often a route may be asked from one address, over all gateways, in any window of so long. RATE_LIMITS=off lifts it. */
export interface RouteLimit {
  readonly name: string;
  readonly requests: number;
  readonly windowSeconds: number;
}

/** Counts a request from an address. Never throws. */
export type RouteLimiter = (address: string) => Promise<RateDecision>;

/** Limits one route by itself, in the same sliding window as operations: what is asked there uses up nothing else. */
export function createRouteLimiter(
  { name, requests, windowSeconds }: RouteLimit,
  options: Omit<RateLimiterOptions, 'rules'>,
): RouteLimiter {
  const rule = { requests, cost: Number.MAX_SAFE_INTEGER };
  const rules = { windowSeconds, signedIn: rule, anonymous: rule, address: null, leaseMilliseconds: 0 };
  const limiter = createRateLimiter({ ...options, rules });
  return (address) => limiter.take({ viewerKey: `route:${name}:${addressKey(address)}`, address, cost: 0 });
}
