import type { ChainableCommander, Redis } from 'ioredis';
import type { Logger } from './logger.ts';
import { createLiveTopics, type FollowOptions, type LiveFollow } from './live-topics.ts';
import { connectRedis } from './redis.ts';

export { type LiveEvent, LiveOverflow } from './live-member.ts';
export type { LiveFollow } from './live-topics.ts';

/** How many events of a topic can be resumed; what is older counts as a gap. */
const KEPT_EVENTS = 1000;
/** A topic nobody has published to for this long is forgotten. */
const KEPT_SECONDS = 3600;
/** Pub/Sub only wakes and may lose a message; this is how late an event then comes. */
const POLL_MILLISECONDS = 1000;
/** Topics asked about in one command of the safety poll. */
const POLL_TOPICS = 500;

/** How long it is remembered that nothing has happened: a client that comes back later is told of a gap. */
const REMEMBERED_SECONDS = 86_400;

export const liveKey = (topic: string): string => `live:${topic}`;
const lastKey = (key: string): string => `${key}:last`;

/**
 * Adds an entry that names the one before it. A reader can tell so that it has missed none, even where the stream was
 * forgotten in between. All those that come of one first entry have its origin: a reader that finds its own entry gone can tell
 * a stream that has lost its end from another one. KEYS: the stream, the mark of its last entry (id and origin). ARGV: events
 * and seconds kept, seconds remembered, id, payload, type, the origin if this is the first.
 */
const PUBLISH = `
local before, origin = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%S+)$')
origin = origin or ARGV[7]
local entry = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'id', ARGV[4], 'payload', ARGV[5], 'after', before or '', 'type', ARGV[6], 'origin', origin)
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], entry .. ' ' .. origin, 'EX', ARGV[3])
redis.call('PUBLISH', KEYS[1], '')
return entry`;

export interface PublishedEvent {
  readonly id: string;
  /** Under which subgraphs consume it: who is told of it asks them for nothing older. */
  readonly type?: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Adds the publication of one event to a pipeline: the stream keeps it, Pub/Sub only wakes the followers. */
export function addLive(pipeline: ChainableCommander, topic: string, event: PublishedEvent): ChainableCommander {
  const key = liveKey(topic);
  const kept = [KEPT_EVENTS, KEPT_SECONDS, REMEMBERED_SECONDS];
  return pipeline.eval(
    PUBLISH,
    2,
    key,
    lastKey(key),
    ...kept,
    event.id,
    JSON.stringify(event.payload),
    event.type ?? '',
    crypto.randomUUID(),
  );
}

/** Publishes one event to a topic's followers in every process. Throws what Redis answers. */
export async function publishLive(redis: Redis, topic: string, event: PublishedEvent): Promise<void> {
  const results = await addLive(redis.pipeline(), topic, event).exec();
  for (const [error] of results ?? []) if (error) throw error;
}

export interface LiveFollower {
  /** Events of a topic from now on, or those after the cursor `from` first. At most one `next` at a time. */
  readonly follow: (topic: string, options?: FollowOptions) => LiveFollow;
  readonly isConnected: () => boolean;
  readonly close: () => void;
}

/**
 * Follows any number of topics over two connections. A topic is read once per event however many follow it. While Redis is
 * away it waits in silence; afterwards each follower continues behind the last event it has seen.
 */
export function createLiveFollower(redisUrl: string, log: Logger): LiveFollower {
  const reader = connectRedis(redisUrl, log);
  const subscriber = connectRedis(redisUrl, log);
  const ignore = (): void => undefined; // what fails now is done again by the poll or on reconnection
  const topics = createLiveTopics({
    range: (key, from, count) => reader.xrange(key, from, '+', 'COUNT', count),
    last: async (key) => (await reader.xrevrange(key, '+', '-', 'COUNT', 1))[0],
    lastEver: async (key) => {
      const [id, origin] = (await reader.get(lastKey(key)))?.split(' ') ?? [];
      return id === undefined ? null : { id, origin };
    },
    onFirst: (key) => void subscriber.subscribe(key).catch(ignore),
    onLast: (key) => void subscriber.unsubscribe(key).catch(ignore),
    log,
  });

  subscriber.on('message', (key: string) => topics.wake(key));
  // ioredis resubscribes only to what was once acknowledged.
  subscriber.on('ready', () => {
    const keys = topics.keys();
    if (keys.length > 0) subscriber.subscribe(...keys).catch(ignore);
  });
  reader.on('ready', () => topics.keys().forEach(topics.wake));
  const poll = setInterval(() => void pollTopics(reader, topics).catch(ignore), POLL_MILLISECONDS);
  poll.unref();

  return {
    follow: (topic, options = {}) => topics.follow(liveKey(topic), options),
    isConnected: () => reader.status === 'ready',
    close: () => {
      clearInterval(poll);
      topics.close();
      reader.disconnect();
      subscriber.disconnect();
    },
  };
}

interface Polled {
  readonly cursors: () => (readonly [key: string, cursor: string])[];
  readonly wake: (key: string) => void;
}

async function pollTopics(reader: Redis, topics: Polled): Promise<void> {
  if (reader.status !== 'ready') return;
  const cursors = topics.cursors();
  for (let start = 0; start < cursors.length; start += POLL_TOPICS) {
    const part = cursors.slice(start, start + POLL_TOPICS);
    const asked = [...part.map(([key]) => key), ...part.map(([, cursor]) => cursor)];
    try {
      const answer = await reader.xread('COUNT', 1, 'STREAMS', ...asked);
      for (const [key] of answer ?? []) topics.wake(key);
    } catch (error) {
      // A peer that has died without closing would keep the connection silent for minutes.
      if (error instanceof Error && error.message.includes('timed out')) reader.disconnect(true);
      throw error;
    }
  }
}
