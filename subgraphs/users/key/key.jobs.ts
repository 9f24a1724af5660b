import { defineJob } from 'kit/jobs';
import { tidyKeys } from './rotation.actions.ts';

export const keysTidy = defineJob('keys.tidy', tidyKeys, { cron: '*/5 * * * *' });
