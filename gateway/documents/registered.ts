import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'kit/logger';
import { sha256 } from './normal-form.ts';

export interface RegistryOptions {
  /** Null keeps documents in this process alone. */
  readonly redis: Redis | null;
  readonly ttlSeconds: number;
  /** Kept in Redis; the longest unused goes first. */
  readonly maxDocuments: number;
  readonly memoryBytes: number;
  readonly log: Logger;
}

/** Documents that clients have registered by their digest (automatic persisted queries), shared by all gateways. */
export interface RegisteredDocuments {
  readonly find: (hash: string) => string | undefined | Promise<string | undefined>;
  /** Keeps a text under its digest. The caller has checked both. */
  readonly register: (hash: string, text: string) => Promise<void>;
}

const INDEX = 'gateway:documents';
const keyOf = (hash: string): string => `gateway:document:${hash}`;
/** Trims in steps, so that a full index costs one command more only now and then. */
const SLACK = 50;

/** Without Redis a document is forgotten with its process, and its client sends it again. */
export function createRegisteredDocuments(options: RegistryOptions): RegisteredDocuments {
  const { redis, ttlSeconds, memoryBytes, log } = options;
  const memory = new LRUCache<string, string>({
    maxSize: memoryBytes,
    sizeCalculation: (text) => text.length * 2 + 128,
    ttl: ttlSeconds * 1000,
  });
  /** Those that Redis has got: one that came while Redis was away is offered again when a client sends it again. */
  const shared = new LRUCache<string, true>({ max: options.maxDocuments, ttl: ttlSeconds * 1000 });
  const findInRedis = async (store: Redis, hash: string): Promise<string | undefined> => {
    const text = await store.get(keyOf(hash));
    // What does not have the digest was not written by a gateway.
    if (text === null || sha256(text) !== hash) return undefined;
    memory.set(hash, text);
    shared.set(hash, true);
    await store.pipeline().expire(keyOf(hash), ttlSeconds).zadd(INDEX, Date.now(), hash).exec();
    return text;
  };
  return {
    find: (hash) => {
      const known = memory.get(hash);
      if (known !== undefined || redis?.status !== 'ready') return known;
      return findInRedis(redis, hash).catch((error: unknown) => {
        log.debug({ err: error }, 'a registered document could not be looked up');
        return undefined;
      });
    },
    register: async (hash, text) => {
      memory.set(hash, text);
      if (redis?.status !== 'ready' || shared.has(hash)) return;
      shared.set(hash, true);
      await keep(redis, options, hash, text).catch((error: unknown) => {
        shared.delete(hash);
        log.debug({ err: error }, 'a registered document stays in this process');
      });
    },
  };
}

async function keep(redis: Redis, { ttlSeconds, maxDocuments }: RegistryOptions, hash: string, text: string) {
  const answers = await redis
    .pipeline()
    .set(keyOf(hash), text, 'EX', ttlSeconds)
    .zadd(INDEX, Date.now(), hash)
    .expire(INDEX, ttlSeconds)
    .zcard(INDEX)
    .exec();
  const excess = Number(answers?.at(-1)?.[1] ?? 0) - maxDocuments;
  if (excess <= 0) return;
  const popped = await redis.zpopmin(INDEX, excess + Math.min(SLACK, maxDocuments >> 1));
  const oldest = popped.filter((_, index) => index % 2 === 0 && popped[index] !== hash);
  if (oldest.length > 0) await redis.unlink(...oldest.map(keyOf));
}
