import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';

export interface BookmarkRow {
  id: Id;
  postId: Id;
  savedAt: Date;
}

export const toBookmark = rowMapper<BookmarkRow>({ id: 'bookmark', postId: 'post' });

export const bookmarkColumns = sql`b.id, b.post_id as "postId", b.saved_at as "savedAt"`;

/** The viewer's own bookmark of each post. Nobody else's has a way out. */
export const viewerBookmarkByPost = defineLoader<Id, BookmarkRow | null>(async (ctx, postIds) => {
  const { userId } = ctx.viewer;
  if (userId === null) return postIds.map(() => null);
  const rows = await ctx.rows<BookmarkRow>(sql`
    select ${bookmarkColumns} from bookmark b
    where b.reader_id = ${toUuid(userId)} and b.post_id = any(${toUuids(postIds)}::uuid[])`);
  return inOrder(postIds, rows.map(toBookmark), (row) => row.postId);
});
