import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../execution/context.ts';
import type { Forwarding } from '../forwarding.ts';
import type { Invalidations } from './invalidations.ts';

/** Who has written is answered afresh for a while, by every gateway: they read what they have written. */
export interface OwnWrites {
  /** Whether this session has written lately. Asked of Redis once per request; true where that cannot be told. */
  readonly has: (context: RequestContext) => Promise<boolean>;
  /** Notes a write, before it is answered. Never rejects. */
  readonly note: (context: RequestContext) => Promise<void>;
  /** What is kept for one viewer has this tag. */
  readonly tagOf: (context: RequestContext) => string;
}

/** As long as fetches carry the session's events: by then every projection has caught up. */
const REMEMBERED_MILLISECONDS = 10_000;
const REMEMBERED_SESSIONS = 50_000;

const keyOf = (session: string): string => `gateway:wrote:${session}`;

export function createOwnWrites(
  redis: Redis,
  invalidations: Invalidations,
  forwarding: Pick<Forwarding, 'keyOf'>,
): OwnWrites {
  /** Whom subgraphs alone know: by what they are told. It may be a secret, and leaves this process as a hash. */
  const strangerOf = ({ headers }: RequestContext): string | null => {
    const key = forwarding.keyOf(headers);
    return key === '' ? null : createHash('sha256').update(key).digest('base64url');
  };
  const sessionOf = (context: RequestContext): string | null =>
    context.viewer.sessionId ?? context.viewer.userId ?? strangerOf(context);
  const tagOf = (context: RequestContext): string =>
    `viewer:${context.viewer.userId ?? strangerOf(context) ?? context.viewer.kind}`;
  const here = new LRUCache<string, true>({
    max: REMEMBERED_SESSIONS,
    ttl: REMEMBERED_MILLISECONDS,
    ttlResolution: 0,
  });
  const asked = new WeakMap<RequestContext, Promise<boolean>>();
  const ask = async (session: string): Promise<boolean> => {
    if (here.has(session)) return true;
    if (redis.status !== 'ready') return true;
    return redis.exists(keyOf(session)).then(
      (count) => count > 0,
      () => true,
    );
  };
  return {
    has: (context) => {
      const session = sessionOf(context);
      // Nobody knows who an anonymous writer is the next time.
      if (session === null) return NO;
      let answer = asked.get(context);
      if (!answer) asked.set(context, (answer = ask(session)));
      return answer;
    },
    tagOf,
    note: async (context) => {
      const session = sessionOf(context);
      if (session === null) return;
      here.set(session, true);
      const mark = redis.set(keyOf(session), '1', 'PX', REMEMBERED_MILLISECONDS).catch(() => undefined);
      // What the write has changed for its viewer alone, no event may tell.
      await Promise.all([mark, invalidations.invalidate([tagOf(context)])]);
    },
  };
}

const NO = Promise.resolve(false);
