import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { checkId, type Id, newId, toUuid } from 'kit/ids';
import { countPost } from '../count/count.actions.ts';
import { countedPostById } from '../count/count.loaders.ts';
import { viewerBookmarkByPost } from './bookmark.loaders.ts';

export interface BookmarkInput {
  readonly postId: Id;
}

export async function bookmarkPost(ctx: Context, { postId }: BookmarkInput) {
  const readerId = ctx.viewer.userId ?? notFound('User', '');
  if (!(await countedPostById(ctx, checkId('post', postId, 'postId')))) notFound('Post', postId, ['postId']);
  await ctx.change(async (tx) => {
    await countPost(
      tx,
      postId,
      sql`changed as (
            insert into bookmark (id, reader_id, post_id, saved_at)
            values (${toUuid(newId('bookmark'))}, ${toUuid(readerId)}, ${toUuid(postId)}, now())
            on conflict (reader_id, post_id) do nothing returning 1),
          delta as (select 0 as up, 0 as down, 0 as comments, 1 as bookmarks from changed)`,
    );
  });
  return { ...(await changed(ctx, postId)), bookmark: await viewerBookmarkByPost(ctx, postId) };
}

/** A bookmark can be let go when its post is out of sight, too. */
export async function unbookmarkPost(ctx: Context, { postId }: BookmarkInput) {
  const readerId = ctx.viewer.userId ?? notFound('User', '');
  const bookmark = await viewerBookmarkByPost(ctx, checkId('post', postId, 'postId'));
  if (!bookmark && !(await countedPostById(ctx, postId))) notFound('Post', postId, ['postId']);
  await ctx.change(async (tx) => {
    await countPost(
      tx,
      postId,
      sql`changed as (
            delete from bookmark where reader_id = ${toUuid(readerId)} and post_id = ${toUuid(postId)} returning 1),
          delta as (select 0 as up, 0 as down, 0 as comments, -1 as bookmarks from changed)`,
    );
  });
  return changed(ctx, postId);
}

async function changed(ctx: Context, postId: Id) {
  viewerBookmarkByPost.clear(ctx, postId);
  countedPostById.clear(ctx, postId);
  const post = await countedPostById(ctx, postId);
  return { post: post && { __typename: 'Post', id: post.id } };
}
