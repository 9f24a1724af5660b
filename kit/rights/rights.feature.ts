import type { Change, Context } from '../context.ts';
import { defineFeature, type Feature } from '../feature.ts';
import { id, on, text } from '../events.ts';
import { defineJob, type Job } from '../jobs.ts';
import { eraseBatch } from './rights.erase.ts';
import { gatherPage, type Progress } from './rights.gather.ts';
import { Rights0001 } from './rights.migration.ts';
import { type Mode, type Reporter, rightsEvents, type RightsPlan } from './rights.ts';
import { type NewTask, startTask, type TaskKey, type TaskKind, unfinishedTasks } from './rights.tasks.ts';

export interface RightsRunner {
  readonly job: Job;
  /** Notes a task and wakes the job, in the caller's transaction. */
  readonly start: (tx: Change, task: NewTask) => Promise<void>;
  /** After a start: what a process that died has left unfinished goes on at once. */
  readonly resume: (ctx: Context) => Promise<void>;
}

const AGAIN_SECONDS = 1;

/** Works off a subgraph's tasks; by itself every minute too, so that no crash leaves one behind. */
export function createRightsRunner(plan: RightsPlan, reporter: Reporter): RightsRunner {
  // Without a key: a job that waits already may have been taken, and have looked, before this transaction commits.
  const wake = (tx: Change): Promise<void> => tx.enqueue(job, {});
  const again = (ctx: Context): Promise<void> =>
    ctx.change((tx) => tx.enqueue(job, {}, { singletonKey: 'again', startAfterSeconds: AGAIN_SECONDS }));
  const job: Job = defineJob(
    `rights.${plan.subgraph}`,
    async (ctx: Context) => {
      const failures: unknown[] = [];
      let isWaiting = false;
      for (const key of await unfinishedTasks(ctx)) {
        const progress = await runTask(ctx, key, plan, reporter).catch((error: unknown) => {
          failures.push(error);
          return 'done' as const;
        });
        isWaiting ||= progress === 'waits';
      }
      if (isWaiting) await again(ctx);
      if (failures.length > 0) throw failures[0];
    },
    { cron: '* * * * *' },
  );
  return {
    job,
    start: async (tx, task) => {
      await startTask(tx, task);
      await wake(tx);
    },
    resume: async (ctx) => {
      if ((await unfinishedTasks(ctx)).length > 0) await ctx.change((tx) => wake(tx));
    },
  };
}

async function runTask(ctx: Context, key: TaskKey, plan: RightsPlan, reporter: Reporter): Promise<Progress> {
  for (;;) {
    const progress =
      key.kind === 'GATHER' ? await gatherPage(ctx, key, plan, reporter) : await eraseBatch(ctx, key, plan, reporter);
    if (progress !== 'more') return progress;
  }
}

const asked = { exportId: id, userId: id };
const leaving = { deletionId: id, userId: id, mode: text };
/** A mode that is not known loses nothing that could have stayed. */
const modeOf = (mode: string): Mode => (mode === 'ERASE' ? 'ERASE' : 'ANONYMISE');

/** A subgraph's answer to what people may ask about their data, wherever they ask it. */
export function defineRights(
  plan: RightsPlan,
  own: Partial<Pick<Parameters<typeof defineFeature>[0], 'migrations' | 'emits' | 'subscribers' | 'jobs'>> = {},
): Feature {
  const { emits, reporter } = rightsEvents(plan.subgraph);
  const { job, start, resume } = createRightsRunner(plan, reporter);
  const begin = (kind: TaskKind, requestId: string, personId: string, mode: Mode) => (tx: Change) =>
    start(tx, { kind, requestId, personId, mode });
  return defineFeature({
    name: 'privacy',
    migrations: [{ name: 'rights-0001', class: Rights0001 }, ...(own.migrations ?? [])],
    emits: [...emits, ...(own.emits ?? [])],
    subscribers: [
      on('export.requested', 1, asked, (ctx, { exportId, userId }) =>
        ctx.change(begin('GATHER', exportId, userId, 'ANONYMISE')),
      ),
      on('deletion.started', 1, leaving, (ctx, { deletionId, userId, mode }) =>
        ctx.change(begin('ERASE', deletionId, userId, modeOf(mode))),
      ),
      on('deletion.erased', 1, leaving, (ctx, { deletionId, userId, mode }) =>
        ctx.change(begin('SWEEP', deletionId, userId, modeOf(mode))),
      ),
      ...(own.subscribers ?? []),
    ],
    jobs: [job, ...(own.jobs ?? [])],
    prepare: resume,
  });
}
