import { Worker } from 'node:worker_threads';
import type { QueryPlan } from '@apollo/query-planner';
import type { PlannerJob, PlannerReply } from './planner-thread.ts';

/** The thread that plans, as this one sees it. It does one job at a time. */
export interface PlannerWorker {
  /** Rejects with Overrun, and has then ended, where the job takes longer or needs more memory than it may. */
  readonly ask: (job: PlannerJob, timeoutMilliseconds: number) => Promise<readonly QueryPlan[]>;
  /** The graphs it has loaded. */
  readonly graphs: Set<string>;
  readonly hasEnded: () => boolean;
  readonly end: () => Promise<void>;
}

/** The planner has given up: there are too many ways. */
export class TooComplex extends Error {}

/** A job has been ended. */
export class Overrun extends Error {}

/** A plan that needs more memory than this ends its thread, not the gateway. */
const THREAD_MEGABYTES = 1024;

export function startPlannerWorker(): PlannerWorker {
  const worker = new Worker(new URL('./planner-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES },
  });
  const pending: PromiseWithResolvers<readonly QueryPlan[]>[] = [];
  let isEnded = false;
  const fail = (error: Error): void => {
    isEnded = true;
    for (const one of pending.splice(0)) one.reject(error);
  };
  worker.on('message', (reply: PlannerReply) => {
    const asked = pending.shift();
    if ('failure' in reply && reply.isTooComplex) asked?.reject(new TooComplex(reply.failure));
    else if ('failure' in reply) asked?.reject(new Error(`planning has failed: ${reply.failure}`));
    else asked?.resolve(reply.plans);
    // A process that has nothing left but an idle planner may end.
    if (pending.length === 0) worker.unref();
  });
  worker.on('error', (error) => fail(isOutOfMemory(error) ? new Overrun('out of memory') : asError(error)));
  worker.on('exit', () => fail(new Error('the planner has ended')));
  worker.unref();
  return {
    graphs: new Set(),
    ask: (job, timeoutMilliseconds) => {
      if (isEnded) return Promise.reject(new Error('the planner has ended'));
      const answer = Promise.withResolvers<readonly QueryPlan[]>();
      pending.push(answer);
      worker.ref();
      worker.postMessage(job);
      const timer = setTimeout(() => {
        fail(new Overrun('out of time'));
        void worker.terminate();
      }, timeoutMilliseconds);
      return answer.promise.finally(() => clearTimeout(timer));
    },
    hasEnded: () => isEnded,
    end: async () => {
      fail(new Error('the planner is closed'));
      await worker.terminate();
    },
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
