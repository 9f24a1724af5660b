import type { Redis } from 'ioredis';
import type { Logger } from 'kit/logger';
import { createPatience } from './rate-limit.patience.ts';
import { TAKE_SCRIPT } from './rate-limit.script.ts';
import { SLICES, type Standing, type Take } from './rate-limit.window.ts';

/** For so long a Redis that failed or was slow is not asked; then one request tries it. */
const REST_MILLISECONDS = 1000;
/** Requests of one call: Redis does nothing else while the script runs. */
const MOST_AT_ONCE = 64;
const FIELDS = 3;

/** A take of one key, with what is to be leased beside it, and what is left of an earlier lease. */
export interface Ask extends Take {
  readonly lease: {
    readonly amounts: readonly number[];
    readonly back: readonly number[];
    /** Where Redis counts what is given back. */
    readonly slice: number;
  } | null;
}

/** How a key stands after it: by quota. */
export interface Grant {
  readonly standings: readonly Standing[];
  /** Where Redis counts the lease; 0 where it gave none. */
  readonly slice: number;
}

export interface SharedWindowOptions {
  readonly redis: Redis;
  readonly windowMilliseconds: number;
  readonly leaseMilliseconds: number;
  readonly patienceMilliseconds: number;
  readonly log: Logger;
}

/** Takes of all keys, or of none; null where Redis is away, or slow: never rejects. */
export type AskRedis = (asks: readonly Ask[]) => Promise<readonly Grant[] | null>;

interface Call {
  readonly asks: readonly Ask[];
  readonly settle: (grants: readonly Grant[] | null) => void;
}

/** Takes in Redis: one round trip for all requests of a turn of the event loop. */
export function createSharedWindow(options: SharedWindowOptions): AskRedis {
  const { redis, log } = options;
  const rest = createRest(log);
  const send = createSend(options, rest);
  let waiting: Call[] = [];
  const sendAll = (): void => {
    const calls = waiting;
    waiting = [];
    for (let at = 0; at < calls.length; at += MOST_AT_ONCE) send(calls.slice(at, at + MOST_AT_ONCE));
  };
  return async (asks) => {
    if (rest.isResting()) return null;
    if (redis.status !== 'ready') {
      rest.begin(new Error(`the connection is ${redis.status}`));
      return null;
    }
    rest.tryAgain();
    return new Promise((settle) => {
      if (waiting.push({ asks, settle }) === 1) setImmediate(sendAll);
    });
  };
}

type Rest = ReturnType<typeof createRest>;

/** What is known of whether Redis answers. */
function createRest(log: Logger) {
  let until = 0;
  let isAway = false;
  return {
    isResting: () => performance.now() < until,
    begin: (reason: unknown) => {
      if (!isAway) log.warn({ err: reason }, 'rate limits are counted by this gateway alone: Redis is away or slow');
      isAway = true;
      until = performance.now() + REST_MILLISECONDS;
    },
    /** While it is tried again, the others do not wait with the one that tries. */
    tryAgain: () => {
      if (isAway) until = performance.now() + REST_MILLISECONDS;
    },
    end: () => {
      if (isAway) log.info('rate limits are shared through Redis again');
      isAway = false;
      until = 0;
    },
  };
}

function createSend(options: SharedWindowOptions, rest: Rest): (calls: readonly Call[]) => void {
  const { patienceMilliseconds } = options;
  const run = createRun(options);
  const patience = createPatience(patienceMilliseconds);
  return (calls) => {
    const fail = (reason: unknown): void => {
      rest.begin(reason);
      for (const { settle } of calls) settle(null);
    };
    const wait = patience.begin(() => fail(new Error(`no answer within ${patienceMilliseconds} ms`)));
    // What comes too late, be it a failure, is nobody's business any more.
    run(
      calls.flatMap(({ asks }) => asks),
      calls[0]?.asks.length ?? 0,
    ).then(
      (grants) => {
        if (!patience.end(wait)) return;
        rest.end();
        let at = 0;
        for (const { asks, settle } of calls) settle(grants.slice(at, (at += asks.length)));
      },
      (reason: unknown) => void (patience.end(wait) && fail(reason)),
    );
  };
}

type RunScript = (keys: number, ...values: (string | number)[]) => Promise<readonly number[]>;

function createRun({ redis, windowMilliseconds, leaseMilliseconds }: SharedWindowOptions) {
  redis.defineCommand('takeFromWindows', { lua: TAKE_SCRIPT });
  const { takeFromWindows } = redis as unknown as { readonly takeFromWindows: RunScript };
  const width = windowMilliseconds / SLICES;
  return async (asks: readonly Ask[], together: number): Promise<readonly Grant[]> => {
    const values: (string | number)[] = asks.map(({ key }) => key);
    values.push(width, leaseMilliseconds, SLICES, asks[0]?.limits.length ?? 0, together);
    for (const { amounts, limits, lease } of asks) {
      values.push(...amounts, ...limits);
      if (lease) values.push(1, ...lease.amounts, ...lease.back, lease.slice);
      else values.push(0);
    }
    return grantsOf(asks, await takeFromWindows.call(redis, asks.length, ...values));
  };
}

function grantsOf(asks: readonly Ask[], answer: readonly number[]): readonly Grant[] {
  let at = 0;
  return asks.map(({ limits }) => {
    const standings = limits.map((limit): Standing => {
      const [total, resetMilliseconds, isExceeded] = [answer[at] ?? 0, answer[at + 1] ?? 0, answer[at + 2] === 1];
      at += FIELDS;
      return { remaining: Math.max(0, limit - total), resetMilliseconds, isExceeded };
    });
    return { standings, slice: answer[at++] ?? 0 };
  });
}
