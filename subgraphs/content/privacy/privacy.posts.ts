import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import type { Person, Step } from 'kit/rights/rights';
import { postDeleted } from '../post/post.actions.ts';

const BATCH = 50;

interface Row {
  readonly id: string;
  readonly communityId: string | null;
  readonly status: string;
  readonly slug: string;
}

/** A post that stays without its author was seen by others; a draft never was, and goes with them in both modes. */
async function erasePosts(tx: Change, { id: authorId, uuid, mode }: Person): Promise<number> {
  const rows = await tx.rows<Row>(sql`
    select id, community_id as "communityId", status, slug from post
    where author_id = ${uuid} and ${mode === 'ERASE' ? sql`true` : sql`status <> 'PUBLISHED'`}
    order by id limit ${sql.lit(BATCH)} for update`);
  if (rows.length === 0) return 0;
  const ids = rows.map((row) => row.id);
  for (const table of ['post_tag', 'post_revision']) {
    await tx.rows(sql`delete from ${sql.table(table)} where post_id = any(${ids}::uuid[])`);
  }
  // The address goes too: it is made of the title's words.
  await tx.rows(sql`delete from post_slug where slug = any(${rows.map((row) => row.slug)}::text[])`);
  await tx.rows(sql`delete from post where id = any(${ids}::uuid[])`);
  for (const { id, communityId, status } of rows) {
    if (status === 'DELETED') continue;
    const community = communityId === null ? null : fromUuid('community', communityId);
    tx.emit(postDeleted, { postId: fromUuid('post', id), authorId, communityId: community });
  }
  return rows.length;
}

const deleted = async (tx: Change, statement: ReturnType<typeof sql>): Promise<number> =>
  (await tx.rows(statement)).length;

export const postSteps: readonly Step[] = [
  { name: 'posts', run: erasePosts },
  {
    name: 'earlier versions',
    run: (tx, { uuid }) =>
      deleted(
        tx,
        // Nobody edits a post but its author.
        sql`delete from post_revision where (post_id, number) in (
          select post_id, number from post_revision where editor_id = ${uuid} limit 500) returning 1`,
      ),
  },
  {
    name: 'origins of imports',
    run: (tx, { uuid }) =>
      deleted(
        tx,
        sql`with gone as (
          delete from post_import where (author_id, imported_from) in (
            select author_id, imported_from from post_import where author_id = ${uuid} limit 500) returning post_id),
        forgotten as (update post set imported_from = null where id in (select post_id from gone))
        select 1 from gone`,
      ),
  },
];
