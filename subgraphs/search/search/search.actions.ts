import type { Context } from 'kit/context';
import { engineOf } from './search.engine.ts';

/** Makes words, vocabulary and, with Elasticsearch, its index anew from the documents; searches go on meanwhile. */
export async function rebuildIndex(ctx: Context): Promise<void> {
  await engineOf(ctx).rebuild(ctx);
}
