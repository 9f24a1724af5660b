import { EventEmitter } from 'node:events';
import { LRUCache } from 'lru-cache';
import type { Bus, Consumption, Delivery } from './bus.ts';
import { type Change, codeOf, type Context } from './context.ts';
import { rowsOf, sql } from './database.ts';
import { CodedError } from './errors.ts';
import type { Heard, Subscriber } from './events.ts';
import type { EmittedEvent } from './hop.ts';
import type { Logger } from './logger.ts';
import { hurried } from './pace.ts';

export interface InboxOptions {
  readonly consumer: string;
  readonly producers: readonly string[];
  readonly subscribers: readonly Subscriber[];
  readonly bus: Bus;
  readonly createSystemContext: (requestId: string) => Context;
  readonly log: Logger;
  readonly onHandled: (outcome: 'handled' | 'repeated' | 'dead', count: number) => void;
}

export interface Inbox {
  /** Waits until these events' effects are here, 2 s at most; then RETRY_LATER. Events of types not consumed are no concern. */
  readonly waitFor: (ctx: Context, events: readonly EmittedEvent[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const TRIES = 5;
const WAIT_MS = 2000;

/** Consumes other subgraphs' events: each event's effect and its inbox row are one transaction, so each happens once. */
export function startInbox(options: InboxOptions): Inbox {
  const seen = new LRUCache<string, true>({ max: 20_000 });
  const arrivals = new EventEmitter().setMaxListeners(0);
  const together = shared();
  const types = new Set(options.subscribers.map((subscriber) => subscriber.type));
  const noteSeen = (deliveries: readonly Delivery[]): void => {
    for (const { envelope } of deliveries) seen.set(envelope.id, true);
    arrivals.emit('events');
  };
  const handle = async (deliveries: readonly Delivery[]): Promise<void> => {
    const wanted = deliveries.filter(({ envelope }) => types.has(envelope.type));
    if (wanted.length === 0) return;
    await handleTogether(options, wanted).catch(() => handleOneByOne(options, wanted));
    noteSeen(wanted);
  };
  const consumption: Consumption | null =
    options.subscribers.length === 0
      ? null
      : options.bus.consume({ consumer: options.consumer, producers: options.producers, handle, log: options.log });

  const untilSeen = async (ctx: Context, ids: readonly string[]): Promise<void> => {
    let missing: readonly string[] = ids;
    const deadline = performance.now() + WAIT_MS;
    let polls = 0;
    while (missing.length > 0) {
      if (polls++ > 0) await arrival(arrivals, 40);
      missing = missing.filter((id) => !seen.has(id));
      // Another process of this subgraph may be the one that consumes: its inbox rows are here too.
      if (missing.length > 0) missing = await notInInbox(ctx, missing, seen);
      if (missing.length > 0 && performance.now() > deadline) {
        throw new CodedError('RETRY_LATER', 'Your last change has not arrived here yet; ask again in a second.');
      }
    }
  };

  return {
    waitFor: async (ctx, events) => {
      const missing = events.filter((event) => types.has(event.type) && !seen.has(event.id)).map((event) => event.id);
      if (missing.length > 0) await hurried(() => together(missing, () => untilSeen(ctx, missing)));
    },
    stop: async () => consumption?.stop(),
  };
}

/** Shares the work of those who wait for the same events at the same time: all who are told of one live event do. */
function shared(): (ids: readonly string[], work: () => Promise<void>) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  return (ids, work) => {
    const key = ids.join();
    const known = running.get(key);
    if (known) return known;
    const own = work().finally(() => running.delete(key));
    running.set(key, own);
    return own;
  };
}

async function arrival(arrivals: EventEmitter, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      arrivals.off('events', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    arrivals.once('events', done);
  });
}

async function notInInbox(ctx: Context, ids: readonly string[], seen: LRUCache<string, true>): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    ctx.services.database.connection,
    sql`select event_id as id from inbox where event_id = any(${ids}::uuid[])
        union all select event_id from dead_letter where event_id = any(${ids}::uuid[])`,
  );
  for (const { id } of rows) seen.set(id, true);
  const found = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !found.has(id));
}

async function handleTogether(options: InboxOptions, deliveries: readonly Delivery[]): Promise<void> {
  const ctx = options.createSystemContext(deliveries[0]?.envelope.requestId ?? 'events');
  await ctx.change(async (tx) => {
    const fresh = await record(tx, deliveries);
    await apply(options, tx, fresh);
    options.onHandled('handled', fresh.length);
    options.onHandled('repeated', deliveries.length - fresh.length);
  });
}

/** Inserts the inbox rows and answers the deliveries that had none. */
async function record(tx: Change, deliveries: readonly Delivery[]): Promise<Delivery[]> {
  const ids = deliveries.map(({ envelope }) => envelope.id);
  const inserted = await tx.rows<{ id: string }>(
    sql`insert into inbox (event_id) select distinct unnest(${ids}::uuid[]) on conflict do nothing returning event_id as id`,
  );
  const fresh = new Set(inserted.map((row) => row.id));
  // The same event twice in one batch: the set gives it up after its first use.
  return deliveries.filter(({ envelope }) => fresh.delete(envelope.id));
}

async function apply(options: InboxOptions, tx: Change, deliveries: readonly Delivery[]): Promise<void> {
  const together = new Map<Subscriber, Heard<never>[]>();
  for (const { envelope } of deliveries) {
    const subscribers = options.subscribers.filter(
      (one) => one.type === envelope.type && one.version === envelope.version,
    );
    if (subscribers.length === 0) throw new UnknownVersion(envelope.type, envelope.version);
    for (const subscriber of subscribers) {
      const payload = subscriber.schema.parse(envelope.payload) as never;
      if (!subscriber.handleMany) await subscriber.handle(tx, payload, envelope);
      else together.set(subscriber, [...(together.get(subscriber) ?? []), { payload, envelope }]);
    }
  }
  for (const [subscriber, events] of together) await subscriber.handleMany?.(tx, events);
}

class UnknownVersion extends Error {
  constructor(type: string, version: number) {
    super(`no handler knows version ${version} of ${type}`);
  }
}

async function handleOneByOne(options: InboxOptions, deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) {
    for (let attempt = 1; ; attempt++) {
      try {
        await handleTogether(options, [delivery]);
        break;
      } catch (error) {
        // The store's absence is nobody's poison: the bus delivers the batch again when it is back.
        if (isStoreAway(error)) throw error;
        if (attempt === TRIES || error instanceof UnknownVersion) {
          await bury(options, delivery, error, attempt);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
      }
    }
  }
}

/** PostgreSQL class 08 (connection), 53 (resources), 57P (shut down), and Node's own network codes. */
const AWAY_CODES = /^(08|53|57P|E(CONN|PIPE|TIMEDOUT))/;
/** What node-postgres says, without a code, of a connection that was cut, has fallen silent or could not be made. */
const AWAY_WORDS =
  /Connection terminated|Query read timeout|connection error and is not queryable|timeout (expired|exceeded when trying to connect)/;

export const isStoreAway = (error: unknown): boolean =>
  AWAY_CODES.test(codeOf(error)) || (error instanceof Error && AWAY_WORDS.test(error.message));

async function bury(options: InboxOptions, delivery: Delivery, error: unknown, attempts: number): Promise<void> {
  const { envelope, producer } = delivery;
  options.log.error(
    { err: error, event: envelope.id, type: envelope.type },
    'an event could not be handled; it is a dead letter now',
  );
  const { services } = options.createSystemContext(envelope.requestId);
  await rowsOf(
    services.database.connection,
    sql`insert into dead_letter (event_id, producer, envelope, error, attempts)
        values (${envelope.id}, ${producer}, ${JSON.stringify(envelope)}, ${String(error).slice(0, 2000)}, ${attempts})
        on conflict (event_id) do update set error = excluded.error, failed_at = now()`,
  );
  options.onHandled('dead', 1);
}

export interface DeadLetter {
  readonly eventId: string;
  readonly producer: string;
  readonly type: string;
  readonly error: string;
  readonly failedAt: Date;
}

export async function deadLetters(ctx: Context): Promise<DeadLetter[]> {
  return ctx.rows<DeadLetter>(
    sql`select event_id as "eventId", producer, envelope->>'type' as type, error, failed_at as "failedAt"
        from dead_letter order by failed_at limit 1000`,
  );
}

/** Handles dead letters again, oldest first; what succeeds is one no more. Answers how many did and did not. */
export async function replayDeadLetters(options: InboxOptions): Promise<{ replayed: number; failed: number }> {
  const ctx = options.createSystemContext('replay');
  const rows = await ctx.rows<{ envelope: Delivery['envelope']; producer: string }>(
    sql`select envelope, producer from dead_letter order by (envelope->>'aggregateVersion')::bigint limit 10000`,
  );
  let replayed = 0;
  for (const { envelope, producer } of rows) {
    try {
      await ctx.change(async (tx) => {
        const [fresh] = await record(tx, [{ envelope, producer, entryId: '' }]);
        if (fresh) await apply(options, tx, [fresh]);
        await tx.rows(sql`delete from dead_letter where event_id = ${envelope.id}`);
      });
      replayed++;
    } catch (error) {
      options.log.error({ err: error, event: envelope.id }, 'a dead letter failed again');
    }
  }
  return { replayed, failed: rows.length - replayed };
}
