import { sql } from 'kit/database';
import { defineJob } from 'kit/jobs';
import { settingsOf } from '../config.ts';
import { forgetChallenges } from './challenge.actions.ts';

/** Where people were is personal: it goes after a while; tries at nobody's account after a day. */
export const signInsForget = defineJob(
  'sign-ins.forget',
  async (ctx) => {
    await forgetChallenges(ctx);
    await ctx.rows(sql`
      delete from sign_in where at < now() - ${settingsOf(ctx).SIGN_IN_HISTORY_DAYS} * interval '1 day'
        or (user_id is null and at < now() - interval '1 day')`);
  },
  { cron: '23 * * * *' },
);
