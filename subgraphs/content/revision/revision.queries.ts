import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';

export interface RevisionRow {
  readonly number: number;
  readonly title: string;
  readonly markdown: string;
  readonly tags: readonly string[];
  readonly reason: string;
  readonly savedAt: Date;
  readonly editorId: Id;
}

/** Earlier versions, newest first; the field's rule has seen to who asks. */
export async function revisionsOf(ctx: Context, postId: Id, args: PageArguments): Promise<Connection<RevisionRow>> {
  const list = `revisions:${postId}`;
  const page = pageOf(list, args, ['integer']);
  const from = page.key ? sql`and number ${page.backward ? sql`>` : sql`<`} ${Number(page.key[0])}` : sql``;
  const rows = await ctx.rows<RevisionRow>(sql`
    select number, title, markdown, tags, reason, saved_at as "savedAt", editor_id as "editorId"
    from post_revision where post_id = ${toUuid(postId)} ${from}
    order by number ${page.backward ? sql`asc` : sql`desc`} limit ${rowsOfPage(page)}`);
  const revisions = rows.map((row) => ({ ...row, editorId: fromUuid('user', row.editorId) }));
  return connectionOf(list, page, revisions, (row) => [row.number]);
}
