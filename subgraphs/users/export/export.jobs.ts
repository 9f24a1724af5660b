import type { Context } from 'kit/context';
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
