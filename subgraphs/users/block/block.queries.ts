import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { blockedUserColumns, type BlockedUserRow, toBlockedUser } from './block.loaders.ts';

const LIST = 'blockedUsers';

/** Whom the viewer has blocked, the newest block first. */
export async function blockedUsers(ctx: Context, args: PageArguments): Promise<Connection<BlockedUserRow>> {
  const viewerId = ctx.viewer.userId ?? notFound('User', '');
  const page = pageOf(LIST, args, ['moment', 'id']);
  const [at, id] = page.key ?? [];
  const from = page.key
    ? sql`and (b.blocked_at, b.blocked_id) ${page.backward ? sql`>` : sql`<`} (${String(at)}::timestamptz, ${toUuid(String(id))}::uuid)`
    : sql``;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<BlockedUserRow>(sql`
    select ${blockedUserColumns} from block b join "user" u on u.id = b.blocked_id
    where b.blocker_id = ${toUuid(viewerId)} ${from}
    order by b.blocked_at ${order}, b.blocked_id ${order} limit ${rowsOfPage(page)}`);
  return connectionOf(LIST, page, rows.map(toBlockedUser), (row) => [row.blockedAt.toISOString(), row.id]);
}
