import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { EmittedEvent } from 'kit/hop';
import type { Logger } from 'kit/logger';

/** Tells the other gateways which events a session has caused: its next request may come to one of them. */
export interface EventChannel {
  /** Never throws: while Redis is away nobody hears of it. */
  readonly tell: (session: string, events: readonly EmittedEvent[]) => void;
  /** Hears of what others tell, not of what this one does. */
  readonly hear: (listener: (session: string, events: readonly EmittedEvent[]) => void) => void;
  readonly close: () => void;
}

const CHANNEL = 'gateway:emitted';

interface Told {
  readonly from: string;
  readonly session: string;
  readonly events: readonly EmittedEvent[];
}

/** Null for what no gateway of this version has told. */
function toldIn(text: string): Told | null {
  try {
    const { from, session, events } = JSON.parse(text) as Partial<Told>;
    return typeof from === 'string' && typeof session === 'string' && Array.isArray(events)
      ? { from, session, events }
      : null;
  } catch {
    return null;
  }
}

/** @param subscriber A connection of its own: one that listens can do nothing else. */
export function createEventChannel(redis: Redis, subscriber: Redis, log: Logger): EventChannel {
  const own = randomUUID();
  const missed = (error: unknown): void => log.debug({ err: error }, 'other gateways do not hear of a write');
  return {
    tell: (session, events) => {
      if (redis.status !== 'ready') return;
      redis.publish(CHANNEL, JSON.stringify({ from: own, session, events } satisfies Told)).catch(missed);
    },
    hear: (listener) => {
      subscriber.on('message', (_channel, text) => {
        const told = toldIn(text);
        if (told && told.from !== own) listener(told.session, told.events);
      });
      // Each connection anew, the first one too: Redis may be away at the start.
      subscriber.on('ready', () => void subscriber.subscribe(CHANNEL).catch(missed));
    },
    close: () => subscriber.disconnect(),
  };
}
