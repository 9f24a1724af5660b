import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { type PostAccess, visiblePost } from '../../access/access.loaders.ts';
import { hasBlock } from '../../access/people/people.loaders.ts';

export interface CountedPost extends PostAccess {
  up: number;
  down: number;
  score: number;
  comments: number;
  bookmarks: number;
  views: number;
  /** Whether there is a block between the author and the viewer, who may see it all the same. */
  isBlocked: boolean;
}

const toCountedPost = rowMapper<CountedPost>({ id: 'post', authorId: 'user', communityId: 'community' });

/** A post the viewer may see, with its counters: access and counts of a whole list are one statement. */
export const countedPostById = defineLoader<Id, CountedPost | null>(async (ctx, ids) => {
  const rows = await ctx.rows<CountedPost>(sql`
    select a.post_id as id, a.author_id as "authorId", a.community_id as "communityId", a.status,
      a.published_at as "publishedAt", coalesce(c.up, 0) as up, coalesce(c.down, 0) as down,
      coalesce(c.score, 0) as score, coalesce(c.comments, 0) as comments, coalesce(c.bookmarks, 0) as bookmarks,
      coalesce(c.views, 0) as views, ${hasBlock(ctx, sql.ref('a.author_id'))} as "isBlocked"
    from post_access a left join post_counter c on c.post_id = a.post_id
    where a.post_id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`);
  return inOrder(ids, rows.map(toCountedPost), (row) => row.id);
});

/** A post the viewer may see, that is published and by nobody there is a block with: only such posts are answered and voted on. Throws NOT_FOUND and CONFLICT. */
export async function openPost(ctx: Context, id: Id, field: string): Promise<CountedPost> {
  const post = await countedPostById(ctx, id);
  // Whoever sees it for moderation's sake does not take part in it.
  if (!post || post.isBlocked) notFound('Post', id, [field]);
  if (post.status !== 'PUBLISHED') throw new CodedError('CONFLICT', 'The post is not published yet.', [field]);
  return post;
}
