import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { isHiddenUnder, visiblePost } from '../../access/access.loaders.ts';
import { hasBlock, isMuted } from '../../access/people/people.loaders.ts';

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
  /** Deleted, or by somebody between whom and the viewer there is a block: both keep their place in the thread, and no more. */
  isDeleted: boolean;
  /** Whether there is a block between the author and the viewer, who may see it all the same. */
  isBlocked: boolean;
}

export const toComment = rowMapper<CommentRow>({
  id: 'comment',
  postId: 'post',
  parentId: 'comment',
  authorId: 'user',
});

/** Whether there is a block between the viewer and the author of the comment `c`, and whether that hides it. Each asked once, for it is asked of all rows. */
export const blockOnComment = (ctx: Context): RawBuilder<unknown> => sql`lateral (
  select b.is_blocked, b.is_blocked and ${isHiddenUnder(ctx, sql.ref('c.author_id'), sql.ref('c.post_id'))} as is_hidden
  from (select ${hasBlock(ctx, sql.ref('c.author_id'))} as is_blocked offset 0) b offset 0) h`;

/** Of a comment `c` and what `blockOnComment` says of it. What is hidden looks deleted, so that a thread does not tell who has blocked whom. */
export const commentColumns = sql`c.id, c.post_id as "postId",
  c.parent_id as "parentId", c.depth, c.author_id as "authorId",
  case when not h.is_hidden then c.markdown end as markdown, case when not h.is_hidden then c.html end as html,
  c.up, c.down, c.score, c.replies_count as "repliesCount", c.created_at as "createdAt", c.edited_at as "editedAt",
  c.deleted_at is not null or h.is_hidden as "isDeleted", h.is_blocked as "isBlocked"`;

/** A comment is seen by those who see its post. */
export const commentById = defineLoader<Id, CommentRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<CommentRow>(sql`
    select ${commentColumns} from comment c join post_access a on a.post_id = c.post_id cross join ${blockOnComment(ctx)}
    where c.id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`);
  return inOrder(ids, rows.map(toComment), (row) => row.id);
});

/** A comment as an event brings it: of people who are hidden or muted there is no news. */
export const heardCommentById = defineLoader<Id, CommentRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<CommentRow>(sql`
    select ${commentColumns} from comment c join post_access a on a.post_id = c.post_id cross join ${blockOnComment(ctx)}
    where c.id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)} and not h.is_hidden
      and not ${isMuted(ctx, sql.ref('c.author_id'))}`);
  return inOrder(ids, rows.map(toComment), (row) => row.id);
});
