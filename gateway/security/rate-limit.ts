import type { GraphQLError } from 'graphql';
import type { Redis } from 'ioredis';
import { addressKey } from 'kit/address';
import type { Logger } from 'kit/logger';
import { refusal } from '../errors.ts';
import { createRateHeaders, type Quota } from './rate-limit.headers.ts';
import { createLeases } from './rate-limit.lease.ts';
import { createSharedWindow } from './rate-limit.redis.ts';
import { createLocalWindow, SLICES, type Standing, type Standings, type Take } from './rate-limit.window.ts';

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
  /** How long a gateway may sit on uses that it has taken of a busy key in advance, at most a slice of the window; 0: it never does. */
  readonly leaseMilliseconds: number;
}

export const defaultRateRules: RateRules = {
  windowSeconds: 60,
  signedIn: { requests: 100, cost: 20_000 },
  anonymous: { requests: 20, cost: 4000 },
  address: null,
  leaseMilliseconds: 1000,
};

export interface RateRequest {
  /** `user:…` or `key:…`; null for those who are not signed in. */
  readonly viewerKey: string | null;
  readonly address: string;
  readonly cost: number;
  /** Its request has been counted before: only the cost is. */
  readonly isCounted?: boolean;
  /** Credentials came with it that do not hold: it counts for its address, beside those who bring none, as one signed in would. */
  readonly isUnproven?: boolean;
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
 * Redis is away it goes on with its own counts. Of keys that are busy it leases several uses at once.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { rules, maxKeys = 10_000 } = options;
  const local = createLocalWindow(rules.windowSeconds * 1000, maxKeys);
  const leases = leasesOf(options, maxKeys);
  const [decideSignedIn, decideAnonymous] = [rules.signedIn, rules.anonymous].map((rule) =>
    createDecision(rule, rules),
  ) as [Decide, Decide];
  const spend = (takes: readonly Take[]): Standings | null => {
    const now = performance.now();
    return leases?.covers(takes, now) && local.pass(takes, now) ? leases.spend(takes, now) : null;
  };
  const takeOf = async (takes: readonly Take[], decide: Decide): Promise<RateDecision> => {
    const refused = local.refused(takes, performance.now());
    if (refused) return decide(refused);
    const promised = leases?.promised(takes, performance.now());
    if (promised) {
      await promised;
      const spent = spend(takes);
      if (spent) return decide(spent);
    }
    const standings = await leases?.take(takes, performance.now());
    if (!standings) return decide(local.take(takes, performance.now()));
    const decision = decide(standings);
    if (decision.isAllowed) local.record(takes, performance.now());
    return decision;
  };
  return {
    take: async (request) => {
      const takes = takesOf(request, rules);
      const decide = request.viewerKey === null && !request.isUnproven ? decideAnonymous : decideSignedIn;
      const spent = spend(takes);
      return spent ? decide(spent) : takeOf(takes, decide);
    },
  };
}

function leasesOf({ redis, rules, log, patienceMilliseconds = 50 }: RateLimiterOptions, maxKeys: number) {
  if (!redis) return null;
  const windowMilliseconds = rules.windowSeconds * 1000;
  // What is leased counts that much longer: with a longer lease, short windows would be used up by leases.
  const leaseMilliseconds = Math.min(rules.leaseMilliseconds, windowMilliseconds / SLICES);
  const ask = createSharedWindow({ redis, windowMilliseconds, leaseMilliseconds, patienceMilliseconds, log });
  return createLeases(ask, leaseMilliseconds, maxKeys);
}

function takesOf(
  { viewerKey, address, cost, isCounted = false, isUnproven = false }: RateRequest,
  rules: RateRules,
): readonly Take[] {
  const costs = Number.isFinite(cost) ? Math.max(0, Math.ceil(cost)) : Number.MAX_SAFE_INTEGER;
  const amounts = [isCounted ? 0 : 1, costs];
  const take = (key: string, rule: RateRule): Take => ({
    key: `rate:${key}`,
    amounts,
    limits: [rule.requests, rule.cost],
  });
  const own = isUnproven
    ? take(`unproven:${addressKey(address)}`, rules.signedIn)
    : viewerKey === null
      ? take(`anonymous:${addressKey(address)}`, rules.anonymous)
      : take(`viewer:${viewerKey}`, rules.signedIn);
  return rules.address ? [own, take(`address:${addressKey(address)}`, rules.address)] : [own];
}

type Decide = (standings: Standings) => RateDecision;

function createDecision(rule: RateRule, { address, windowSeconds }: RateRules): Decide {
  const quotas = [...quotasOf('', rule), ...(address ? quotasOf('address-', address) : [])];
  const headersOf = createRateHeaders(quotas, windowSeconds);
  return (standings) => {
    const all = standings.length === 1 ? (standings[0] as readonly Standing[]) : standings.flat();
    let waits = 0;
    for (const { isExceeded, resetMilliseconds } of all) if (isExceeded) waits = Math.max(waits, resetMilliseconds);
    const retryAfterSeconds = Math.ceil(waits / 1000);
    const exceeded = retryAfterSeconds === 0 ? -1 : all.findIndex(({ isExceeded }) => isExceeded);
    return {
      isAllowed: exceeded === -1,
      retryAfterSeconds,
      headers: headersOf(all, Math.max(0, exceeded), retryAfterSeconds),
      exceeded: quotas[exceeded]?.name ?? null,
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
