import { sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { visiblePost } from '../../access/access.loaders.ts';

export interface CommentRow {
  id: Id;
  postId: Id;
  parentId: Id | null;
  depth: number;
  authorId: Id;
  markdown: string | null;
  html: string | null;
  up: number;
  down: number;
  score: number;
  repliesCount: number;
  createdAt: Date;
  editedAt: Date | null;
  isDeleted: boolean;
}

export const toComment = rowMapper<CommentRow>({
  id: 'comment',
  postId: 'post',
  parentId: 'comment',
  authorId: 'user',
});

export const commentColumns = sql`c.id, c.post_id as "postId", c.parent_id as "parentId", c.depth,
  c.author_id as "authorId", c.markdown, c.html, c.up, c.down, c.score, c.replies_count as "repliesCount",
  c.created_at as "createdAt", c.edited_at as "editedAt", c.deleted_at is not null as "isDeleted"`;

/** A comment is seen by those who see its post. */
export const commentById = defineLoader<Id, CommentRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<CommentRow>(sql`
    select ${commentColumns} from comment c join post_access a on a.post_id = c.post_id
    where c.id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`);
  return inOrder(ids, rows.map(toComment), (row) => row.id);
});
