import type { Redis } from 'ioredis';
import { busStream, envelopeOf } from 'kit/bus';
import type { Logger } from 'kit/logger';
import type { CacheDeclaration } from './declarations.ts';
import { createRedisClock, measureClock, type RedisClock } from './redis-clock.ts';
import { createTagTimes, type TagTimes } from './tag-times.ts';

/** Knows what has become invalid, up to this moment or not at all. */
export interface Invalidations {
  /** This moment on the clock of Redis, in milliseconds, or a little before it; null while events may be missed: then nothing is cached. */
  readonly now: () => number | null;
  /** Whether what was made of data read from `since` on still holds. */
  readonly isValid: (tags: readonly string[], since: number) => boolean;
  /** Makes tags invalid in every gateway. Never rejects: what cannot be told now is told once Redis is back. */
  readonly invalidate: (tags: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface InvalidationOptions extends Pick<CacheDeclaration, 'producers' | 'tagsOf'> {
  readonly redis: Redis;
  readonly settleSeconds: number;
  readonly log: Logger;
}

/** What gateways tell each other. */
const OWN_STREAM = 'gateway:invalidations';
const OWN_LENGTH = 10_000;
const BLOCK_MILLISECONDS = 250;
const READ_COUNT = 500;
/** Without a word from Redis for so long nothing is taken for known. */
const CURRENT_MILLISECONDS = 1000;
/** After so long a silence the streams may have been cut behind our place. */
const LOST_MILLISECONDS = 10_000;
const AGAIN_MILLISECONDS = 200;

type Entries = readonly (readonly [id: string, fields: string[] | null])[];

/** Where this gateway stands. */
interface Place {
  /** Stream to the id read last. */
  readonly ids: Map<string, string>;
  readonly clock: RedisClock;
  /** When everything up to then had been read, on this process's clock. */
  readAt: number;
  /** The connection was lost: Redis may have forgotten its streams. */
  isLost: boolean;
}

/**
 * Follows the streams of events, reading only: nobody waits for a gateway. An event's place in its stream is a time on the
 * clock of Redis, and so is the beginning of each answer that is kept: which came first is the same for every gateway.
 */
export function followInvalidations(options: InvalidationOptions): Invalidations {
  const { redis, producers = [], settleSeconds, log } = options;
  const reader = redis.duplicate({ commandTimeout: BLOCK_MILLISECONDS + CURRENT_MILLISECONDS });
  const times = createTagTimes(settleSeconds * 1000);
  const tagsOf = createTagReader(options);
  const streams = [...producers.map(busStream), OWN_STREAM];
  const untold = new Set<string>();
  let place: Place | null = null;
  let isClosed = false;
  reader.on('error', () => undefined);
  reader.on('close', () => {
    if (place) place.isLost = true;
  });

  const invalidate = async (tags: readonly string[]): Promise<void> => {
    if (tags.length === 0) return;
    try {
      const id = await redis.xadd(OWN_STREAM, 'MAXLEN', '~', OWN_LENGTH, '*', 'tags', JSON.stringify(tags));
      for (const tag of tags) times.note(tag, timeOf(id ?? ''));
    } catch {
      for (const tag of tags) untold.add(tag);
    }
  };
  const tellRest = async (): Promise<void> => {
    const tags = [...untold];
    untold.clear();
    await invalidate(tags);
  };
  const run = async (): Promise<void> => {
    while (!isClosed) {
      try {
        if (!place || place.isLost) place = await takePlace(reader, streams, times, settleSeconds * 1000);
        await readOn(reader, place, times, tagsOf);
        if (untold.size > 0) await tellRest();
      } catch (error) {
        if (isClosed) return;
        log.debug({ err: error }, 'the event streams cannot be followed now; nothing is cached');
        place = null;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      }
    }
  };
  const running = run();
  return {
    now: () => {
      const here = performance.now();
      return place && !place.isLost && here - place.readAt < CURRENT_MILLISECONDS ? place.clock.at(here) : null;
    },
    isValid: times.isValid,
    invalidate,
    close: async () => {
      isClosed = true;
      reader.disconnect();
      await running;
    },
  };
}

const timeOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

/** Begins at this moment: what was kept before is not taken, since its events may have been missed. */
async function takePlace(reader: Redis, streams: readonly string[], times: TagTimes, settle: number): Promise<Place> {
  const clock = createRedisClock(await measureClock(reader));
  const now = clock.at(performance.now());
  times.raiseFloor(now);
  // What came shortly before still counts for what is made shortly after.
  const from = `${Math.max(0, Math.floor(now - settle))}-0`;
  return { ids: new Map(streams.map((stream) => [stream, from])), clock, readAt: -Infinity, isLost: false };
}

type Answer = readonly (readonly [stream: string, entries: Entries])[] | null;

const readBlocking = (reader: Redis, ids: ReadonlyMap<string, string>): Promise<Answer> =>
  reader.xread('COUNT', READ_COUNT, 'BLOCK', BLOCK_MILLISECONDS, 'STREAMS', ...ids.keys(), ...ids.values());

/** Reads what has come, waiting a moment for it. */
async function readOn(reader: Redis, place: Place, times: TagTimes, tagsOf: TagReader): Promise<void> {
  const sentAt = performance.now();
  const before = place.clock.at(sentAt);
  const [bounds, answer] = await Promise.all([measureClock(reader), readBlocking(reader, place.ids)]);
  // Whichever clock was ahead, nothing that was dated by it is taken.
  if (place.clock.adjust(bounds)) times.raiseFloor(Math.max(before, place.clock.at(sentAt)) + CURRENT_MILLISECONDS);
  let isAll = true;
  for (const [stream, entries] of answer ?? []) {
    for (const [id, fields] of entries) noteEntry(times, tagsOf, { stream, id, fields });
    const last = entries.at(-1)?.[0];
    if (last) place.ids.set(stream, last);
    if (entries.length >= READ_COUNT) isAll = false;
  }
  if (!isAll) return;
  if (sentAt - place.readAt > LOST_MILLISECONDS) times.raiseFloor(place.clock.at(sentAt));
  place.readAt = sentAt;
}

interface StreamEntry {
  readonly stream: string;
  readonly id: string;
  readonly fields: string[] | null;
}

/** The tags of an entry; null where they cannot be told. */
type TagReader = (entry: StreamEntry) => readonly string[] | null;

function noteEntry(times: TagTimes, tagsOf: TagReader, entry: StreamEntry): void {
  const at = timeOf(entry.id);
  const tags = tagsOf(entry);
  // What cannot be understood may concern anything.
  if (tags === null) times.raiseFloor(at);
  else for (const tag of tags) times.note(tag, at);
}

function createTagReader({ tagsOf, log }: InvalidationOptions): TagReader {
  return ({ stream, id, fields }) => {
    try {
      if (stream === OWN_STREAM) return JSON.parse(fields?.[1] ?? '') as string[];
      const envelope = envelopeOf(fields);
      return envelope ? (tagsOf?.(envelope) ?? []) : [];
    } catch (error) {
      log.error({ err: error, stream, id }, 'what an event makes invalid cannot be told: everything cached is dropped');
      return null;
    }
  };
}
