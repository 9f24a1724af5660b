import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import { TAKE_SCRIPT } from './rate-limit.script.ts';
import { SLICES, type Standing, type Standings, type Take } from './rate-limit.window.ts';

/** For so long a Redis that failed or was slow is not asked; then one request tries it. */
const REST_MILLISECONDS = 1000;
const FIELDS = 3;

type RunScript = (keys: number, ...values: (string | number)[]) => Promise<readonly number[]>;

/** Takes in Redis, in one round trip; null where Redis is away, or slow: never throws. */
export function createSharedWindow(
  redis: Redis,
  windowMilliseconds: number,
  patienceMilliseconds: number,
  log: Logger,
): (takes: readonly Take[]) => Promise<Standings | null> {
  redis.defineCommand('takeFromWindows', { lua: TAKE_SCRIPT });
  const { takeFromWindows } = redis as unknown as { readonly takeFromWindows: RunScript };
  let restsUntil = 0;
  let isAway = false;
  const rest = (reason: unknown): null => {
    if (!isAway) log.warn({ err: reason }, 'rate limits are counted by this gateway alone: Redis is away or slow');
    isAway = true;
    restsUntil = performance.now() + REST_MILLISECONDS;
    return null;
  };
  return async (takes) => {
    if (performance.now() < restsUntil) return null;
    if (redis.status !== 'ready') return rest(new Error(`the connection is ${redis.status}`));
    // While it is tried again, the others do not wait with the one that tries.
    if (isAway) restsUntil = performance.now() + REST_MILLISECONDS;
    try {
      const values = valuesOf(takes, windowMilliseconds);
      const answer = await patiently(takeFromWindows.call(redis, takes.length, ...values), patienceMilliseconds);
      if (isAway) log.info('rate limits are shared through Redis again');
      isAway = false;
      restsUntil = 0;
      return standingsOf(takes, answer);
    } catch (error) {
      return rest(error);
    }
  };
}

function valuesOf(takes: readonly Take[], windowMilliseconds: number): (string | number)[] {
  const quotas = takes[0]?.limits.length ?? 0;
  const values: (string | number)[] = takes.map(({ key }) => key);
  values.push(windowMilliseconds / SLICES, SLICES, quotas);
  for (const { amounts, limits } of takes) values.push(...amounts, ...limits);
  return values;
}

function standingsOf(takes: readonly Take[], answer: readonly number[]): Standings {
  let at = 0;
  return takes.map(({ limits }) =>
    limits.map((limit): Standing => {
      const [total = 0, resetMilliseconds = 0, isExceeded = 0] = answer.slice(at, at + FIELDS);
      at += FIELDS;
      return { remaining: Math.max(0, limit - total), resetMilliseconds, isExceeded: isExceeded === 1 };
    }),
  );
}

/**
 * What comes too late, be it a failure, is nobody's business any more. Where this process itself was held up, what has
 * arrived meanwhile is read before time is called.
 */
async function patiently<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const call = () => late.reject(new Error(`no answer within ${milliseconds} ms`));
  const timer = setTimeout(() => setImmediate(call), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
