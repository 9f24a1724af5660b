import { CompiledQuery } from 'kysely';
import { PgBoss } from 'pg-boss';
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
  readonly enqueue: (connection: Connection, job: Job<never>, data: object, options: JobOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const RETRIES = { retryLimit: 3, retryDelay: 1, retryBackoff: true } as const;

/** Runs a subgraph's jobs on its own PostgreSQL, through its own pool. Without jobs nothing is started. */
export async function startJobs(
  jobs: readonly Job<never>[],
  database: Database,
  createSystemContext: (requestId: string) => Context,
  log: Logger,
): Promise<Jobs> {
  if (jobs.length === 0) {
    return { enqueue: () => Promise.reject(new Error('this subgraph has no jobs')), stop: () => Promise.resolve() };
  }
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => database.pool.query(text, values) },
    schema: 'job',
    warningQueueSize: 100_000,
  });
  boss.on('error', (error: Error) => log.warn({ err: error }, 'jobs wait: their store does not answer'));
  await boss.start();
  for (const job of jobs) await startJob(boss, job as unknown as Job, createSystemContext, log);
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
    stop: () => boss.stop({ graceful: true, timeout: 5000 }),
  };
}

async function startJob(
  boss: PgBoss,
  job: Job,
  createSystemContext: (id: string) => Context,
  log: Logger,
): Promise<void> {
  const failed = `${job.name}.failed`;
  await boss.createQueue(failed);
  // Of pg-boss's policies this is the one under which a singleton key means what JobOptions says: one waiting job per key.
  await boss.createQueue(job.name, { ...RETRIES, policy: 'short', deadLetter: failed });
  await boss.work(job.name, { pollingIntervalSeconds: 1, batchSize: 10 }, async (batch) => {
    for (const one of batch) {
      try {
        await job.run(createSystemContext(one.id), one.data as object);
      } catch (error) {
        log.error({ err: error, job: job.name, jobId: one.id }, 'a job failed; it is tried again');
        throw error;
      }
    }
  });
  if (job.cron !== null) await boss.schedule(job.name, job.cron);
}
