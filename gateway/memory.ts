import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import { connectRedis } from 'kit/redis';
import { createCaching, type Caching } from './cache/caching.ts';
import type { GatewaySettings } from './config.ts';
import { createDocuments, type Documents } from './documents/documents.ts';
import { openManifestOf } from './documents/manifest-file.ts';
import { createEventChannel, type EventChannel } from './execution/event-channel.ts';
import type { Forwarding } from './forwarding.ts';
import type { Planner } from './graph/planner.ts';
import type { GatewayHooks } from './hooks.ts';
import { rateRules } from './security/limits.settings.ts';
import { createRateLimiter, type RateLimiter } from './security/rate-limit.ts';
import { createRouteLimiter, type RouteLimit, type RouteLimiter } from './security/rate-limit.routes.ts';

/** What a gateway remembers from one request to another, in Redis where it has one. */
export interface GatewayMemory {
  readonly documents: Documents;
  /** Null where limits are off. */
  readonly limiter: RateLimiter | null;
  /** For a product's own paths; null where limits are off. */
  readonly routeLimiterOf: ((limit: RouteLimit) => RouteLimiter) | null;
  /** Null where there is no Redis that would tell what has become invalid, both caches are off, or a plugin sees to fetches. */
  readonly caching: Caching | null;
  /** Null without Redis. */
  readonly channel: EventChannel | null;
  readonly close: () => Promise<void>;
}

export interface MemoryOptions {
  readonly settings: GatewaySettings;
  readonly hooks: Pick<GatewayHooks, 'kindOf' | 'caching' | 'publicFields' | 'plugins'>;
  readonly redisUrl: string | null;
  readonly planner: Planner;
  readonly forwarding: Forwarding;
  readonly log: Logger;
}

/** A cache that is slow to answer is worse than none. */
const COMMAND_MILLISECONDS = 500;

/** Throws where the manifest of documents is missing or wrong; nothing is left open then. */
export function openMemory(options: MemoryOptions): GatewayMemory {
  const { settings, hooks, redisUrl, log } = options;
  const manifest = openManifestOf(settings, log);
  const redis = redisUrl === null ? null : connectRedis(redisUrl, log, COMMAND_MILLISECONDS);
  const documents = createDocuments({ settings, manifest, redis, kindOf: hooks.kindOf, log });
  const caching = redis && cachingWith(redis, options);
  const channel = redis && redisUrl !== null ? createEventChannel(redis, connectRedis(redisUrl, log), log) : null;
  const rules = rateRules(settings);
  const limiting = { redis, log, patienceMilliseconds: settings.RATE_PATIENCE_MILLISECONDS };
  return {
    documents,
    limiter: rules && createRateLimiter({ ...limiting, rules }),
    routeLimiterOf: rules && ((limit) => createRouteLimiter(limit, limiting)),
    caching,
    channel,
    close: async () => {
      documents.close();
      channel?.close();
      await caching?.close();
      redis?.disconnect();
    },
  };
}

function cachingWith(redis: Redis, { settings, hooks, planner, forwarding, log }: MemoryOptions): Caching | null {
  if (settings.RESPONSE_CACHE === 'off' && settings.ENTITY_CACHE === 'off') return null;
  const { caching: declaration = {}, publicFields = [], plugins = [] } = hooks;
  // Its headers may make two alike questions different, and what it refuses no cache may answer.
  if (plugins.some((plugin) => plugin.onFetch)) {
    if (hooks.caching) log.warn('nothing is cached: a plugin has onFetch');
    return null;
  }
  return createCaching({ settings, redis, declaration, publicFields, planner, forwarding, log });
}
