import type { Redis } from 'ioredis';

/** What to add to this process's clock for that of Redis: somewhere between the two. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** The clock of Redis as this process knows it. */
export interface RedisClock {
  /** A time that is never later than that of Redis. */
  readonly at: (performanceNow: number) => number;
  /** Takes a measurement. True where one of the clocks was set anew, so that times noted so far say nothing. */
  readonly adjust: (bounds: Bounds) => boolean;
}

/** A clock that jumps by more was set anew. */
const JUMP_MILLISECONDS = 500;

/** Asks Redis for its time: it was answered after we asked and before we heard. */
export async function measureClock(redis: Redis): Promise<Bounds> {
  const sentAt = performance.now();
  const [seconds, micros] = (await redis.time()) as (string | number)[];
  const time = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  return { lower: time - performance.now(), upper: time - sentAt };
}

export function createRedisClock({ lower }: Bounds): RedisClock {
  let offset = lower;
  return {
    at: (performanceNow) => performanceNow + offset,
    adjust: (bounds) => {
      const isSetAnew = bounds.lower > offset + JUMP_MILLISECONDS || bounds.upper < offset - JUMP_MILLISECONDS;
      // A late answer says little; the latest lower bound is the best as long as it is possible.
      offset = isSetAnew || bounds.upper < offset ? bounds.lower : Math.max(offset, bounds.lower);
      return isSetAnew;
    },
  };
}
