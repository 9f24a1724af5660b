import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { rowMapper, toUuid, type Id } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf } from 'kit/page';

export interface UserRow {
  id: Id;
  username: string;
  name: string;
  bio: string;
  email: string;
  role: string;
  joinedAt: Date;
  followersCount: number;
  followingCount: number;
}

export const toUser = rowMapper<UserRow>({ id: 'user' });

export const userColumns = sql`u.id, u.username, u.name, u.bio, u.email, u.role, u.joined_at as "joinedAt",
  u.followers_count as "followersCount", u.following_count as "followingCount"`;

const LIST = 'users';

export async function usersByAge(ctx: Context, args: PageArguments): Promise<Connection<UserRow>> {
  const page = pageOf(LIST, args, 1);
  const from: RawBuilder<unknown> = page.key
    ? page.backward
      ? sql`where u.id > ${toUuid(String(page.key[0]))}`
      : sql`where u.id < ${toUuid(String(page.key[0]))}`
    : sql``;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<UserRow>(
    sql`select ${userColumns} from "user" u ${from} order by u.id ${order} limit ${page.limit + 1}`,
  );
  return connectionOf(LIST, page, rows.map(toUser), (user) => [user.id]);
}
