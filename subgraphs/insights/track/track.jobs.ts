import { defineJob } from 'kit/jobs';
import { ensureMonthlyPartitions } from 'kit/partitions';
import { forgetPastViewers } from './track.keys.ts';

/** Daily, so that next month's partition is there long before its first event. */
export const makePartitions = defineJob('track.partitions', (ctx) => ensureMonthlyPartitions(ctx, 'tracked_event'), {
  cron: '23 3 * * *',
});
export const forgetViewers = defineJob('track.forget', forgetPastViewers, { cron: '33 3 * * *' });
