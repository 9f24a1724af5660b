import type { EmittedEvent } from 'kit/hop';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from './context.ts';
import type { EventChannel } from './event-channel.ts';

/** By then every projection has caught up, or the reader is told RETRY_LATER. */
const REMEMBERED_MILLISECONDS = 10_000;
const REMEMBERED_SESSIONS = 10_000;
/** Keeps the signed hop, which is one header, under Node's 16 kB of headers. */
const REMEMBERED_EVENTS = 64;

/** The events a session has caused in its last seconds, so that it reads its own writes in every subgraph. */
export interface RecentEvents {
  readonly remember: (context: RequestContext, events: readonly EmittedEvent[]) => void;
  /** What the next hop must have seen, later fetches of the same operation included. */
  readonly after: (context: RequestContext) => readonly EmittedEvent[];
}

/** @param channel By which gateways tell each other; null: this one remembers alone. */
export function createRecentEvents(
  channel: EventChannel | null = null,
  clock: { readonly now: () => number } = performance,
): RecentEvents {
  const sessions = new LRUCache<string, readonly EmittedEvent[]>({
    max: REMEMBERED_SESSIONS,
    ttl: REMEMBERED_MILLISECONDS,
    ttlResolution: 0,
    perf: clock,
  });
  const none: readonly EmittedEvent[] = [];
  const note = (session: string, events: readonly EmittedEvent[]): void => {
    const known = sessions.get(session) ?? none;
    sessions.set(session, [...known, ...events].slice(-REMEMBERED_EVENTS));
  };
  channel?.hear(note);
  return {
    remember: (context, events) => {
      context.emitted.push(...events);
      const session = sessionOf(context);
      if (session === null) return;
      note(session, events);
      channel?.tell(session, events);
    },
    after: (context) => {
      const session = sessionOf(context);
      const own = session === null ? context.emitted.slice(-REMEMBERED_EVENTS) : (sessions.get(session) ?? none);
      return context.since.length === 0 ? own : [...own, ...context.since].slice(-REMEMBERED_EVENTS);
    },
  };
}

const sessionOf = ({ viewer }: RequestContext): string | null => viewer.sessionId ?? viewer.userId;
