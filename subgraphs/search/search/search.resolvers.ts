import type { Context } from 'kit/context';
import { KINDS } from '../document/document.loaders.ts';
import { COUNT_CAP } from './engine/engine.ts';
import { type SearchArguments, type SearchConnection, searchDocuments } from './search.queries.ts';

export const resolvers = {
  Query: {
    search: (_: unknown, args: SearchArguments, ctx: Context) => searchDocuments(ctx, args),
  },
  SearchConnection: {
    totalCount: async ({ counts, kinds }: SearchConnection) => {
      const byKind = await counts();
      const asked = kinds.length > 0 ? kinds : KINDS;
      return Math.min(
        COUNT_CAP,
        asked.reduce((sum, kind) => sum + (byKind.get(kind) ?? 0), 0),
      );
    },
    facets: async ({ counts }: SearchConnection) => {
      const byKind = await counts();
      return KINDS.map((kind) => ({ kind, count: byKind.get(kind) ?? 0 })).filter(({ count }) => count > 0);
    },
  },
};
