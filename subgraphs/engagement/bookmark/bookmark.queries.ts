import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visiblePost } from '../../access/access.loaders.ts';
import { bookmarkColumns, type BookmarkRow, toBookmark } from './bookmark.loaders.ts';

const LIST = 'bookmarks';

/** The viewer's bookmarks, newest first. What they may no longer see is left out, and is back when they may again. */
export async function bookmarksOfViewer(ctx: Context, args: PageArguments): Promise<Connection<BookmarkRow>> {
  const readerId = ctx.viewer.userId ?? notFound('User', '');
  const page = pageOf(LIST, args, ['id']);
  const comparison = page.backward ? sql`>` : sql`<`;
  const from = page.key ? sql`and b.id ${comparison} ${toUuid(String(page.key[0]))}::uuid` : sql``;
  const rows = await ctx.rows<BookmarkRow>(sql`
    select ${bookmarkColumns} from bookmark b join post_access a on a.post_id = b.post_id
    where b.reader_id = ${toUuid(readerId)} and ${visiblePost(ctx)} ${from}
    order by b.id ${page.backward ? sql`asc` : sql`desc`} limit ${rowsOfPage(page)}`);
  return connectionOf(LIST, page, rows.map(toBookmark), (row) => [row.id]);
}
