import type { GraphQLError } from 'graphql';
import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import { refusal } from '../errors.ts';
import { addressKey } from './address.ts';
import { policyHeader, rateLimitHeaders, type Quota } from './rate-limit.headers.ts';
import { createSharedWindow } from './rate-limit.redis.ts';
import { createLocalWindow, type Standings, type Take } from './rate-limit.window.ts';

/** What one key may use in a window. */
export interface RateRule {
  readonly requests: number;
  readonly cost: number;
}

export interface RateRules {
  readonly windowSeconds: number;
  /** By viewer: a person, an API key. */
  readonly signedIn: RateRule;
  /** By address. */
  readonly anonymous: RateRule;
  /** By address too, for all who come from it together, signed in or not; null: none. */
  readonly address: RateRule | null;
}

export const defaultRateRules: RateRules = {
  windowSeconds: 60,
  signedIn: { requests: 100, cost: 20_000 },
  anonymous: { requests: 20, cost: 4000 },
  address: null,
};

export interface RateRequest {
  /** `user:…` or `key:…`; null for those who are not signed in. */
  readonly viewerKey: string | null;
  readonly address: string;
  readonly cost: number;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  /** 0 where it is allowed. */
  readonly retryAfterSeconds: number;
  /** For the answer, whichever it is; names in lower case. */
  readonly headers: Record<string, string>;
  /** The quota that is used up: `requests`, `cost`, `address-requests`, `address-cost`. */
  readonly exceeded: string | null;
}

export interface RateLimiter {
  /** Counts a request, unless it is refused: whoever waits as long as told gets through. Never throws. */
  readonly take: (request: RateRequest) => Promise<RateDecision>;
}

export interface RateLimiterOptions {
  /** Null counts in this process alone. */
  readonly redis: Redis | null;
  readonly log: Logger;
  readonly rules: RateRules;
  /** Keys that this process remembers by itself. */
  readonly maxKeys?: number;
  /** A request waits no longer for Redis. */
  readonly patienceMilliseconds?: number;
}

/**
 * Limits requests and their cost in a sliding window: in no window do more pass than the limit, over all gateways that
 * share a Redis. Each gateway counts along: what it has let through alone is refused without asking Redis, and where
 * Redis is away it goes on with its own counts.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { redis, log, rules, maxKeys = 10_000, patienceMilliseconds = 50 } = options;
  const windowMilliseconds = rules.windowSeconds * 1000;
  const local = createLocalWindow(windowMilliseconds, maxKeys);
  const shared = redis ? createSharedWindow(redis, windowMilliseconds, patienceMilliseconds, log) : null;
  const [decideSignedIn, decideAnonymous] = [rules.signedIn, rules.anonymous].map((rule) =>
    createDecision(rule, rules),
  );
  return {
    take: async (request) => {
      const takes = takesOf(request, rules);
      const decide = (request.viewerKey === null ? decideAnonymous : decideSignedIn) as Decide;
      const refused = local.refused(takes, performance.now());
      if (refused) return decide(refused);
      const standings = await shared?.(takes);
      if (!standings) return decide(local.take(takes, performance.now()));
      const decision = decide(standings);
      if (decision.isAllowed) local.record(takes, performance.now());
      return decision;
    },
  };
}

function takesOf({ viewerKey, address, cost }: RateRequest, rules: RateRules): readonly Take[] {
  const amounts = [1, Number.isFinite(cost) ? Math.max(0, Math.ceil(cost)) : Number.MAX_SAFE_INTEGER];
  const take = (key: string, rule: RateRule): Take => ({
    key: `rate:${key}`,
    amounts,
    limits: [rule.requests, rule.cost],
  });
  const own =
    viewerKey === null
      ? take(`anonymous:${addressKey(address)}`, rules.anonymous)
      : take(`viewer:${viewerKey}`, rules.signedIn);
  return rules.address ? [own, take(`address:${addressKey(address)}`, rules.address)] : [own];
}

type Decide = (standings: Standings) => RateDecision;

function createDecision(rule: RateRule, { address, windowSeconds }: RateRules): Decide {
  const quotas = [...quotasOf('', rule), ...(address ? quotasOf('address-', address) : [])];
  const policy = policyHeader(quotas, windowSeconds);
  return (standings) => {
    const all = standings.flat();
    const waits = all.map(({ isExceeded, resetMilliseconds }) => (isExceeded ? resetMilliseconds : 0));
    const retryAfterSeconds = Math.ceil(Math.max(...waits) / 1000);
    return {
      isAllowed: retryAfterSeconds === 0,
      retryAfterSeconds,
      headers: rateLimitHeaders(quotas, policy, all, retryAfterSeconds),
      exceeded: quotas[all.findIndex(({ isExceeded }) => isExceeded)]?.name ?? null,
    };
  };
}

const quotasOf = (prefix: string, { requests, cost }: RateRule): readonly Quota[] => [
  { name: `${prefix}requests`, unit: 'requests', limit: requests },
  { name: `${prefix}cost`, unit: 'cost', limit: cost },
];

/** The refusal of a request that was not let through. */
export const rateRefusal = ({ retryAfterSeconds, exceeded }: RateDecision): GraphQLError =>
  refusal('RATE_LIMITED', `Too much at once (${exceeded}); try again in ${retryAfterSeconds} s.`, {
    status: 429,
    retryAfterSeconds,
    exceeded,
  });
