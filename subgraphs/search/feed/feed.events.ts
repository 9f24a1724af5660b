import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { id, on } from 'kit/events';
import { type Id, toUuid } from 'kit/ids';

interface Follow {
  readonly followerId: Id;
  readonly followedId: Id;
}

async function keepFollow(
  ctx: Context,
  { followerId, followedId }: Follow,
  isFollowing: boolean,
  version: number,
): Promise<void> {
  await ctx.rows(sql`
    insert into follow as f (follower_id, followed_id, is_following, version)
    values (${toUuid(followerId)}, ${toUuid(followedId)}, ${isFollowing}, ${version})
    on conflict (follower_id, followed_id) do update set is_following = excluded.is_following, version = excluded.version
    where f.version < excluded.version`);
}

const follow = { followerId: id, followedId: id };

export const subscribers = [
  on('user.followed', 1, follow, (ctx, event, { aggregateVersion }) => keepFollow(ctx, event, true, aggregateVersion)),
  on('user.unfollowed', 1, follow, (ctx, event, { aggregateVersion }) =>
    keepFollow(ctx, event, false, aggregateVersion),
  ),
];
