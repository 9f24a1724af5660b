import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visibleUser } from './user.access.ts';
import { toUser, userColumns, type UserRow } from './user.loaders.ts';

const LIST = 'users';

export async function usersByAge(ctx: Context, args: PageArguments): Promise<Connection<UserRow>> {
  const page = pageOf(LIST, args, ['id']);
  const from: RawBuilder<unknown> = page.key
    ? page.backward
      ? sql`and u.id > ${toUuid(String(page.key[0]))}`
      : sql`and u.id < ${toUuid(String(page.key[0]))}`
    : sql``;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<UserRow>(
    sql`select ${userColumns} from "user" u where u.anonymised_at is null and ${visibleUser(ctx)} ${from}
        order by u.id ${order} limit ${rowsOfPage(page)}`,
  );
  return connectionOf(LIST, page, rows.map(toUser), (user) => [user.id]);
}
