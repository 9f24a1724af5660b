import type { Context } from 'kit/context';
import type { Page } from 'kit/page';
import type { Kind } from '../../document/document.loaders.ts';
import type { Terms } from '../search.terms.ts';

/** What a search asks of an engine. Ids are uuids. */
export interface Asked {
  readonly terms: Terms;
  /** How many of the terms that are not optional a document must have. */
  readonly needed: number;
  readonly kinds: readonly Kind[];
  readonly authorId: string | null;
  readonly communityId: string | null;
  readonly tag: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
}

export interface Hit {
  /** A uuid. */
  readonly id: string;
  readonly kind: Kind;
  readonly score: number;
}

/**
 * Finds documents by words. Whatever the engine, what it answers is only what the viewer may see now, and the same
 * documents in about the same order: `engine.test.ts` holds both adapters to it.
 */
export interface Engine {
  /** The page's hits by (score, id), best first or, backward, worst first; one more than the page's limit where there is more. */
  readonly find: (ctx: Context, asked: Asked, page: Page) => Promise<Hit[]>;
  /** How many documents of each kind match, at most `COUNT_CAP` of each; `kinds` is ignored. */
  readonly count: (ctx: Context, asked: Asked) => Promise<ReadonlyMap<Kind, number>>;
  /** Takes over what documents have changed since the last time. Answers how many. */
  readonly push: (ctx: Context) => Promise<number>;
  /**
   * Takes over what has changed and takes away what a rebuild that failed has left. Answers how much; after a 0 its index
   * holds nothing that was gone before. Throws RETRY_LATER where it cannot now.
   */
  readonly settle: (ctx: Context) => Promise<number>;
  /** Resolves while the engine's own store answers, within seconds; null where it has none. */
  readonly ping: (() => Promise<unknown>) | null;
  /** Makes the engine's own index anew from the documents. */
  readonly rebuild: (ctx: Context) => Promise<void>;
}

export const COUNT_CAP = 10_000;

/** What a match is worth, by the best place a term is in: the one table both adapters rank by. */
export const POINTS = {
  title: 1,
  /** A word like it in the title. */
  similarTitle: 0.7,
  tag: 0.5,
  body: 0.25,
  similarBody: 0.12,
  /** How much of it an optional term gives, and in headings only. */
  optional: 0.15,
  /** For the share of the title that was asked for: `debug` is before `How to debug`. */
  wholeTitle: 0.5,
  /** Times ts_rank_cd (0 to 1): the terms close together, and often. PostgreSQL only. */
  nearness: 0.1,
  /** Times ln(1 + popularity): a thousand votes are worth a third of a title's word. */
  popularity: 0.05,
} as const;
