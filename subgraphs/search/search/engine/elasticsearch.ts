import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import type { Logger } from 'kit/logger';
import type { Page } from 'kit/page';
import { rebuildDocuments } from '../../document/document.actions.ts';
import { documentSource, type Kind, visibleDocument } from '../../document/document.loaders.ts';
import { type Cluster, connectCluster } from './elasticsearch.cluster.ts';
import { ensureIndex, pushChanged, rebuildIndex, settleIndex } from './elasticsearch.index.ts';
import { queryOf, visibleTo } from './elasticsearch.query.ts';
import { type Asked, COUNT_CAP, type Engine, type Hit } from './engine.ts';

/** Pages asked of the index to fill one of ours, where PostgreSQL takes hits away that the index does not know to be gone. */
const MAX_ROUNDS = 5;

/**
 * Elasticsearch 8 as an index beside the documents, which stay in PostgreSQL. A search first pushes what has changed
 * (a batch at most), so that people find what they have just written; the rest follows in the background. Where
 * Elasticsearch is away changes wait in PostgreSQL, rights go on being kept, and a search is RETRY_LATER.
 */
export function elasticsearch(url: string, alias: string, log: Logger): Engine {
  const cluster = connectCluster(url, alias, log);
  const ready = async (ctx: Context): Promise<void> => {
    if (!cluster.isReady) await ensureIndex(ctx, cluster);
    cluster.isReady = true;
  };
  const push = inTurn(async (ctx) => {
    await ready(ctx);
    return pushChanged(ctx, cluster);
  });
  return {
    ping: cluster.ping,
    push,
    settle: async (ctx) => {
      await ready(ctx);
      return settleIndex(ctx, cluster);
    },
    find: async (ctx, asked, page) => {
      await push(ctx);
      return findVisible(ctx, cluster, asked, page);
    },
    count: (ctx, asked) => countByKind(ctx, cluster, asked),
    rebuild: async (ctx) => {
      await rebuildDocuments(ctx);
      await rebuildIndex(ctx, cluster);
    },
  };
}

/**
 * One at a time, and the next for all who ask meanwhile, who fail with it: each holds a connection to PostgreSQL for as long as
 * Elasticsearch takes, and where that says nothing, many would leave none for anybody else.
 */
function inTurn(work: (ctx: Context) => Promise<number>): (ctx: Context) => Promise<number> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<number> | null = null;
  return (ctx) => {
    if (next) return next;
    const own = last.finally(() => (next = null)).then(() => work(ctx));
    own.catch(() => {
      if (last === own) last = Promise.resolve();
    });
    last = next = own;
    return own;
  };
}

async function findVisible(ctx: Context, cluster: Cluster, asked: Asked, page: Page): Promise<Hit[]> {
  const query = queryOf(asked, await visibleTo(ctx));
  const found: Hit[] = [];
  const order = page.backward ? 'asc' : 'desc';
  const size = page.limit + 1;
  let after = page.key;
  for (let round = 0; round < MAX_ROUNDS && found.length < size; round++) {
    const { key } = { key: after };
    const answer = await cluster.ask((client) =>
      client.search<{ kind: Kind }>({
        index: cluster.alias,
        query:
          asked.kinds.length > 0 ? { bool: { must: query, filter: { terms: { kind: [...asked.kinds] } } } } : query,
        sort: [{ _score: { order } }, { id: { order } }],
        size,
        track_total_hits: false,
        _source: ['kind'],
        ...(key ? { search_after: [...key] } : {}),
      }),
    );
    const hits = answer.hits.hits.map(({ _id, _source, sort }) => ({
      id: String(_id),
      kind: _source?.kind ?? 'POST',
      score: Number(sort?.[0]),
    }));
    found.push(...(await stillVisible(ctx, hits)));
    const last = hits.at(-1);
    if (!last || hits.length < size) break;
    after = [last.score, last.id];
  }
  return found.slice(0, size);
}

/** The index may lag behind what PostgreSQL knows of rights: nothing leaves that is not visible here and now. */
async function stillVisible(ctx: Context, hits: readonly Hit[]): Promise<Hit[]> {
  if (hits.length === 0) return [];
  const rows = await ctx.rows<{ id: string }>(sql`
    select d.id from ${documentSource} where d.id = any(${hits.map((hit) => hit.id)}::uuid[]) and ${visibleDocument(ctx)}`);
  const visible = new Set(rows.map((row) => row.id));
  return hits.filter((hit) => visible.has(hit.id));
}

async function countByKind(ctx: Context, { ask, alias }: Cluster, asked: Asked): Promise<Map<Kind, number>> {
  const query = { bool: { filter: queryOf(asked, await visibleTo(ctx)) } };
  const aggs = { kinds: { terms: { field: 'kind' } } };
  type Kinds = { kinds: { buckets: { key: Kind; doc_count: number }[] } };
  const answer = await ask((client) => client.search<unknown, Kinds>({ index: alias, query, size: 0, aggs }));
  const buckets = answer.aggregations?.kinds.buckets ?? [];
  return new Map(buckets.map(({ key, doc_count }) => [key, Math.min(doc_count, COUNT_CAP)]));
}
