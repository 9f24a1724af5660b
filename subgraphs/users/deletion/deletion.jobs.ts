import type { Context } from 'kit/context';
import { defineJob, type Job } from 'kit/jobs';
import { sql } from 'kit/database';
import { tendDeletions } from './deletion.saga.actions.ts';

/** Between two rounds only what was closed and must settle is waited for. */
export const tend: Job = defineJob(
  'deletion.tend',
  async (ctx: Context) => {
    await tendDeletions(ctx);
    const waiting = await ctx.rows(sql`select 1 from deletion where status = 'CLOSED' limit 1`);
    if (waiting.length > 0) {
      await ctx.change((tx) => tx.enqueue(tend, {}, { singletonKey: 'settle', startAfterSeconds: 5 }));
    }
  },
  { cron: '* * * * *' },
);
