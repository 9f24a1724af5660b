import type { Change, Context } from '../context.ts';
import { haveArrived, lastPosition } from './rights.events-sent.ts';
import type { Progress } from './rights.gather.ts';
import type { Reporter, RightsPlan, Step } from './rights.ts';
import { kitScrubs } from './rights.scrub.ts';
import { countMore, finishTask, lockTask, saveTask, type Task, type TaskKey } from './rights.tasks.ts';

/**
 * One batch of an erasure or a sweep, in one transaction with the note of it: after a crash it goes on with the next one,
 * and what was counted is counted once. An erasure ends when its events have arrived everywhere, a sweep begins so.
 */
export async function eraseBatch(ctx: Context, key: TaskKey, plan: RightsPlan, reporter: Reporter): Promise<Progress> {
  return ctx.change(async (tx) => {
    const task = await lockTask(tx, key);
    if (!task) return 'done';
    const isSweep = task.kind === 'SWEEP';
    if (isSweep && !(await isQuiet(tx, task))) return 'waits';
    const steps = isSweep ? [...plan.sweep, ...kitScrubs(plan.subgraph)] : plan.erasure;
    const step = steps[task.step];
    if (step) {
      await runStep(tx, task, step);
      return 'more';
    }
    if (!isSweep && !(await isQuiet(tx, task))) return 'waits';
    await reporter.erased(tx, task.requestId, isSweep ? 'SWEEP' : 'ERASE', task.counts);
    await finishTask(tx, key);
    return 'done';
  });
}

async function runStep(tx: Change, task: Task, step: Step): Promise<void> {
  const count = await step.run(tx, task.person);
  const counts = countMore(task.counts, step.name, count);
  await saveTask(tx, { ...task, counts, step: count === 0 ? task.step + 1 : task.step });
}

/** Waits for the events there were when it was first asked, not for those that others add meanwhile. */
async function isQuiet(tx: Change, task: Task): Promise<boolean> {
  const position = task.waitPosition ?? (await lastPosition(tx));
  if (await haveArrived(tx, position)) return true;
  if (task.waitPosition === null) await saveTask(tx, { ...task, waitPosition: position });
  return false;
}
