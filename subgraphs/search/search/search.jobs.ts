import type { Context } from 'kit/context';
import { CodedError } from 'kit/errors';
import { defineJob } from 'kit/jobs';
import { engineOf } from './search.engine.ts';

/** What no search has pushed by the way; where Elasticsearch was away, all that waited. */
export const pushDocuments = defineJob('search.push', pushAll, { cron: '* * * * *' });

/** Comes round by itself, so an engine that is away is no failure of the job. */
async function pushAll(ctx: Context): Promise<void> {
  try {
    while ((await engineOf(ctx).push(ctx)) > 0);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'RETRY_LATER') throw error;
  }
}
