import type { Context } from 'kit/context';
import { defineJob, type Job } from 'kit/jobs';
import { hasOutdated, reanalyseAfter } from './sentiment.actions.ts';

const BATCH = 500;
const START = '00000000-0000-0000-0000-000000000000';

/** One batch, then the next as a job of its own: a stop in between loses nothing. Daily for what an older process still wrote. */
export const reanalyse: Job<{ after?: string }> = defineJob(
  'sentiment.reanalyse',
  async (ctx: Context, from: { after?: string } | null) => {
    const last = await reanalyseAfter(ctx, from?.after ?? START, BATCH);
    if (last === null) return;
    await ctx.change((tx) => tx.enqueue(reanalyse, { after: last }, { singletonKey: last }));
  },
  { cron: '43 3 * * *' },
);

/** A new model judges all that was written before it. */
export async function reanalyseOutdated(ctx: Context): Promise<void> {
  if (!(await hasOutdated(ctx))) return;
  await ctx.change((tx) => tx.enqueue(reanalyse, {}, { singletonKey: START }));
}
