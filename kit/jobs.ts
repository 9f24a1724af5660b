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
      for (const job of jobs) await startJob(boss, job as unknown as Job, createSystemContext, log);
    },
    stop: () => boss.stop({ graceful: true, timeout: 5000 }),
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

async function startJob(
  boss: PgBoss,
  job: Job,
  createSystemContext: (id: string) => Context,
  log: Logger,
): Promise<void> {
  // Each job of a batch is settled by itself: one that fails takes no other with it.
  const options = { pollingIntervalSeconds: 1, batchSize: 10, perJobResults: true, includeMetadata: true } as const;
  await boss.work(job.name, options, async (batch) => {
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
