import type { Ask, Grant } from './rate-limit.redis.ts';
import type { Standing } from './rate-limit.window.ts';

/** A lease is at most this part of a limit, and for so many requests: what a gateway may sit on without using it is small. */
const PART = 50;
const MOST_REQUESTS = 200;
/** Of the latest amount in the mean of amounts. */
const WEIGHT = 1 / 8;

/** What this process has leased of one key, and what it has seen of it. Arrays are by quota: requests, cost. */
export interface Account {
  /** Leased and not spent. */
  left: number[];
  /** Where Redis counts the lease; 0 where there is none. */
  slice: number;
  endsAt: number;
  /** As Redis told with the lease, without it. */
  remaining: readonly number[];
  resetsAt: readonly number[];
  /** Requests that were last asked for in a lease; those since then; when that was. */
  size: number;
  uses: number;
  since: number;
  /** What a request takes in the mean. */
  means: number[];
  /** The call that asks for a lease, and for how many requests that wait for it there will be enough. */
  call: Promise<unknown> | null;
  promised: number;
}

export const newAccount = (now: number): Account => ({
  left: [],
  slice: 0,
  endsAt: 0,
  remaining: [],
  resetsAt: [],
  size: 0,
  uses: 0,
  since: now,
  means: [],
  call: null,
  promised: 0,
});

/** Of so small a limit nothing is ever leased. */
export const mayLease = ({ limits }: { readonly limits: readonly number[] }): boolean =>
  limits.every((limit) => limit >= PART);

/**
 * Spends of a lease. What it says remains counts what is left of the lease as free but not what other gateways have used
 * since: it is off by the size of leases.
 */
export function spendOf(account: Account, amounts: readonly number[], now: number): readonly Standing[] {
  note(account, amounts);
  return amounts.map((amount, quota) => {
    const left = (account.left[quota] ?? 0) - amount;
    account.left[quota] = left;
    return {
      remaining: (account.remaining[quota] ?? 0) + left,
      resetMilliseconds: Math.max(1, (account.resetsAt[quota] ?? 0) - now),
      isExceeded: false,
    };
  });
}

function note(account: Account, amounts: readonly number[]): void {
  account.uses += 1;
  amounts.forEach((amount, quota) => {
    const mean = account.means[quota] ?? amount;
    account.means[quota] = mean + (amount - mean) * WEIGHT;
  });
}

/** What to ask for beside a take, and what to give back with it; null: neither. What is given back is left no more. */
export function openLease(
  account: Account,
  limits: readonly number[],
  now: number,
  leaseMilliseconds: number,
): Ask['lease'] {
  const size = sizeOf(account, limits, now, leaseMilliseconds);
  const { left, slice } = account;
  const isOpen = slice > 0 && left.some((amount) => amount > 0);
  account.left = [];
  account.slice = account.endsAt = account.uses = 0;
  account.since = now;
  account.size = account.promised = size;
  if (size === 0 && !isOpen) return null;
  return {
    amounts: limits.map((_, quota) => Math.ceil(size * (account.means[quota] ?? 0))),
    back: isOpen ? left : limits.map(() => 0),
    slice,
  };
}

/**
 * As many requests as are likely to come while a lease lasts, going by how they came since the last call; at most twice as
 * many as the last time, so a burst that ends leaves little.
 */
function sizeOf({ size, uses, since, means }: Account, limits: readonly number[], now: number, lease: number): number {
  const likely = (uses * lease) / (now - since);
  const most = limits.map((limit, quota) => Math.floor(limit / PART) / (means[quota] ?? 0));
  return uses === 0 ? 0 : Math.floor(Math.min(2 * size + 1, likely, MOST_REQUESTS, ...most));
}

/** Takes up what was leased with a take that was let through; how the key stands then, what is leased counted as free. */
export function receiveGrant(account: Account, ask: Ask, grant: Grant, endsAt: number): readonly Standing[] {
  note(account, ask.amounts);
  const { lease } = ask;
  if (!lease) return grant.standings;
  // Close to the limit nothing is leased: whoever waits for a lease would wait for nothing.
  if (grant.slice === 0) account.size = 0;
  if (account.size === 0) return grant.standings;
  const now = performance.now();
  account.left = [...lease.amounts];
  account.slice = grant.slice;
  account.endsAt = endsAt;
  account.remaining = grant.standings.map(({ remaining }) => remaining);
  account.resetsAt = grant.standings.map(({ resetMilliseconds }) => now + resetMilliseconds);
  return grant.standings.map((one, quota) => ({ ...one, remaining: one.remaining + (lease.amounts[quota] ?? 0) }));
}
