import { defineJob } from 'kit/jobs';
import { ensureMonthlyPartitions } from 'kit/partitions';

/** Daily, so that next month's partition is there long before its first post. */
export const makePartitions = defineJob('post.partitions', (ctx) => ensureMonthlyPartitions(ctx, 'post'), {
  cron: '17 3 * * *',
});
