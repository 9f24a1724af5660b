import type { Change, Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { foldedWords } from '../words.ts';
import type { Kind } from './document.loaders.ts';
import { type Heading, keepVocabulary } from './document.vocabulary.ts';

/** Something as it is to be found; ids are uuids. */
export interface Document extends Heading {
  readonly id: string;
  readonly kind: Kind;
  readonly body: string;
  readonly authorId: string | null;
  readonly communityId: string | null;
  /** The post whose visibility it shares: itself, or the one a comment is on. */
  readonly postId: string | null;
  /** Of a community: whether it is private. */
  readonly isPrivate: boolean | null;
  readonly publishedAt: string;
  /** What is not visible is kept as an empty row: an event that comes late cannot bring it back. */
  readonly isVisible: boolean;
  readonly version: number;
}

type Stored = Heading & Pick<Document, 'communityId' | 'isPrivate' | 'isVisible' | 'version'>;

/** Longer texts are found by their beginning. */
const MAX_TEXT = 100_000;

/** Keeps a document, unless a newer version of it is here already. */
export async function saveDocument(ctx: Context, given: Document): Promise<void> {
  const document = given.isVisible
    ? { ...given, title: wellFormed(given.title), body: wellFormed(given.body.slice(0, MAX_TEXT)) }
    : { ...given, title: '', body: '', tags: [] };
  await ctx.change(async (tx) => {
    const [before] = await tx.rows<Stored>(sql`
      select title, tags, community_id as "communityId", is_private as "isPrivate", is_visible as "isVisible", version
      from document where id = ${document.id} for update`);
    if (before && before.version >= document.version) return;
    // What another process has kept for the first time meanwhile is read, and held, before it is changed.
    if (!(await store(tx, document, before !== undefined))) return saveDocument(tx, given);
    await keepWords(tx, document);
    if (before || document.tags.length > 0) await keepTags(tx, document);
    await keepVocabulary(tx, document, before ?? null);
    await touchDependents(tx, document, before);
  });
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
const wellFormed = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** Answers whether it is kept: not where it is not known to be there, and is. */
async function store(tx: Change, document: Document, isKnown: boolean): Promise<boolean> {
  const { id, kind, title, body, tags, authorId, communityId, postId, isPrivate, publishedAt, isVisible, version } =
    document;
  const kept = await tx.rows(sql`
    insert into document as d (id, kind, title, body, tags, author_id, community_id, post_id, is_private, published_at,
      is_visible, version)
    values (${id}, ${kind}, ${title}, ${body}, ${tags}::text[], ${authorId}, ${communityId}, ${postId}, ${isPrivate},
      ${publishedAt}, ${isVisible}, ${version})
    on conflict (id) do update set title = excluded.title, body = excluded.body, tags = excluded.tags,
      author_id = coalesce(excluded.author_id, d.author_id), community_id = excluded.community_id,
      is_private = excluded.is_private, is_visible = excluded.is_visible, version = excluded.version,
      published_at = case when d.kind in ('POST', 'COMMENT') then excluded.published_at else d.published_at end
    where ${isKnown}
    returning 1`);
  return kept.length > 0;
}

/**
 * Makes a document findable by its words. Titles outweigh tags, tags the body. Positions are those of the words as
 * written; stems of the body only say that they are there.
 */
async function keepWords(tx: Change, document: Pick<Document, 'id' | 'title' | 'tags' | 'body'>): Promise<void> {
  const { id, tags, body } = document;
  const titleWords = foldedWords(document.title);
  const [title, tagged, text] = [titleWords, foldedWords(tags.join(' ')), fitting(foldedWords(body))].map((words) =>
    words.join(' '),
  );
  await tx.rows(sql`
    with given as (
      select setweight(to_tsvector('simple', ${title}), 'A') || setweight(to_tsvector('simple', ${tagged}), 'B') as plain,
        setweight(to_tsvector('english', ${title}), 'A') as stems),
    saved as (
      update document set title_folded = ${title}, brevity = ${1 / Math.max(1, titleWords.length)},
        head = plain || stems, words = plain || to_tsvector('simple', ${text}) || stems || strip(to_tsvector('english', ${text}))
      from given where id = ${id} returning id)
    ${noted(sql`select id from saved`)}`);
}

/** PostgreSQL's largest tsvector is 1 MB; what is left of it is for title and tags. */
const MAX_VECTOR_BYTES = 1_000_000;

/**
 * As many of the words as a tsvector takes: 100,000 characters in nearly every script, but some letters are many once they are
 * folded. Each different word takes its bytes to an even number and two more (English ones again for their stems), and
 * each place where it stands another two.
 */
function fitting(words: readonly string[]): readonly string[] {
  const known = new Set<string>();
  let bytes = 0;
  for (const [index, word] of words.entries()) {
    const length = known.has(word) ? 0 : Buffer.byteLength(word);
    known.add(word);
    bytes += 2 + (length > 0 ? length + (length % 2) + 2 : 0) + (/[a-z]$/.test(word) ? length : 0);
    if (bytes > MAX_VECTOR_BYTES) return words.slice(0, index);
  }
  return words;
}

async function keepTags(tx: Change, { id, tags }: Pick<Document, 'id' | 'tags'>): Promise<void> {
  await tx.rows(sql`
    with gone as (delete from tagged where document_id = ${id} and tag <> all(${tags}::text[]))
    insert into tagged (tag, document_id) select distinct tag, ${id}::uuid from unnest(${tags}::text[]) tag
    on conflict do nothing`);
}

/** Notes that documents have changed, for an index elsewhere. */
const touch = (tx: Change, ids: RawBuilder<unknown>): Promise<unknown> => tx.rows(noted(ids));

const noted = (ids: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into document_change as c (document_id) ${ids}
  on conflict (document_id) do update set revision = c.revision + 1`;

/** Comments share their post's visibility, and everything in a community its privacy: an index elsewhere must hear of it. */
async function touchDependents(tx: Change, document: Document, before: Stored | undefined): Promise<void> {
  const { id, kind } = document;
  const isSame = before?.isVisible === document.isVisible && before.communityId === document.communityId;
  if (kind === 'POST' && !isSame) {
    await touch(tx, sql`select id from document where post_id = ${id} and id <> ${id}`);
  }
  if (kind === 'COMMUNITY' && before?.isPrivate !== document.isPrivate) {
    await touch(
      tx,
      sql`select d.id from post_access a join document d on d.post_id = a.post_id where a.community_id = ${id}`,
    );
  }
}

export interface Counts {
  /** The post's uuid. */
  readonly id: string;
  readonly score: number;
  readonly comments: number;
  readonly bookmarks: number;
  readonly version: number;
}

/** Keeps posts' counters, one entry for each post. A document is touched only when its popularity has changed noticeably, by about half. */
export async function countPosts(ctx: Context, counts: readonly Counts[]): Promise<void> {
  const stepOf = (weight: RawBuilder<unknown>): RawBuilder<number> => sql`round(2 * ln(1 + greatest(0, ${weight})))`;
  await ctx.rows(sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(counts)}::jsonb)
        as g(id uuid, score int, comments int, bookmarks int, version bigint)),
    before as (select p.post_id, p.score + 2 * p.comments + p.bookmarks as weight from post_count p join given g on g.id = p.post_id),
    saved as (
      insert into post_count as c (post_id, score, comments, bookmarks, version)
      select id, score, comments, bookmarks, version from given order by id
      on conflict (post_id) do update set score = excluded.score, comments = excluded.comments,
        bookmarks = excluded.bookmarks, version = excluded.version
      where c.version < excluded.version
      returning post_id, score + 2 * comments + bookmarks as weight)
    insert into document_change as c (document_id)
    select d.id from saved join document d on d.id = saved.post_id left join before on before.post_id = saved.post_id
    where ${stepOf(sql.ref('saved.weight'))} <> ${stepOf(sql`coalesce(before.weight, 0)`)}
    on conflict (document_id) do update set revision = c.revision + 1`);
}

const REBUILD_BATCH = 200;

/** Reads every document anew into words, tags and vocabulary, after a change of how words are made. Answers how many. */
export async function rebuildDocuments(ctx: Context): Promise<number> {
  // In the order in which a search locks them: the other way round each would wait for the other.
  await ctx.rows(sql`truncate term_part, term`);
  let after = '00000000-0000-0000-0000-000000000000';
  for (let count = 0; ;) {
    const documents = await ctx.change((tx) => rebuildBatch(tx, after));
    count += documents.length;
    after = documents.at(-1)?.id ?? after;
    if (documents.length < REBUILD_BATCH) return count;
  }
}

async function rebuildBatch(tx: Change, after: string): Promise<readonly Pick<Document, 'id'>[]> {
  const documents = await tx.rows<Pick<Document, 'id' | 'title' | 'tags' | 'body'>>(sql`
    select id, title, tags, body from document where id > ${after} order by id limit ${sql.lit(REBUILD_BATCH)} for update`);
  for (const document of documents) {
    await keepWords(tx, document);
    await keepTags(tx, document);
    await keepVocabulary(tx, document, null);
  }
  return documents;
}
