import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { defineJob } from 'kit/jobs';
import { assembleComplete, forgetOldExports } from './export.archive.ts';

/** Every minute too: an archive whose process died while it was made is made by the next one. */
export const assembleExports = defineJob(
  'export.assemble',
  async (ctx: Context) => {
    await forgetOldExports(ctx);
    while (await ctx.change(assembleComplete));
  },
  { cron: '* * * * *' },
);

/** After a start: what a process that died was writing goes on at once. */
export async function resumeExports(ctx: Context): Promise<void> {
  await ctx.change(async (tx) => {
    const [underWay] = await tx.rows(sql`select 1 from data_export where status = 'GATHERING' limit 1`);
    if (underWay) await tx.enqueue(assembleExports, {});
  });
}
