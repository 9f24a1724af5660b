import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Connection, type Database, type RawBuilder, rowsOf, sql, type SqlEntityManager } from './database.ts';
import { CodedError } from './errors.ts';
import type { EventDefinition } from './events.ts';
import type { EmittedEvent } from './hop.ts';
import type { Job, JobOptions } from './jobs.ts';
import type { Limiter } from './limits.ts';
import type { Cache } from './cache.ts';
import type { Logger } from './logger.ts';
import { type PendingEvent, type ToldAtOnce, writeOutbox, writeTold } from './outbox-rows.ts';
import type { Client, Viewer } from './viewer.ts';

/** What a running subgraph lends to each of its requests, events and jobs. */
export interface Services {
  readonly database: Database;
  readonly cache: Cache;
  readonly limiter: Limiter;
  readonly log: Logger;
  /** The subgraph's settings, as its `config.ts` declares them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly redis: Redis;
  /** Consumers that must have recorded an event before its outbox row may go, by event type. */
  readonly consumersOf: (type: string) => readonly string[];
  /** Tells the relay that something waits in the outbox. */
  readonly nudgeRelay: () => void;
  readonly enqueue: (connection: Connection, job: Job<never>, data: object, options: JobOptions) => Promise<void>;
}

/** All that code may use besides its arguments. Made anew for each request, event and job. */
export interface Context {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly client: Client;
  readonly services: Services;
  readonly log: Logger;
  /** The pool, or the open transaction inside a change. */
  readonly connection: Connection;
  /** Loaders remember what they have read for as long as this object lives. */
  readonly loaderScope: object;
  /** Events committed so far on behalf of this request. */
  readonly emitted: EmittedEvent[];
  rows<Row>(statement: RawBuilder<Row>): Promise<Row[]>;
  /** Runs `work` in one transaction together with its events. Inside another change it joins that one. */
  change<Result>(work: (tx: Change) => Promise<Result>): Promise<Result>;
}

/** A context inside a transaction: the only place where something is written. */
export interface Change extends Context {
  readonly em: SqlEntityManager;
  /** Records an event that leaves with the transaction's commit, or not at all. */
  emit<Payload extends Record<string, unknown>>(event: EventDefinition<Payload>, payload: Payload): void;
  /** Queues background work that starts after the commit, or not at all. */
  enqueue<Data extends object>(job: Job<Data>, data: Data, options?: JobOptions): Promise<void>;
}

export interface ContextOptions {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly client: Client;
  readonly services: Services;
}

/** PostgreSQL's codes for "run the transaction again": serialization failure, deadlock, a kept plan of a table that has changed. */
const AGAIN = new Set(['40001', '40P01', '0A000']);
const TRIES = 4;

export function createContext(options: ContextOptions): Context {
  const { services } = options;
  const { connection } = services.database;
  const ctx: Context = {
    ...options,
    log: services.log,
    connection,
    loaderScope: {},
    emitted: [],
    // A statement by itself is a transaction of its own.
    rows: (statement) => again(() => rowsOf(connection, statement)),
    change: (work) => runChange(ctx, work),
  };
  return ctx;
}

async function runChange<Result>(ctx: Context, work: (tx: Change) => Promise<Result>): Promise<Result> {
  const { result, events } = await again(() => transact(ctx, work));
  noteEmitted(
    ctx,
    events.map(({ id, definition: { type } }) => ({ id, type })),
  );
  return result;
}

function noteEmitted(ctx: Context, events: readonly EmittedEvent[]): void {
  ctx.emitted.push(...events);
  if (events.length > 0) ctx.services.nudgeRelay();
}

/** Changes something and tells it in one statement, outside any transaction: the quickest way for what happens most. */
export async function changeAtOnce<Payload extends Record<string, unknown>>(
  ctx: Context,
  told: ToldAtOnce<Payload>,
): Promise<void> {
  const ids = await again(() => writeTold(ctx, told));
  noteEmitted(
    ctx,
    ids.map((id) => ({ id, type: told.definition.type })),
  );
}

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !AGAIN.has(codeOf(error))) throw error;
      // Those who collided must not meet again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

async function transact<Result>(ctx: Context, work: (tx: Change) => Promise<Result>) {
  const root = (ctx.services.database.orm.em as SqlEntityManager).fork();
  return root.transactional(async (em) => {
    const events: PendingEvent[] = [];
    const tx = changeOn(ctx, em, events);
    const result = await work(tx);
    await em.flush();
    await writeOutbox(tx, events);
    return { result, events };
  });
}

function changeOn(ctx: Context, em: SqlEntityManager, events: PendingEvent[]): Change {
  const connection = em.getKysely<unknown>();
  const tx: Change = {
    ...ctx,
    connection,
    em,
    // What was read before the transaction may be stale inside it.
    loaderScope: {},
    rows: (statement) => rowsOf(connection, statement),
    change: (work) => work(tx),
    emit: (definition, payload) => {
      events.push({ id: crypto.randomUUID(), definition: definition as unknown as EventDefinition, payload });
    },
    enqueue: (job, data, options = {}) => ctx.services.enqueue(connection, job, data, options),
  };
  return tx;
}

/**
 * Runs a mutation once per key: the same key and body answer the same again, another body is a conflict.
 * Two at once with one key: the second waits for the first one's commit and then answers the same.
 */
export async function once<Answer>(
  ctx: Context,
  operation: string,
  key: string | null | undefined,
  input: unknown,
  work: (tx: Change) => Promise<Answer>,
): Promise<Answer> {
  if (key == null) return ctx.change(work);
  if (key.length < 1 || key.length > 200 || /[\p{Cc}\p{Cs}]/u.test(key)) {
    throw new CodedError('BAD_USER_INPUT', 'idempotencyKey is 1 to 200 characters that can be shown.', [
      'idempotencyKey',
    ]);
  }
  const actor = ctx.viewer.userId ?? '';
  const hash = createHash('sha256').update(JSON.stringify(input)).digest('base64url');
  return ctx.change(async (tx) => {
    const [first] = await tx.rows<{ key: string }>(sql`
      insert into idempotency (actor_id, operation, key, request_hash, answer)
      values (${actor}, ${operation}, ${key}, ${hash}, 'null')
      on conflict do nothing returning key`);
    const where = sql`actor_id = ${actor} and operation = ${operation} and key = ${key}`;
    if (first) {
      const answer = await work(tx);
      await tx.rows(sql`update idempotency set answer = ${JSON.stringify(answer)} where ${where}`);
      return answer;
    }
    const [earlier] = await tx.rows<{ request_hash: string; answer: Answer }>(
      sql`select request_hash, answer from idempotency where ${where}`,
    );
    if (earlier?.request_hash !== hash) {
      throw new CodedError(
        'IDEMPOTENCY_KEY_REUSED',
        'That idempotencyKey was used for another input; take a new one.',
        ['idempotencyKey'],
      );
    }
    return earlier.answer;
  });
}
