import { defineJob } from 'kit/jobs';
import { engineOf } from './search.engine.ts';

/** What no search has pushed by the way; where Elasticsearch was away, all that waited. */
export const pushDocuments = defineJob(
  'search.push',
  async (ctx) => {
    while ((await engineOf(ctx).push(ctx)) > 0);
  },
  { cron: '* * * * *' },
);
