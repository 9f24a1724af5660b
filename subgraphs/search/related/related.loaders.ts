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

/** Posts like each of these that the viewer may see, best first, at most 20 each. One statement for all. */
export const relatedPosts = defineLoader<Id, Id[]>(async (ctx, ids) => {
  const rows = await ctx.rows<{ of: string; id: string }>(sql`
    select p.id as of, r.id from unnest(${toUuids(ids)}::uuid[]) p(id) join document source on source.id = p.id
    cross join lateral (
      select d.id, c.points from (
        select alike.id, sum(points) as points from (${byTag} union all ${byTitle}) alike
        where alike.id <> source.id group by alike.id order by sum(points) desc, alike.id desc limit ${sql.lit(CHECKED)}) c
      join ${documentSource} on d.id = c.id
      where d.kind = 'POST' and ${visibleDocument(ctx)}
      order by c.points desc, d.id desc limit ${sql.lit(MAX_RELATED)}) r
    order by p.id, r.points desc, r.id desc`);
  const posts = rows.map((row) => ({ of: fromUuid('post', row.of), id: fromUuid('post', row.id) }));
  return grouped(ids, posts, (row) => row.of).map((group) => group.map((row) => row.id));
});

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
