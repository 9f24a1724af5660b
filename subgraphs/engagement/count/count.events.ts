import { sql } from 'kit/database';
import { count, defineEvent, id, on } from 'kit/events';
import { toUuid } from 'kit/ids';

/** A post's counters as they are now, after each change of one of them. */
export const postCounted = defineEvent(
  'post.counted',
  1,
  { postId: id, up: count, down: count, score: count, comments: count, bookmarks: count },
  { aggregate: 'postId' },
);

const viewsCounted = on('views.counted', 1, { postId: id, views: count }, async (ctx, post, { aggregateVersion }) => {
  await ctx.rows(sql`
    insert into post_counter as c (post_id, views, views_version)
    values (${toUuid(post.postId)}, ${post.views}, ${aggregateVersion})
    on conflict (post_id) do update set views = excluded.views, views_version = excluded.views_version
    where c.views_version < excluded.views_version`);
});

export const subscribers = [viewsCounted];
