import type { DeferNode, PlanNode } from '@apollo/query-planner';
import type { PlanRun, Step } from './step.ts';

/**
 * Compiles a plan with deferred parts. They are begun as the run's `deferred` says, as soon as what they depend on is there;
 * where a run has none, all is fetched before the step ends.
 */
export function compileDefer({ primary, deferred }: DeferNode, compile: (node: PlanNode) => Step): Step {
  const first = primary.node && compile(primary.node);
  const blocks = deferred.map(({ label = '', depends, node }) => ({
    label,
    depends: depends.map(({ id }) => id),
    step: node && compile(node),
  }));
  return async (run) => {
    const { deferred: outer } = run;
    if (!outer) {
      await first?.(run);
      await Promise.all(blocks.map(async ({ step }) => step?.(run)));
      return;
    }
    const primaryEnds = Promise.withResolvers<void>();
    const around = Promise.all([outer.around, primaryEnds.promise]);
    const inner: PlanRun = { ...run, deferred: { ...outer, around } };
    for (const { label, depends, step } of blocks) {
      const isReady = Promise.race([Promise.all(depends.map(outer.answerOf)), around]);
      outer.begin(label, { isReady, run: (own) => step?.({ ...inner, ...own }) });
    }
    try {
      await first?.(inner);
    } finally {
      primaryEnds.resolve();
    }
  };
}

/** Tells the run's deferred fragments that a fetch has been answered. */
export function telling(ids: readonly (string | undefined)[], step: Step): Step {
  const told = ids.filter((id) => id !== undefined);
  if (told.length === 0) return step;
  return (run) => {
    const { deferred } = run;
    const running = step(run);
    if (!deferred) return running;
    const tell = (): void => told.forEach(deferred.answered);
    if (running) return running.then(tell);
    tell();
    return undefined;
  };
}
