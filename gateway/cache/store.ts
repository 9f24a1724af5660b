import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'kit/logger';
import { entryOfText, textOfEntry, type Entry } from './entry.ts';
import type { Invalidations } from './invalidations.ts';

/** Entries in this process and in Redis. What it gives holds at this moment. */
export interface Store {
  /** What this process has at this moment. */
  readonly peek: (key: string) => Entry | null;
  /** In the order of the keys; null where there is nothing that holds. One round trip at most. Never rejects. */
  readonly getMany: (keys: readonly string[]) => Promise<readonly (Entry | null)[]>;
  /** Keeps an entry, unless something of it is invalid already: whether it holds, be it too large to keep. Never throws. */
  readonly put: (key: string, entry: Entry) => boolean;
}

export interface StoreOptions {
  readonly redis: Redis;
  readonly invalidations: Invalidations;
  readonly memoryBytes: number;
  readonly maxEntryBytes: number;
  readonly log: Logger;
}

/** An answer about more things is worth little and costs much to check. */
const MAX_TAGS = 2000;
const redisKey = (key: string): string => `gateway:cache:1:${key}`;

export function createStore(options: StoreOptions): Store {
  const { redis, invalidations, memoryBytes, maxEntryBytes, log } = options;
  const memory = new LRUCache<string, Entry>({
    maxSize: memoryBytes,
    sizeCalculation: ({ body, tags }) => 256 + body.length * 2 + tags.length * 64,
  });
  const holds = ({ tags, since, maxAgeSeconds }: Entry): boolean => {
    const now = invalidations.now();
    return now !== null && now - since < maxAgeSeconds * 1000 && invalidations.isValid(tags, since);
  };
  const fromMemory = (key: string): Entry | null => {
    const entry = memory.get(key);
    if (!entry || holds(entry)) return entry ?? null;
    memory.delete(key);
    return null;
  };
  const fromRedis = async (keys: readonly string[]): Promise<(Entry | null)[]> => {
    const texts = await redis.mget(keys.map(redisKey)).catch((error: unknown) => {
      log.debug({ err: error }, 'the cache cannot be read');
      return [] as (string | null)[];
    });
    return keys.map((key, index) => {
      const entry = entryOfText(texts[index] ?? '');
      if (!entry || !holds(entry)) return null;
      memory.set(key, entry);
      return entry;
    });
  };
  return {
    peek: fromMemory,
    getMany: async (keys) => {
      const found = keys.map(fromMemory);
      const missing = keys.filter((_, index) => found[index] === null);
      if (missing.length === 0 || redis.status !== 'ready') return found;
      const more = await fromRedis(missing);
      let next = 0;
      return found.map((entry) => entry ?? more[next++] ?? null);
    },
    put: (key, entry) => {
      const isTooLarge = entry.body.length > maxEntryBytes || entry.tags.length > MAX_TAGS;
      const isHolding = holds(entry);
      if (isTooLarge || !isHolding) return isHolding;
      memory.set(key, entry);
      if (redis.status !== 'ready') return true;
      redis.set(redisKey(key), textOfEntry(entry), 'EX', Math.ceil(entry.maxAgeSeconds)).catch((error: unknown) => {
        log.debug({ err: error }, 'an answer stays in this process');
      });
      return true;
    },
  };
}
