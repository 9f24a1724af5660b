import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { definePages } from 'kit/loaders';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';

export interface RevisionRow {
  readonly postId: Id;
  readonly number: number;
  readonly title: string;
  readonly markdown: string;
  readonly tags: readonly string[];
  readonly reason: string;
  readonly savedAt: Date;
  readonly editorId: Id;
}

const toRevision = rowMapper<RevisionRow>({ postId: 'post', editorId: 'user' });

/** Earlier versions, newest first; the field's rule has seen to who asks. Of many posts at once it is one statement. */
export async function revisionsOf(ctx: Context, postId: Id, args: PageArguments): Promise<Connection<RevisionRow>> {
  const list = `revisions:${postId}`;
  const page = pageOf(list, args, ['integer']);
  return connectionOf(list, page, await rowsOfPosts(ctx, postId, page), (row) => [row.number]);
}

const rowsOfPosts = definePages(
  async (ctx, postIds, page: Page) => {
    const from = page.key ? sql`and number ${page.backward ? sql`>` : sql`<`} ${Number(page.key[0])}` : sql``;
    const direction = page.backward ? sql`asc` : sql`desc`;
    const rows = await ctx.rows<RevisionRow>(sql`
      select r.* from unnest(${toUuids(postIds)}::uuid[]) as post (id) cross join lateral (
        select post_id as "postId", number, title, markdown, tags, reason, saved_at as "savedAt", editor_id as "editorId"
        from post_revision where post_id = post.id ${from} order by number ${direction} limit ${rowsOfPage(page)}) r
      order by r.number ${direction}`);
    return rows.map(toRevision);
  },
  (row) => row.postId,
);
