import { Redis } from 'ioredis';
import { CodedError } from 'kit/errors';
import { workerRedisUrl } from 'kit/testing/engines';
import { until } from 'kit/testing/until';
import { anonymous, userViewer } from 'kit/viewer';
import type { GatewayHooks } from '../hooks.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../testing/gateway.ts';
import type { CacheDeclaration } from './declarations.ts';

export interface CachingGateway extends TestGateway {
  /** Fetches that subgraphs have answered while `work` ran. */
  readonly fetchesOf: (work: () => Promise<unknown>) => Promise<number>;
  /** Waits until answers to this query are kept. */
  readonly cached: (query: string, options?: Parameters<TestGateway['query']>[1]) => Promise<void>;
}

/** The library's own word on caching: what viewers are told of themselves is not in it. */
export const declaration: CacheDeclaration = {
  hints: {
    'Query.book': { maxAge: 60 },
    'Query.books': { maxAge: 60 },
    'Query.forbidden': { maxAge: 60 },
    'Query.me': { maxAge: 60 },
    'Book.writer': { maxAge: 60 },
    'Book.sequel': { maxAge: 60 },
  },
  producers: ['library'],
  tagsOf: ({ type, aggregateId }) => (type === 'book.renamed' ? [`Book:${aggregateId}`] : []),
};

export const SETTLE_SECONDS = 1;

const authenticate: GatewayHooks['authenticate'] = ({ authorization }) => {
  const id = authorization?.replace('Bearer ', '');
  if (id === undefined) return Promise.resolve(anonymous);
  if (id.startsWith('user_')) return Promise.resolve(userViewer(id, 'user', `session_of_${id}`));
  return Promise.reject(new CodedError('UNAUTHENTICATED', 'These credentials do not hold.'));
};

/** A gateway with caches over the test graph and this worker's Redis. */
export async function startCachingGateway(
  caching: CacheDeclaration = declaration,
  { environment = {}, overrides = {}, ...options }: TestGatewayOptions = {},
): Promise<CachingGateway> {
  const gateway = await startTestGateway({
    ...options,
    environment: { CACHE_SETTLE_SECONDS: String(SETTLE_SECONDS), ...environment },
    overrides: { redisUrl: workerRedisUrl(), hooks: { authenticate, caching }, ...overrides },
  });
  const { hops } = gateway.graph;
  const count = (): number => hops.library.length + hops.people.length;
  const fetchesOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = count();
    await work();
    return count() - before;
  };
  const cached: CachingGateway['cached'] = async (query, asked) => {
    await until(`${query} is kept`, async () => (await fetchesOf(() => gateway.query(query, asked))) === 0);
  };
  return { ...gateway, fetchesOf, cached };
}

/** An event as the outbox would send it. */
export async function emit(redis: Redis, type: string, aggregateId: string): Promise<void> {
  const envelope = { id: crypto.randomUUID(), type, version: 1, aggregateId, aggregateVersion: 1, payload: {} };
  await redis.xadd('bus:library', '*', 'event', JSON.stringify(envelope));
}

/** This worker's Redis, emptied before the file and left after it. */
export function testRedis(): Redis {
  const redis = new Redis(workerRedisUrl(), { lazyConnect: true });
  beforeAll(async () => {
    await redis.connect();
    await redis.flushdb();
  });
  afterAll(() => redis.disconnect());
  return redis;
}
