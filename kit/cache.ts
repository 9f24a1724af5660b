import type { Redis } from 'ioredis';

/** Answers kept for a stated time, each under tags by which it can be made invalid at once. A cache that cannot be reached only misses. */
export interface Cache {
  /** The cached value of `key`, or what `load` answers, kept for `ttlSeconds` unless one of `tags` is invalidated meanwhile. */
  through: <Value>(key: string, options: CacheOptions, load: () => Promise<Value>) => Promise<Value>;
  invalidate: (tags: readonly string[]) => Promise<void>;
}

export interface CacheOptions {
  readonly ttlSeconds: number;
  readonly tags: readonly string[];
}

interface Entry {
  readonly versions: readonly (string | null)[];
  readonly value: unknown;
}

/** Outlives every entry, so that an expired tag never brings back what it had made invalid. */
const TAG_TTL_SECONDS = 7 * 24 * 3600;

export function createCache(redis: Redis, name: string): Cache {
  const entryKey = (key: string): string => `cache:${name}:${key}`;
  const tagKey = (tag: string): string => `cache:${name}:tag:${tag}`;
  const versionsOf = (tags: readonly string[]): Promise<(string | null)[]> =>
    tags.length === 0 ? Promise.resolve([]) : redis.mget(tags.map(tagKey));
  return {
    through: async (key, { ttlSeconds, tags }, load) => {
      // Read before loading: an invalidation that comes while we load makes the entry stale from birth.
      const found = await Promise.all([redis.get(entryKey(key)), versionsOf(tags)]).catch(() => null);
      if (found === null) return load();
      const [text, versions] = found;
      const known = text === null ? null : entryOf(text);
      if (known?.versions.every((version, index) => version === versions[index])) return known.value as never;
      const value = await load();
      const entry: Entry = { versions, value };
      await redis.set(entryKey(key), JSON.stringify(entry), 'EX', ttlSeconds).catch(() => undefined);
      return value;
    },
    invalidate: async (tags) => {
      const pipeline = redis.pipeline();
      for (const tag of tags) pipeline.set(tagKey(tag), crypto.randomUUID(), 'EX', TAG_TTL_SECONDS);
      await pipeline.exec().catch(() => undefined);
    },
  };
}

/** Null for what another version, or nobody of ours, has written. */
function entryOf(text: string): Entry | null {
  try {
    const entry = JSON.parse(text) as Entry | null;
    return Array.isArray(entry?.versions) ? entry : null;
  } catch {
    return null;
  }
}
