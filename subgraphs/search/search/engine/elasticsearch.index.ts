import { type estypes } from '@elastic/elasticsearch';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { documentSource, type Kind, popularity } from '../../document/document.loaders.ts';
import { foldedWords } from '../../words.ts';
import { type Cluster, GONE, isAbsence, retryLater } from './elasticsearch.cluster.ts';

/** Words come folded and apart by spaces (see words.ts), so that both engines agree on what a word is. */
const text: estypes.MappingProperty = {
  type: 'text',
  analyzer: 'whitespace',
  fields: { english: { type: 'text', analyzer: 'english' } },
};
const keyword: estypes.MappingProperty = { type: 'keyword' };
const mappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  properties: {
    id: keyword,
    kind: keyword,
    title: text,
    tag_words: { type: 'text', analyzer: 'whitespace' },
    body: text,
    tags: keyword,
    author_id: keyword,
    /** Of a comment: whose post it is on. */
    post_author_id: keyword,
    community_id: keyword,
    is_public: { type: 'boolean' },
    published_at: { type: 'date' },
    brevity: { type: 'double' },
    popularity: { type: 'double' },
  },
};

const START = '00000000-0000-0000-0000-000000000000';
/** Rows of the documents' table as the index wants them; bodies are large, so few at a time. */
const BATCH = 100;

interface Row {
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  readonly body: string;
  readonly tags: readonly string[];
  readonly authorId: string | null;
  readonly postAuthorId: string | null;
  readonly communityId: string | null;
  readonly isPublic: boolean;
  readonly isSearchable: boolean;
  readonly publishedAt: Date;
  readonly brevity: number;
  readonly popularity: number;
  readonly revision: number;
}

const columns = sql`d.id, d.kind, d.title, d.body, d.tags, d.author_id as "authorId", a.author_id as "postAuthorId", d.published_at as "publishedAt", d.brevity,
  c.revision, coalesce(a.community_id, d.community_id) as "communityId", ${popularity} as popularity,
  d.is_visible and (d.kind in ('USER', 'COMMUNITY') or coalesce(a.status = 'PUBLISHED', false)) as "isSearchable",
  coalesce(a.community_id, d.community_id) is null or exists (
    select 1 from community_access o
    where o.community_id = coalesce(a.community_id, d.community_id) and not o.is_private) as "isPublic"`;

const changed = sql`document_change c join (${documentSource}) on d.id = c.document_id`;

function operationsOf(index: string, row: Row): object[] {
  // Versions make it safe to send a document twice, late, and from two processes at once.
  const target = { _index: index, _id: row.id, version: row.revision, version_type: 'external' };
  if (!row.isSearchable) return [{ delete: target }];
  const { id, kind, title, body, tags, publishedAt, brevity } = row;
  const words = {
    title: foldedWords(title).join(' '),
    body: foldedWords(body).join(' '),
    tag_words: foldedWords(tags.join(' ')).join(' '),
  };
  const of = {
    author_id: row.authorId,
    post_author_id: row.postAuthorId,
    community_id: row.communityId,
    is_public: row.isPublic,
    published_at: publishedAt,
  };
  return [{ index: target }, { id, kind, ...words, tags, ...of, brevity, popularity: row.popularity }];
}

const CONFLICT = 409;
const LOST = ['index_not_found_exception', 'strict_dynamic_mapping_exception'];

async function send(cluster: Cluster, index: string, rows: readonly Row[], refresh: boolean): Promise<void> {
  const operations = rows.flatMap((row) => operationsOf(index, row));
  // An index made by the way, without our mappings, would be worse than none.
  const isAlias = index === cluster.alias;
  const answer = await cluster.ask((client) => client.bulk({ operations, refresh, require_alias: isAlias }));
  // A newer version is there already, or what is to go never was.
  const isFine = ({ status, error }: estypes.BulkResponseItem): boolean =>
    status < 400 || status === CONFLICT || (status === GONE && !error);
  const [refused] = answer.items.flatMap((item) => Object.values(item)).filter((item) => !isFine(item));
  // Gone, or made anew meanwhile by an earlier version, which knows fewer fields: the next to come sees to it.
  if (LOST.includes(refused?.error?.type ?? '')) cluster.lost();
  if (refused && isAbsence(refused.status)) throw retryLater();
  if (refused) throw new Error(`Elasticsearch refused ${refused._id}: ${JSON.stringify(refused.error)}`);
}

/** Held shared by those who push and alone by a rebuild, which would miss what is pushed to the old index meanwhile. */
const PUSH_LOCK = 7_130_541;

/**
 * Sends a batch of changed documents, the newest first: behind a backlog, what was just written is still found.
 * Answers how many; 0 as well while the index is being rebuilt: they wait.
 */
export async function pushChanged(ctx: Context, cluster: Cluster): Promise<number> {
  const [waiting] = await ctx.rows(sql`select 1 from document_change where pushed < revision limit 1`);
  if (!waiting) return 0;
  return ctx.change(async (tx) => ((await mayPush(tx)) ? pushBatch(tx, cluster) : 0));
}

/**
 * Pushes a batch and, once nothing waits, takes away indexes that rebuilds have left half filled: what is gone must be in
 * none. Answers how much it did; throws RETRY_LATER while the index is being rebuilt.
 */
export async function settleIndex(ctx: Context, cluster: Cluster): Promise<number> {
  return ctx.change(async (tx) => {
    if (!(await mayPush(tx))) throw retryLater();
    return (await pushBatch(tx, cluster)) || removeLeft(cluster);
  });
}

async function mayPush(tx: Change): Promise<boolean> {
  const [lock] = await tx.rows<{ held: boolean }>(sql`select pg_try_advisory_xact_lock_shared(${PUSH_LOCK}) as held`);
  return lock?.held === true;
}

async function pushBatch(tx: Change, cluster: Cluster): Promise<number> {
  const rows = await tx.rows<Row>(sql`
    select ${columns} from ${changed} where c.pushed < c.revision order by c.document_id desc limit ${sql.lit(BATCH)}`);
  if (rows.length === 0) return 0;
  await send(cluster, cluster.alias, rows, true);
  await markPushed(tx, rows);
  return rows.length;
}

/** What has changed again meanwhile stays to be pushed: only the revision that was sent is noted. */
async function markPushed(ctx: Context, rows: readonly Pick<Row, 'id' | 'revision'>[]): Promise<void> {
  await ctx.rows(sql`
    update document_change c set pushed = r.revision
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.revision)}::bigint[]) r(id, revision)
    where c.document_id = r.id and c.pushed < r.revision`);
}

const exists = ({ ask, alias }: Cluster): Promise<boolean> =>
  ask((client) => client.indices.existsAlias({ name: alias }));

/** Makes the index where there is none, and has everything sent to it: a new cluster, or one that has lost it. */
export async function ensureIndex(ctx: Context, cluster: Cluster): Promise<void> {
  if (await exists(cluster)) return addFields(cluster);
  // Before it is there: of one that was made and not filled nothing would tell what it lacks.
  await forgetPushed(ctx);
  await ctx.change(async (tx) => {
    await tx.rows(sql`select pg_advisory_xact_lock(${PUSH_LOCK})`);
    if (!(await exists(cluster))) await create(cluster, { aliases: { [cluster.alias]: {} } });
  });
}

/** Each batch by itself: all documents at once would take longer than a statement may. */
async function forgetPushed(ctx: Context): Promise<void> {
  for (let after: string | null = START; after !== null;) {
    const rows: { last: string | null }[] = await ctx.rows(sql`
      with batch as (select document_id from document_change where document_id > ${after} order by 1 limit ${sql.lit(100 * BATCH)}),
      forgotten as (update document_change set pushed = 0 where document_id in (table batch) and pushed > 0)
      select max(document_id::text) as last from batch`);
    after = rows[0]?.last ?? null;
  }
}

/** What an index made by an earlier version lacks: documents without it are sent again by the migration that brought it. */
const addFields = async ({ ask, alias }: Cluster): Promise<void> =>
  void (await ask((client) => client.indices.putMapping({ index: alias, properties: mappings.properties })));

async function create({ ask, alias }: Cluster, options: { aliases?: Record<string, object> } = {}): Promise<string> {
  const index = `${alias}-${Date.now()}`;
  await ask((client) => client.indices.create({ index, mappings, ...options }));
  return index;
}

/** Fills a new index beside the old one, then turns the alias to it; searches go on meanwhile. */
export async function rebuildIndex(ctx: Context, cluster: Cluster): Promise<void> {
  await ensureIndex(ctx, cluster);
  await ctx.change(async (tx) => {
    await tx.rows(sql`select pg_advisory_xact_lock(${PUSH_LOCK})`);
    await removeLeft(cluster);
    const index = await create(cluster);
    try {
      await fill(tx, cluster, index);
      await swap(cluster, index);
      await markFilled(tx, ctx);
    } catch (error) {
      // Where this fails too, the next rebuild or erasure takes it away.
      await removeLeft(cluster).catch(() => 0);
      throw error;
    }
  });
}

/** Notes apart what it has sent: a row marked here would be locked until the end, and its document's events fail meanwhile. */
async function fill(tx: Change, cluster: Cluster, index: string): Promise<void> {
  await tx.rows(sql`create temporary table filled (id uuid primary key, revision bigint not null) on commit drop`);
  let after = START;
  for (;;) {
    const rows = await tx.rows<Row>(sql`
      select ${columns} from ${changed} where c.document_id > ${after} order by c.document_id limit ${sql.lit(BATCH)}`);
    if (rows.length === 0) return;
    await send(cluster, index, rows, false);
    await tx.rows(sql`
      insert into filled
      select * from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.revision)}::bigint[])`);
    after = rows.at(-1)?.id ?? after;
  }
}

/** Only once the new index is asked: what an index that never came to be was sent has not been pushed. Each batch by itself. */
async function markFilled(tx: Change, ctx: Context): Promise<void> {
  let after = START;
  for (;;) {
    const rows = await tx.rows<Pick<Row, 'id' | 'revision'>>(sql`
      select id, revision from filled where id > ${after} order by id limit ${sql.lit(10 * BATCH)}`);
    if (rows.length === 0) return;
    await markPushed(ctx, rows);
    after = rows.at(-1)?.id ?? after;
  }
}

/** The old index goes after the alias has moved: removed in one with it, searches under way would fail. */
async function swap(cluster: Cluster, index: string): Promise<void> {
  const { ask, alias } = cluster;
  await ask((client) => client.indices.refresh({ index }));
  const old = Object.keys(await ask((client) => client.indices.getAlias({ name: alias })));
  const removals = old.map((one) => ({ remove: { index: one, alias } }));
  await ask((client) => client.indices.updateAliases({ actions: [{ add: { index, alias } }, ...removals] }));
  await removeLeft(cluster);
}

/** Deletes indexes of ours that the alias does not lead to. Only while PUSH_LOCK is held: no rebuild is filling one then. */
async function removeLeft({ ask, alias }: Cluster): Promise<number> {
  const all = await ask((client) => client.indices.getAlias({ index: `${alias}-*` }));
  const left = Object.entries(all).filter(
    ([index, { aliases }]) => /^-\d+$/.test(index.slice(alias.length)) && !(alias in aliases),
  );
  const names = left.map(([index]) => index);
  if (names.length > 0) await ask((client) => client.indices.delete({ index: names, ignore_unavailable: true }));
  return names.length;
}
