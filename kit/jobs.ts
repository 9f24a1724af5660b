import { CompiledQuery } from 'kysely';
import { type JobResult, PgBoss } from 'pg-boss';
import type { Connection, Database } from './database.ts';
import type { Context } from './context.ts';
import type { Logger } from './logger.ts';

/** Background work: enqueued in the transaction that wants it, tried 3 times with back-off, then kept as a dead letter. */
export interface Job<Data extends object = object> {
  readonly name: string;
  readonly run: (ctx: Context, data: Data) => Promise<void>;
  /** Five-field cron expression in UTC for work that comes round by itself. */
  readonly cron: string | null;
}

export interface JobOptions {
  /** Higher runs first. */
  readonly priority?: number;
  /** A second job with the same key is not queued while the first one waits. */
  readonly singletonKey?: string;
  /** Waits at least this long; the queue is looked at once a second. */
  readonly startAfterSeconds?: number;
}

export function defineJob<Data extends object>(
  name: string,
  run: (ctx: Context, data: Data) => Promise<void>,
  options: { cron?: string } = {},
): Job<Data> {
  return { name, run, cron: options.cron ?? null };
}

export interface Jobs {
  /** From here on what waits is run. */
  readonly work: (createSystemContext: (requestId: string) => Context) => Promise<void>;
  readonly enqueue: (connection: Connection, job: Job<never>, data: object, options: JobOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const RETRIES = { retryLimit: 3, retryDelay: 1, retryBackoff: true } as const;

/** A subgraph's jobs on its own PostgreSQL, through its own pool. Without jobs nothing is started. */
export async function openJobs(jobs: readonly Job<never>[], database: Database, log: Logger): Promise<Jobs> {
  if (jobs.length === 0) return NO_JOBS;
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => database.pool.query(text, values) },
    schema: 'job',
    warningQueueSize: 100_000,
  });
  boss.on('error', (error: Error) => log.warn({ err: error }, 'jobs wait: their store does not answer'));
  await boss.start();
  for (const job of jobs) await openQueue(boss, job as unknown as Job);
  let stopLooking = (): void => undefined;
  return {
    enqueue: async (connection, job, data, options) => {
      const db = {
        executeSql: async (text: string, values: unknown[] = []) => {
          const { rows } = await connection.executeQuery(CompiledQuery.raw(text, values));
          return { rows };
        },
      };
      const { startAfterSeconds, singletonKey = crypto.randomUUID(), ...rest } = options;
      const startAfter = startAfterSeconds === undefined ? {} : { startAfter: startAfterSeconds };
      await boss.send(job.name, data, { ...rest, ...startAfter, singletonKey, db });
    },
    work: async (createSystemContext) => {
      const workers = new Map<string, string>();
      for (const job of jobs) {
        workers.set(job.name, await startJob(boss, job as unknown as Job, createSystemContext, log));
      }
      stopLooking = lookForWaiting(boss, database, workers);
    },
    stop: async () => {
      stopLooking();
      await boss.stop({ graceful: true, timeout: 5000 });
    },
  };
}

const NO_JOBS: Jobs = {
  enqueue: () => Promise.reject(new Error('this subgraph has no jobs')),
  work: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

async function openQueue(boss: PgBoss, { name, cron }: Job): Promise<void> {
  const failed = `${name}.failed`;
  await boss.createQueue(failed);
  // Of pg-boss's policies this is the one under which a singleton key means what JobOptions says: one waiting job per key.
  await boss.createQueue(name, { ...RETRIES, policy: 'short', deadLetter: failed });
  if (cron !== null) await boss.schedule(name, cron);
}

const LOOK_MILLISECONDS = 1000;
/** Should a look fail, pg-boss finds what waits by itself. */
const POLL_SECONDS = 30;
const WAITING = `
  select name from unnest($1::text[]) as asked (name)
  where exists (
    select 1 from job.job where job.name = asked.name and state < 'active' and not blocked and start_after <= now())`;

/** One look a second for all queues wakes those in which something waits: pg-boss would look into each by itself. */
function lookForWaiting(boss: PgBoss, database: Database, workers: ReadonlyMap<string, string>): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    isLooking = true;
    const { rows } = await database.pool.query<{ name: string }>(WAITING, [[...workers.keys()]]);
    for (const { name } of rows) boss.notifyWorker(workers.get(name) ?? '');
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    look()
      .catch(() => undefined)
      .finally(() => (isLooking = false));
  }, LOOK_MILLISECONDS);
  return () => clearInterval(timer);
}

/** Answers the id of its worker. */
async function startJob(
  boss: PgBoss,
  job: Job,
  createSystemContext: (id: string) => Context,
  log: Logger,
): Promise<string> {
  // Each job of a batch is settled by itself: one that fails takes no other with it.
  const options = {
    pollingIntervalSeconds: POLL_SECONDS,
    batchSize: 10,
    perJobResults: true,
    includeMetadata: true,
  } as const;
  return boss.work(job.name, options, async (batch) => {
    const results: JobResult[] = [];
    // The most urgent are fetched first, but a batch comes in no order.
    const inOrder = batch.toSorted((one, other) => other.priority - one.priority || +one.createdOn - +other.createdOn);
    for (const { id, data } of inOrder) {
      try {
        await job.run(createSystemContext(id), data as object);
        results.push({ id, status: 'completed' });
      } catch (error) {
        log.error({ err: error, job: job.name, jobId: id }, 'a job failed; it is tried again');
        results.push({ id, status: 'failed', output: { message: String(error).slice(0, 2000) } });
      }
    }
    return results;
  });
}
