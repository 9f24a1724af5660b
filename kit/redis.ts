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
  return redis;
}
