import type { Context } from 'kit/context';
import { engineOf } from './search.engine.ts';

/** Makes words, vocabulary and, with Elasticsearch, its index anew from the documents; searches go on meanwhile. */
export async function rebuildIndex(ctx: Context): Promise<void> {
  await engineOf(ctx).rebuild(ctx);
}

/** Has the engine's own index, where it has one, take over a batch of what has changed. Answers how many; throws RETRY_LATER. */
export const pushIndex = (ctx: Context): Promise<number> => engineOf(ctx).push(ctx);
