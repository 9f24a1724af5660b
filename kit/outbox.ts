import type { Redis } from 'ioredis';
import { type Database, rowsOf, sql } from './database.ts';
import type { Bus } from './bus.ts';
import type { Envelope, EventDefinition } from './events.ts';
import { addLive } from './live.ts';
import type { Logger } from './logger.ts';
import { clearAway, sendAgain } from './outbox-rows.ts';
import { createPace } from './pace.ts';
import type { Gauge } from 'prom-client';

interface OutboxRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly aggregateId: string;
  readonly payload: Record<string, unknown>;
  readonly occurredAt: Date;
  readonly actorId: string | null;
  readonly requestId: string;
}

export interface RelayOptions {
  readonly producer: string;
  readonly database: Database;
  readonly bus: Bus;
  readonly redis: Redis;
  readonly definitions: readonly EventDefinition[];
  readonly retentionDays: number;
  readonly log: Logger;
  readonly unsent: Gauge;
}

export interface Relay {
  readonly start: () => void;
  /** Something waits in the outbox; before the start it waits on. */
  readonly nudge: () => void;
  readonly stop: () => Promise<void>;
}

const RELAY_LOCK = 7_130_515;
const BATCH = 200;
const IDLE_MS = 1000;
/** How often is looked for what was not confirmed in time, and for what may go. */
const THOROUGH_MS = 5000;
/** Under load what is written within this time is sent together. */
const PACE_MS = 50;

/**
 * Moves the outbox to the bus, in order, at least once. One relay per producer works at a time (a lock inside the
 * transaction); rows stay until every consumer has recorded them, and are sent again where a confirmation stays away.
 */
export function createRelay(options: RelayOptions): Relay {
  const pace = createPace(PACE_MS);
  let stopping = false;
  let wanted = false;
  let wake: (() => void) | null = null;
  const nudge = (): void => {
    wanted = true;
    wake?.();
  };
  const pause = async (ms: number): Promise<void> => {
    if (wanted || stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = null;
  };
  const run = async (): Promise<void> => {
    let [housekeeping, thorough] = [0, 0];
    const state = { clearedTo: 0 };
    while (!stopping) {
      const isNudged = wanted;
      try {
        if (isNudged) await pace.turn();
        wanted = false;
        const sent = isNudged || (await isAnyUnsent(options)) ? await sendBatch(options) : 0;
        if (sent === BATCH) nudge();
        // Another process holds the lock and may have read before our commit: look again shortly.
        else if (sent === null) {
          await new Promise((resolve) => setTimeout(resolve, 15));
          wanted = true;
        } else await pause(IDLE_MS);
        // However much is left to send: what piles up meanwhile are confirmations.
        if (performance.now() > housekeeping) {
          housekeeping = performance.now() + IDLE_MS;
          const isThorough = performance.now() > thorough;
          if (isThorough) thorough = performance.now() + THOROUGH_MS;
          await keepHouse(options, isThorough, state);
        }
      } catch (error) {
        options.log.warn({ err: error }, 'the outbox cannot be relayed now; it waits in PostgreSQL');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  };
  let running: Promise<void> | null = null;
  return {
    start: () => {
      running ??= run();
    },
    nudge,
    stop: async () => {
      stopping = true;
      pace.end();
      nudge();
      await running;
    },
  };
}

/** What waits, in order. One text, so that lock and rows are one round trip; each statement sees what is committed by then. */
const TAKE_BATCH = `
  begin;
  select pg_try_advisory_xact_lock(${RELAY_LOCK}) as held;
  select position, id, type, version, aggregate_id as "aggregateId", payload, occurred_at as "occurredAt",
    actor_id as "actorId", request_id as "requestId"
  from outbox where sent_at is null order by position limit ${BATCH}`;

/** Sends up to a batch; null when another relay of this producer is at work. */
async function sendBatch(options: RelayOptions): Promise<number | null> {
  const client = await options.database.pool.connect();
  try {
    const answers = (await client.query(TAKE_BATCH)) as unknown as readonly { rows: unknown[] }[];
    const [lock] = answers[1]?.rows as { held: boolean }[];
    const rows = lock?.held ? (answers[2]?.rows as OutboxRow[]) : [];
    if (rows.length > 0) {
      await options.bus.publish(options.producer, rows.map(envelopeOf));
      await publishLiveMessages(options, rows);
      const positions = rows.map(({ position }) => Number(position)).join();
      await client.query(
        `update outbox set sent_at = now(), attempts = attempts + 1 where position in (${positions}); commit`,
      );
    } else await client.query('commit');
    client.release();
    return lock?.held ? rows.length : null;
  } catch (error) {
    // With the connection the transaction and its lock are gone.
    client.release(true);
    throw error;
  }
}

const isAnyUnsent = async ({ database }: RelayOptions): Promise<boolean> =>
  (await rowsOf(database.connection, sql`select 1 from outbox where sent_at is null limit 1`)).length > 0;

const envelopeOf = ({ position, occurredAt, ...row }: OutboxRow): Envelope => ({
  ...row,
  aggregateVersion: position,
  occurredAt: occurredAt.toISOString(),
});

/** Live topics get the same event ids, so that a message sent twice is told by its id. Throws where one could not be sent. */
async function publishLiveMessages(options: RelayOptions, rows: readonly OutboxRow[]): Promise<void> {
  const pipeline = options.redis.pipeline();
  for (const row of rows) {
    const definition = options.definitions.find((one) => one.type === row.type && one.version === row.version);
    for (const message of definition?.live?.(row.payload) ?? []) {
      addLive(pipeline, message.topic, { id: row.id, type: row.type, payload: message.payload });
    }
  }
  if (pipeline.length === 0) return;
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

async function keepHouse(options: RelayOptions, isThorough: boolean, state: { clearedTo: number }): Promise<void> {
  const { connection } = options.database;
  await takeConfirmations(options);
  const emptied = await options.bus.wasEmptied(options.producer);
  if (emptied) options.log.info('the event stream starts empty: sending what is not confirmed');
  if (!emptied && !isThorough) return;
  await sendAgain(connection, emptied);
  state.clearedTo = await clearAway(connection, options.retentionDays, state.clearedTo);
  const [row] = await rowsOf<{ unsent: number }>(
    connection,
    sql`select count(*) as unsent from outbox where sent_at is null`,
  );
  options.unsent.set({ subgraph: options.producer }, row?.unsent ?? 0);
}

/** All that has been confirmed since the last time, in one statement for each consumer. */
async function takeConfirmations({ bus, producer, database }: RelayOptions): Promise<void> {
  const confirmations = await bus.takeConfirmations(producer);
  for (const [consumer, own] of Map.groupBy(confirmations, (one) => one.consumer)) {
    const ids = own.flatMap((one) => one.ids);
    await rowsOf(
      database.connection,
      sql`update outbox set awaiting = array_remove(awaiting, ${consumer})
          where id = any(${ids}::uuid[]) and awaiting <> '{}'`,
    );
  }
}
