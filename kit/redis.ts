import { Redis } from 'ioredis';
import type { Logger } from './logger.ts';

/**
 * A connection that outlives its server: commands fail at once while Redis is away (callers miss, fall back or wait),
 * and work again when it is back. A command that is not answered in time fails too.
 */
export function connectRedis(url: string, log: Logger, commandTimeoutMilliseconds = 5000): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    commandTimeout: commandTimeoutMilliseconds,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
  });
  let isAway = false;
  redis.on('error', (error: Error) => {
    if (!isAway) log.warn({ err: error }, 'Redis is away; trying again');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis is back');
    isAway = false;
  });
  return neverSilent(redis);
}

const BEAT_MILLISECONDS = 2000;
/** One may be late because the server, or this process, is busy. */
const BEATS_MISSED = 3;

/**
 * Makes a connection anew that answers nothing any more. A server that has gone without a word (a failover, a cut cable) would
 * else fail all commands for a quarter of an hour, until the system gives the connection up.
 */
export function neverSilent(redis: Redis): Redis {
  let missed = 0;
  let isAsking = false;
  const beat = async (): Promise<void> => {
    isAsking = true;
    try {
      await redis.ping();
      missed = 0;
    } catch (error) {
      // What has failed otherwise is made anew by itself.
      missed = isTimeout(error) ? missed + 1 : 0;
      if (missed >= BEATS_MISSED) {
        missed = 0;
        redis.disconnect(true);
      }
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => {
    if (redis.status === 'ready' && !isAsking) void beat();
  }, BEAT_MILLISECONDS);
  timer.unref();
  redis.once('end', () => clearInterval(timer));
  return redis;
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.message.includes('timed out');
