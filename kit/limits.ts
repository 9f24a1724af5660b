import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { CodedError } from './errors.ts';

export interface Limit {
  readonly name: string;
  readonly points: number;
  readonly durationSeconds: number;
}

export interface Limiter {
  /** Takes a point of `limit` for `key` (a person, an address). Throws RATE_LIMITED with `retryAfterSeconds` when none is left. */
  readonly take: (limit: Limit, key: string, points?: number) => Promise<void>;
}

/** Counts in Redis, shared by all processes; where Redis is away each process counts for itself. */
export function createLimiter(redis: Redis): Limiter {
  const limiters = new Map<string, RateLimiterRedis>();
  const limiterOf = ({ name, points, durationSeconds }: Limit): RateLimiterRedis => {
    const id = `${name}:${points}:${durationSeconds}`;
    let limiter = limiters.get(id);
    if (!limiter) {
      const options = { keyPrefix: `limit:${name}`, points, duration: durationSeconds };
      const insuranceLimiter = new RateLimiterMemory(options);
      limiter = new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter, rejectIfRedisNotReady: true });
      limiters.set(id, limiter);
    }
    return limiter;
  };
  return {
    take: async (limit, key, points = 1) => {
      try {
        await limiterOf(limit).consume(key, points);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const retryAfterSeconds = Math.ceil(refusal.msBeforeNext / 1000);
        const error = new CodedError(
          'RATE_LIMITED',
          `Too many at once (${limit.name}); try again in ${retryAfterSeconds} s.`,
        );
        error.extensions['retryAfterSeconds'] = retryAfterSeconds;
        throw error;
      }
    },
  };
}
