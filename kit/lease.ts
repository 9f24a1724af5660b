import type { Redis } from 'ioredis';

const LEASE_MS = 3000;
/** Held for certain until then: clocks may differ a little, and an answer takes its time. */
const LEASE_MARGIN_MS = 500;

/** Takes the lease where it is free or ours, and says whether it is ours. KEYS: the lease. ARGV: who asks, milliseconds. */
const LEAD = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

export interface Lease {
  /** Whether the lease is ours, and will be for a while. Asks Redis only where that is not known. */
  readonly isHeld: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

/** Renewed while it is held. What cannot be renewed in time is not held any more, whatever Redis would say. */
export function createLease(redis: Redis, key: string, instance: string): Lease {
  let heldUntil = -Infinity;
  const take = async (): Promise<boolean> => {
    const asked = performance.now();
    const isOurs = (await redis.eval(LEAD, 1, key, instance, LEASE_MS)) === 1;
    heldUntil = isOurs ? asked + LEASE_MS - LEASE_MARGIN_MS : -Infinity;
    return isOurs;
  };
  const renew = setInterval(() => {
    if (performance.now() < heldUntil) void take().catch(() => undefined);
  }, LEASE_MS / 3);
  renew.unref();
  return {
    isHeld: async () => performance.now() < heldUntil || take(),
    release: async () => {
      clearInterval(renew);
      if (performance.now() < heldUntil) await redis.del(key).catch(() => undefined);
    },
  };
}
