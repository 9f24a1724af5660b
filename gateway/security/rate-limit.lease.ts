import { LRUCache } from 'lru-cache';
import { mayLease, newAccount, openLease, receiveGrant, spendOf, type Account } from './rate-limit.account.ts';
import type { Ask, AskRedis } from './rate-limit.redis.ts';
import type { Standings, Take } from './rate-limit.window.ts';

export interface Leases {
  /** Whether what is leased is enough of every key. */
  readonly covers: (takes: readonly Take[], now: number) => boolean;
  /** Spends what is leased, which must be enough. */
  readonly spend: (takes: readonly Take[], now: number) => Standings;
  /** A call under way that asks for enough for this one too; null where none does. */
  readonly promised: (takes: readonly Take[], now: number) => Promise<unknown> | null;
  /** Takes in Redis, and leases more of keys that are busy; null where Redis is away. */
  readonly take: (takes: readonly Take[], now: number) => Promise<Standings | null>;
}

/**
 * Leases of a shared window: a gateway that sees a key often takes several uses from Redis at once and spends them by
 * itself while the lease lasts. They count as used from the start, so all gateways together never let through more than
 * the limit. What is not spent is given back with the next call for that key: a key whose requests come unevenly would
 * otherwise lose a good part of its limit. One call at a time leases, so no gateway sits on more than one lease of a key.
 */
export function createLeases(ask: AskRedis, leaseMilliseconds: number, maxKeys: number): Leases {
  const accounts = new LRUCache<string, Account>({ max: maxKeys });
  const accountOf = ({ key }: Take, now: number): Account => {
    const known = accounts.get(key);
    if (known) return known;
    const made = newAccount(now);
    accounts.set(key, made);
    return made;
  };
  const isCovered = ({ key, amounts }: Take, now: number): boolean => {
    const account = accounts.get(key);
    return account !== undefined && now < account.endsAt && amounts.every((one, at) => one <= (account.left[at] ?? -1));
  };
  return {
    covers: (takes, now) => takes.every((take) => isCovered(take, now)),
    spend: (takes, now) => takes.map((take) => spendOf(accountOf(take, now), take.amounts, now)),
    promised: (takes, now) => {
      const lacking = takes.filter((take) => !isCovered(take, now)).map(({ key }) => accounts.get(key));
      if (!lacking.every((account) => account?.call && account.promised > 0)) return null;
      for (const account of lacking) if (account) account.promised -= 1;
      return Promise.all(lacking.map(async (account) => account?.call));
    },
    take: (takes, now) =>
      askFor(
        ask,
        takes.map((take) => ({ take, account: mayLease(take) ? accountOf(take, now) : null })),
        now,
        leaseMilliseconds,
      ),
  };
}

interface Known {
  readonly take: Take;
  /** Null where nothing can be leased. */
  readonly account: Account | null;
}

async function askFor(
  ask: AskRedis,
  known: readonly Known[],
  now: number,
  leaseMilliseconds: number,
): Promise<Standings | null> {
  const asks = known.map(({ take, account }): Ask => {
    const isFree = account !== null && account.call === null;
    return { ...take, lease: isFree ? openLease(account, take.limits, now, leaseMilliseconds) : null };
  });
  const call = ask(asks);
  const leasing = known.flatMap(({ account }, at) => (account && asks[at]?.lease ? [account] : []));
  for (const account of leasing) account.call = call;
  const grants = await call;
  for (const account of leasing) account.call = null;
  if (!grants) return null;
  const isTaken = grants.every(({ standings }) => standings.every(({ isExceeded }) => !isExceeded));
  return grants.map((grant, at) => {
    const account = isTaken && known[at]?.account;
    return account ? receiveGrant(account, asks[at] as Ask, grant, now + leaseMilliseconds) : grant.standings;
  });
}
