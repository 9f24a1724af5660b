import { randomUUID } from 'node:crypto';
import type { ChainableCommander, Redis } from 'ioredis';
import type { Envelope } from './events.ts';
import { createLease } from './lease.ts';
import type { Logger } from './logger.ts';
import { createPace } from './pace.ts';
import { neverSilent } from './redis.ts';

/** Carries events between subgraphs, in order per producer, at least once. Redis Streams by default. */
export interface Bus {
  readonly publish: (producer: string, envelopes: readonly Envelope[]) => Promise<void>;
  /** True once after the producer's stream was lost (Redis restarted empty, keys flushed) or never was. */
  readonly wasEmptied: (producer: string) => Promise<boolean>;
  readonly takeConfirmations: (producer: string) => Promise<readonly Confirmation[]>;
  readonly consume: (options: ConsumeOptions) => Consumption;
}

export interface Confirmation {
  readonly consumer: string;
  readonly ids: readonly string[];
}

export interface Delivery {
  readonly producer: string;
  readonly entryId: string;
  readonly envelope: Envelope;
}

export interface ConsumeOptions {
  readonly consumer: string;
  readonly producers: readonly string[];
  /** Must record what it was given before it resolves; what it rejects comes again. */
  readonly handle: (deliveries: readonly Delivery[]) => Promise<void>;
  readonly log: Logger;
}

export interface Consumption {
  readonly stop: () => Promise<void>;
}

/** Where a producer's events are, for those who only read. */
export const busStream = (producer: string): string => `bus:${producer}`;
const MAX_STREAM_LENGTH = 100_000;
const READ_COUNT = 100;
/** Under load what comes within this time is handled together. */
const PACE_MS = 100;

export function createRedisBus(redis: Redis): Bus {
  const epochs = new Map<string, string>();
  return {
    publish: async (producer, envelopes) => {
      const pipeline = redis.pipeline();
      for (const envelope of envelopes) {
        pipeline.xadd(busStream(producer), 'MAXLEN', '~', MAX_STREAM_LENGTH, '*', 'event', JSON.stringify(envelope));
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    wasEmptied: async (producer) => {
      const key = `bus:epoch:${producer}`;
      const mine = randomUUID();
      const held = await redis.get(key);
      if (held === null) await redis.set(key, mine, 'NX');
      const epoch = held ?? (await redis.get(key)) ?? mine;
      const known = epochs.get(producer);
      epochs.set(producer, epoch);
      return known === undefined ? held === null : known !== epoch;
    },
    takeConfirmations: async (producer) => {
      const taken = await redis.lpop(`bus:confirmed:${producer}`, 500);
      return (taken ?? []).map((text) => JSON.parse(text) as Confirmation);
    },
    consume: (options) => startConsuming(redis, options),
  };
}

/** One process of a consumer reads at a time, so that order holds; the others wait for its lease to lapse. */
function startConsuming(shared: Redis, options: ConsumeOptions): Consumption {
  // A blocking read holds its connection, so it has one of its own.
  const reader = neverSilent(shared.duplicate());
  reader.on('error', () => undefined);
  const instance = randomUUID();
  const lease = createLease(shared, `bus:lease:${options.consumer}`, instance);
  const pace = createPace(PACE_MS);
  let stopping = false;

  const run = async (): Promise<void> => {
    let isFresh = true;
    let handled: readonly Delivery[] = [];
    while (!stopping) {
      try {
        if (!(await lease.isHeld())) {
          isFresh = true;
          await pause(500);
          continue;
        }
        if (isFresh) await ensureGroups(reader, options);
        // The leader first takes over what an earlier one had been given and not finished.
        const deliveries = isFresh
          ? await claimPending(reader, options, instance)
          : await readNew(reader, options, instance, handled);
        handled = [];
        if (deliveries.length === 0) {
          isFresh = false;
          continue;
        }
        await pace.turn();
        await options.handle(deliveries);
        if (isFresh) await confirm(shared, options.consumer, deliveries);
        else handled = deliveries;
      } catch (error) {
        if (stopping) break;
        isFresh = true;
        options.log.debug({ err: error }, 'the event stream cannot be read now; trying again');
        await pause(250);
      }
    }
    if (handled.length > 0) await confirm(shared, options.consumer, handled).catch(() => undefined);
  };
  const running = run();
  return {
    stop: async () => {
      stopping = true;
      pace.end();
      reader.disconnect();
      await running;
      await lease.release();
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function ensureGroups(redis: Redis, { consumer, producers }: ConsumeOptions): Promise<void> {
  for (const producer of producers) {
    await redis.xgroup('CREATE', busStream(producer), consumer, '0', 'MKSTREAM').catch((error: Error) => {
      if (!error.message.startsWith('BUSYGROUP')) throw error;
    });
  }
}

type Entry = [id: string, fields: string[] | null];

/** What of the entries is events. The rest, which nothing of ours has written, is acknowledged and passed over. */
async function deliveriesOf(
  redis: Redis,
  { consumer, log }: ConsumeOptions,
  producer: string,
  entries: readonly Entry[],
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const [entryId, fields] of entries) {
    const envelope = envelopeOf(fields);
    if (envelope) deliveries.push({ producer, entryId, envelope });
    else {
      log.error({ producer, entryId }, 'an entry of the event stream is no event; it is passed over');
      await redis.xack(busStream(producer), consumer, entryId);
    }
  }
  return deliveries;
}

/** Under no other id could it be recorded, not even as a dead letter, and would be delivered again for ever. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The event in a stream's entry; null where it is none. */
export function envelopeOf(fields: readonly string[] | null): Envelope | null {
  try {
    const envelope = JSON.parse(fields?.[1] ?? 'null') as Envelope | null;
    return UUID.test(String(envelope?.id)) && typeof envelope?.type === 'string' ? envelope : null;
  } catch {
    return null;
  }
}

async function claimPending(redis: Redis, options: ConsumeOptions, instance: string): Promise<Delivery[]> {
  const { consumer, producers } = options;
  const found: Delivery[] = [];
  for (const producer of producers) {
    const answer = await redis.xautoclaim(busStream(producer), consumer, instance, 0, '0', 'COUNT', READ_COUNT);
    found.push(...(await deliveriesOf(redis, options, producer, answer[1] as Entry[])));
  }
  return found;
}

/** Reads what is new, and says in the same packet what was handled before it. */
async function readNew(
  redis: Redis,
  options: ConsumeOptions,
  instance: string,
  handled: readonly Delivery[],
): Promise<Delivery[]> {
  const { consumer, producers } = options;
  const pipeline = redis.pipeline();
  addConfirmation(pipeline, consumer, handled);
  pipeline.xreadgroup(
    'GROUP',
    consumer,
    instance,
    'COUNT',
    READ_COUNT,
    'BLOCK',
    1000,
    'STREAMS',
    ...producers.map(busStream),
    ...producers.map(() => '>'),
  );
  const answers = (await pipeline.exec()) ?? [];
  for (const [error] of answers) if (error) throw error;
  const found: Delivery[] = [];
  for (const [stream, entries] of (answers.at(-1)?.[1] ?? []) as [stream: string, entries: Entry[]][]) {
    found.push(...(await deliveriesOf(redis, options, stream.slice('bus:'.length), entries)));
  }
  return found;
}

async function confirm(redis: Redis, consumer: string, deliveries: readonly Delivery[]): Promise<void> {
  const pipeline = redis.pipeline();
  addConfirmation(pipeline, consumer, deliveries);
  await pipeline.exec();
}

function addConfirmation(pipeline: ChainableCommander, consumer: string, deliveries: readonly Delivery[]): void {
  for (const producer of new Set(deliveries.map((delivery) => delivery.producer))) {
    const own = deliveries.filter((delivery) => delivery.producer === producer);
    pipeline.xack(busStream(producer), consumer, ...own.map((delivery) => delivery.entryId));
    const confirmation: Confirmation = { consumer, ids: own.map((delivery) => delivery.envelope.id) };
    pipeline.rpush(`bus:confirmed:${producer}`, JSON.stringify(confirmation));
  }
}
