import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Viewer } from 'kit/viewer';
import type { RequestContext } from '../execution/context.ts';
import type { Invalidations } from './invalidations.ts';

/** Who has written is answered afresh for a while, by every gateway: they read what they have written. */
export interface OwnWrites {
  /** Whether this session has written lately. Asked of Redis once per request; true where that cannot be told. */
  readonly has: (context: RequestContext) => Promise<boolean>;
  /** Notes a write, before it is answered. Never rejects. */
  readonly note: (context: RequestContext) => Promise<void>;
}

/** As long as fetches carry the session's events: by then every projection has caught up. */
const REMEMBERED_MILLISECONDS = 10_000;
const REMEMBERED_SESSIONS = 50_000;

const keyOf = (session: string): string => `gateway:wrote:${session}`;
const sessionOf = ({ sessionId, userId }: Viewer): string | null => sessionId ?? userId;

/** What is kept for one viewer has this tag. */
export const viewerTag = ({ userId, kind }: Viewer): string => `viewer:${userId ?? kind}`;

export function createOwnWrites(redis: Redis, invalidations: Invalidations): OwnWrites {
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
      const session = sessionOf(context.viewer);
      // Nobody knows who an anonymous writer is the next time.
      if (session === null) return NO;
      let answer = asked.get(context);
      if (!answer) asked.set(context, (answer = ask(session)));
      return answer;
    },
    note: async ({ viewer }) => {
      const session = sessionOf(viewer);
      if (session === null) return;
      here.set(session, true);
      const mark = redis.set(keyOf(session), '1', 'PX', REMEMBERED_MILLISECONDS).catch(() => undefined);
      // What the write has changed for its viewer alone, no event may tell.
      await Promise.all([mark, invalidations.invalidate([viewerTag(viewer)])]);
    },
  };
}

const NO = Promise.resolve(false);
