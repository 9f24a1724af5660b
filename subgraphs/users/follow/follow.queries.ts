import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, grouped } from 'kit/loaders';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visibleUser } from '../user/user.access.ts';
import { userColumns, type UserRow } from '../user/user.loaders.ts';

interface FollowRow extends UserRow {
  followedAt: Date;
  /** Whose followers these are, or who follows them. */
  personId: Id;
}

const toFollow = rowMapper<FollowRow>({ id: 'user', avatarId: 'media', personId: 'user' });

/** A page of one direction, the same for everybody whose it is asked at once. */
interface FollowsPage {
  readonly direction: 'followers' | 'following';
  readonly page: Page;
}

/**
 * The people at the other end of a person's follows, newest follow first. Asked of many people with the same arguments, it is
 * one statement.
 */
async function followsOf(
  ctx: Context,
  userId: Id,
  args: PageArguments,
  direction: FollowsPage['direction'],
): Promise<Connection<UserRow>> {
  const list = `${direction}:${userId}`;
  const page = pageOf(list, args, ['moment', 'id']);
  const rows = await followsByPage(ctx, `${userId} ${JSON.stringify({ direction, page } satisfies FollowsPage)}`);
  return connectionOf(list, page, rows, (user) => [user.followedAt.toISOString(), user.id]);
}

/** Keys are a person's id, a space, and the page as JSON. */
export const followsByPage = defineLoader<string, readonly FollowRow[]>(async (ctx, keys) => {
  const asked = keys.map((key) => {
    const [personId = ''] = key.split(' ', 1);
    return { key, personId, page: key.slice(personId.length + 1) };
  });
  const found = await Promise.all(
    [...Map.groupBy(asked, ({ page }) => page)].map(async ([page, batch]) => {
      const ids = batch.map(({ personId }) => personId);
      const rows = await readFollows(ctx, ids, JSON.parse(page) as FollowsPage);
      const byPerson = grouped(ids, rows, (row) => row.personId);
      return batch.map(({ key }, index) => [key, byPerson[index] ?? []] as const);
    }),
  );
  const byKey = new Map(found.flat());
  return keys.map((key) => byKey.get(key) ?? []);
});

async function readFollows(
  ctx: Context,
  personIds: readonly Id[],
  { direction, page }: FollowsPage,
): Promise<FollowRow[]> {
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
    select r.* from unnest(${toUuids(personIds)}::uuid[]) as person (id) cross join lateral (
      select ${userColumns}, f.followed_at as "followedAt", person.id as "personId"
      from follow f join "user" u on u.id = ${other}
      where ${own} = person.id and ${visibleUser(ctx)} ${from}
      order by f.followed_at ${order}, ${other} ${order} limit ${rowsOfPage(page)}) r
    order by r."followedAt" ${order}, r.id ${order}`);
  return rows.map(toFollow);
}

export const followersOf = (ctx: Context, userId: Id, args: PageArguments) => followsOf(ctx, userId, args, 'followers');
export const followingOf = (ctx: Context, userId: Id, args: PageArguments) => followsOf(ctx, userId, args, 'following');
