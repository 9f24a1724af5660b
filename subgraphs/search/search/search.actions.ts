import type { Context } from 'kit/context';
import { engineOf } from './search.engine.ts';

/** Makes words, vocabulary and, with Elasticsearch, its index anew from the documents; searches go on meanwhile. */
export async function rebuildIndex(ctx: Context): Promise<void> {
  await engineOf(ctx).rebuild(ctx);
}

/** Until it answers 0, rids the engine's own index, where it has one, of what is gone here. Throws RETRY_LATER. */
export const settleIndex = (ctx: Context): Promise<number> => engineOf(ctx).settle(ctx);
