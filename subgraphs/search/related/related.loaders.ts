import { LRUCache } from 'lru-cache';
import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid, type Id, toUuids } from 'kit/ids';
import { defineLoader, grouped } from 'kit/loaders';
import { documentSource, visibleDocument } from '../document/document.loaders.ts';

export const MAX_RELATED = 20;
/** Newest posts looked at for each tag and word, so that a tag of a million posts costs what one of a hundred does. */
const EACH = 30;
/** The most alike whose visibility is asked. */
const CHECKED = 60;
/** Words of the title looked for: the rarest, which say most. */
const TITLE_WORDS = 3;
/** A word that more titles have says too little, and costs too much, to look for. */
const COMMON = 2000;

/** How long posts that are alike are remembered, whoever asks: a new one takes so long to turn up beside others. */
const REMEMBERED_MILLISECONDS = 60_000;
const REMEMBERED_POSTS = 2000;

/** Posts like each of these that the viewer may see, best first, at most 20 each. One statement for all, and one for those not remembered. */
export const relatedPosts = defineLoader<Id, Id[]>(async (ctx, ids) => {
  const alike = await postsAlike(ctx, toUuids(ids));
  const rows = await ctx.rows<{ of: string; id: string }>(sql`
    select p.id as of, r.id
    from jsonb_to_recordset(${JSON.stringify(alike)}::jsonb) as p(id uuid, alike uuid[])
    cross join lateral (
      select c.id, c.place from unnest(p.alike) with ordinality c(id, place)
      where exists (select 1 from ${documentSource} where d.id = c.id and d.kind = 'POST' and ${visibleDocument(ctx)})
      order by c.place limit ${sql.lit(MAX_RELATED)}) r
    order by p.id, r.place`);
  const posts = rows.map((row) => ({ of: fromUuid('post', row.of), id: fromUuid('post', row.id) }));
  return grouped(ids, posts, (row) => row.of).map((group) => group.map((row) => row.id));
});

interface Alike {
  readonly id: string;
  /** Best first, seen or not. */
  readonly alike: readonly string[];
}

const remembered = new WeakMap<object, LRUCache<string, Alike>>();

async function postsAlike(ctx: Context, uuids: readonly string[]): Promise<readonly Alike[]> {
  let memory = remembered.get(ctx.services);
  if (!memory) {
    memory = new LRUCache({ max: REMEMBERED_POSTS, ttl: REMEMBERED_MILLISECONDS });
    remembered.set(ctx.services, memory);
  }
  const known = uuids.map((uuid) => memory.get(uuid));
  const missing = uuids.filter((_, index) => !known[index]);
  const found = missing.length === 0 ? [] : await readAlike(ctx, missing);
  for (const one of found) memory.set(one.id, one);
  return [...known.filter((one) => one !== undefined), ...found];
}

const readAlike = (ctx: Context, uuids: readonly string[]): Promise<Alike[]> =>
  ctx.rows<Alike>(sql`
    select source.id, array(
      select alike.id from (${byTag} union all ${byTitle}) alike
      where alike.id <> source.id
      group by alike.id order by sum(points) desc, alike.id desc limit ${sql.lit(CHECKED)}) as alike
    from document source where source.id = any(${uuids}::uuid[])`);

/** A tag in common is a point. */
const byTag: RawBuilder<unknown> = sql`
  select g.document_id as id, 1.0 as points from tagged own
  cross join lateral (
    select t.document_id from tagged t where t.tag = own.tag order by t.document_id desc limit ${sql.lit(EACH)}) g
  where own.document_id = source.id`;

/** A rare word of the title is a point in a title or tag, and less in a text. */
const byTitle: RawBuilder<unknown> = sql`
  select m.id, case when m.is_in_head then 1.0 else 0.2 end as points from (
    select w.word from term w
    where w.word = any(string_to_array(source.title_folded, ' ')) and w.titles between 2 and ${sql.lit(COMMON)}
      and numnode(to_tsquery('english', w.word)) > 0
    order by w.titles, w.word limit ${sql.lit(TITLE_WORDS)}) rare
  cross join lateral (
    (select s.id, true as is_in_head from document s
      where s.head @@ to_tsquery('simple', rare.word) and s.kind = 'POST' and s.is_visible limit ${sql.lit(EACH)})
    union all
    (select s.id, false from document s
      where s.words @@ to_tsquery('simple', rare.word) and s.kind = 'POST' and s.is_visible limit ${sql.lit(EACH)})) m`;
