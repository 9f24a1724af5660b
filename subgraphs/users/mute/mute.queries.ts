import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visibleUser } from '../user/user.access.ts';
import { toUser, userColumns, type UserRow } from '../user/user.loaders.ts';

const LIST = 'mutedUsers';

interface MuteRow extends UserRow {
  readonly mutedAt: Date;
}

/** Whom the viewer has muted, the newest first; those who are out of sight are left out. */
export async function mutedUsers(ctx: Context, args: PageArguments): Promise<Connection<UserRow>> {
  const viewerId = ctx.viewer.userId ?? notFound('User', '');
  const page = pageOf(LIST, args, ['moment', 'id']);
  const [at, id] = page.key ?? [];
  const from = page.key
    ? sql`and (m.muted_at, m.muted_id) ${page.backward ? sql`>` : sql`<`} (${String(at)}::timestamptz, ${toUuid(String(id))}::uuid)`
    : sql``;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<MuteRow>(sql`
    select ${userColumns}, m.muted_at as "mutedAt" from mute m join "user" u on u.id = m.muted_id
    where m.muter_id = ${toUuid(viewerId)} and ${visibleUser(ctx)} ${from}
    order by m.muted_at ${order}, m.muted_id ${order} limit ${rowsOfPage(page)}`);
  rows.forEach(toUser);
  return connectionOf(LIST, page, rows, (user) => [user.mutedAt.toISOString(), user.id]);
}
