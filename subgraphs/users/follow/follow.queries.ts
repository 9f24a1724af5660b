import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visibleUser } from '../user/user.access.ts';
import { toUser, userColumns, type UserRow } from '../user/user.loaders.ts';

interface FollowRow extends UserRow {
  followedAt: Date;
}

/** The people at the other end of a person's follows, newest follow first. */
async function followsOf(
  ctx: Context,
  userId: Id,
  args: PageArguments,
  direction: 'followers' | 'following',
): Promise<Connection<UserRow>> {
  const list = `${direction}:${userId}`;
  const page = pageOf(list, args, ['moment', 'id']);
  const [own, other] =
    direction === 'followers'
      ? [sql.ref('f.followed_id'), sql.ref('f.follower_id')]
      : [sql.ref('f.follower_id'), sql.ref('f.followed_id')];
  const [at, id] = page.key ?? [];
  const comparison = page.backward ? sql`>` : sql`<`;
  const from = page.key
    ? sql`and (f.followed_at, ${other}) ${comparison} (${String(at)}::timestamptz, ${toUuid(String(id))}::uuid)`
    : sql``;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<FollowRow>(sql`
    select ${userColumns}, f.followed_at as "followedAt"
    from follow f join "user" u on u.id = ${other}
    where ${own} = ${toUuid(userId)} and ${visibleUser(ctx)} ${from}
    order by f.followed_at ${order}, ${other} ${order} limit ${rowsOfPage(page)}`);
  rows.forEach(toUser);
  return connectionOf(list, page, rows, (user) => [user.followedAt.toISOString(), user.id]);
}

export const followersOf = (ctx: Context, userId: Id, args: PageArguments) => followsOf(ctx, userId, args, 'followers');
export const followingOf = (ctx: Context, userId: Id, args: PageArguments) => followsOf(ctx, userId, args, 'following');
