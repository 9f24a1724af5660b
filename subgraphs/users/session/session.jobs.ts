import { sql } from 'kit/database';
import { defineJob } from 'kit/jobs';

/** Sessions that are over are nobody's business for long: a month, in which a theft may come to light. */
export const sessionsForget = defineJob(
  'sessions.forget',
  async (ctx) => {
    await ctx.rows(sql`delete from session where expires_at < now() - interval '30 days'`);
  },
  { cron: '17 * * * *' },
);
