import { type Change, type Context, once } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { type Id, newId, toUuid } from 'kit/ids';
import { checkInput, type InputChecks } from 'kit/input';
import { moderates } from '../../access/access.loaders.ts';
import { hasBlock } from '../../access/people/people.loaders.ts';
import { can } from '../../access/permissions.ts';
import { settingsOf } from '../config.ts';
import { countPost } from '../count/count.actions.ts';
import { countedPostById, openPost } from '../count/count.loaders.ts';
import { Comment } from './comment.entity.ts';
import { commentAdded, commentDeleted, commentSaved } from './comment.events.ts';
import { commentById, type CommentRow } from './comment.loaders.ts';
import { renderComment } from './comment.markdown.ts';

export { commentDeleted } from './comment.events.ts';

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 10;

interface Body {
  readonly markdown: string;
  readonly html: string;
  readonly text: string;
}

export interface AddCommentInput {
  readonly postId: Id;
  readonly parentId?: Id | null;
  readonly markdown: string;
  readonly idempotencyKey?: string | null;
}

export async function addComment(ctx: Context, input: AddCommentInput): Promise<CommentRow | null> {
  const authorId = ctx.viewer.userId ?? notFound('User', '');
  const checked = checkInput((check) => ({
    postId: check.id('postId', 'post', input.postId),
    parentId: input.parentId == null ? null : check.id('parentId', 'comment', input.parentId),
    body: checkBody(check, input.markdown),
  }));
  await openPost(ctx, checked.postId, 'postId');
  const id = await once(ctx, 'addComment', input.idempotencyKey, input, async (tx) => {
    const limit = { name: 'comments', points: settingsOf(ctx).LIMIT_COMMENTS_PER_HOUR, durationSeconds: 3600 };
    await ctx.services.limiter.take(limit, authorId);
    return insertComment(tx, { ...checked, authorId });
  });
  countedPostById.clear(ctx, checked.postId);
  if (checked.parentId !== null) commentById.clear(ctx, checked.parentId);
  return commentById(ctx, id);
}

const NOTHING: Body = { markdown: '', html: '', text: '' };

/** Markdown keeps its indentation, which counts as its words do; `check.text` trims it away. */
function checkBody(check: InputChecks, source: string): Body {
  const markdown = withoutBlankLines(source.normalize('NFC').trimEnd());
  const trimmed = check.text('markdown', markdown, { min: 1, max: MAX_LENGTH, isMultiline: true });
  // Rendered only where it is short enough to be stored.
  if (trimmed === '' || trimmed.length > 2 * MAX_LENGTH) return NOTHING;
  const isTooLong = [...trimmed].length <= MAX_LENGTH && [...markdown].length > MAX_LENGTH;
  check.that('markdown', !isTooLong, `markdown is at most ${MAX_LENGTH} characters long.`);
  if (isTooLong) return NOTHING;
  const rendered = renderComment(markdown);
  check.that('markdown', rendered.text !== '', 'markdown shows no text.');
  return { markdown, ...rendered };
}

/** From the beginning of the first line that has more than space. */
function withoutBlankLines(text: string): string {
  let start = text.length - text.trimStart().length;
  while (/[ \t]/.test(text.charAt(start - 1))) start--;
  return text.slice(start);
}

interface NewComment {
  readonly postId: Id;
  readonly parentId: Id | null;
  readonly authorId: Id;
  readonly body: Body;
}

/** Locks in the order parent, counter, as every change of comments does. */
async function insertComment(tx: Change, { postId, parentId, authorId, body }: NewComment): Promise<Id> {
  const depth = parentId === null ? 1 : (await lockParent(tx, parentId, postId)) + 1;
  const id = newId('comment');
  const { markdown, html, text } = body;
  const comment = tx.em.create(Comment, {
    id,
    postId,
    parentId,
    depth,
    authorId,
    markdown,
    html,
    version: 1,
    createdAt: new Date(),
  });
  await tx.em.flush();
  if (parentId !== null) {
    await tx.rows(sql`update comment set replies_count = replies_count + 1 where id = ${toUuid(parentId)}`);
  }
  await countPost(tx, postId, countComments(1));
  emitSaved(tx, comment, text);
  tx.emit(commentAdded, { commentId: id, postId });
  return id;
}

const countComments = (by: 1 | -1): RawBuilder<unknown> =>
  sql`delta as (select 0 as up, 0 as down, ${by}::int as comments, 0 as bookmarks)`;

/** The depth of the comment that is answered. */
async function lockParent(tx: Change, parentId: Id, postId: Id): Promise<number> {
  const [parent] = await tx.rows<{ depth: number; isDeleted: boolean }>(sql`
    select depth, deleted_at is not null or ${hasBlock(tx, sql.ref('author_id'))} as "isDeleted" from comment
    where id = ${toUuid(parentId)} and post_id = ${toUuid(postId)} for no key update`);
  if (!parent) throw new CodedError('NOT_FOUND', 'parentId is no comment on that post.', ['parentId']);
  if (parent.isDeleted) throw new CodedError('CONFLICT', 'That comment was deleted.', ['parentId']);
  if (parent.depth >= MAX_DEPTH) {
    throw new CodedError('TOO_DEEP', `Comments answer each other ${MAX_DEPTH} deep at most: answer one further up.`, [
      'parentId',
    ]);
  }
  return parent.depth;
}

function emitSaved(tx: Change, { id, postId, parentId, authorId, createdAt, version }: Comment, text: string): void {
  tx.emit(commentSaved, {
    commentId: id,
    postId,
    parentId: parentId ?? null,
    authorId,
    text: text.slice(0, MAX_LENGTH).toWellFormed(),
    createdAt: createdAt.toISOString(),
    version,
  });
}

export interface EditCommentInput {
  readonly id: Id;
  readonly markdown: string;
}

export async function editComment(ctx: Context, input: EditCommentInput): Promise<CommentRow | null> {
  const { id, body } = checkInput((check) => ({
    id: check.id('id', 'comment', input.id),
    body: checkBody(check, input.markdown),
  }));
  const comment = (await commentById(ctx, id)) ?? notFound('Comment', id, ['id']);
  if (!can(ctx.viewer, 'comment.edit', { ownerId: comment.authorId })) {
    throw new CodedError('FORBIDDEN', 'Only its author changes a comment.');
  }
  await ctx.change(async (tx) => {
    const locked = await lockedComment(tx, id);
    if (locked.deletedAt) throw new CodedError('CONFLICT', 'That comment was deleted.', ['id']);
    if (locked.markdown === body.markdown) return;
    const { markdown, html, text } = body;
    tx.em.assign(locked, { markdown, html, version: locked.version + 1, editedAt: new Date() });
    await tx.em.flush();
    emitSaved(tx, locked, text);
  });
  commentById.clear(ctx, id);
  return commentById(ctx, id);
}

/** Deleting twice is deleting once. */
export async function deleteComment(ctx: Context, input: { readonly id: Id }): Promise<CommentRow | null> {
  const { id } = checkInput((check) => ({ id: check.id('id', 'comment', input.id) }));
  const comment = (await commentById(ctx, id)) ?? notFound('Comment', id, ['id']);
  if (!(await mayDelete(ctx, comment))) {
    throw new CodedError('FORBIDDEN', 'A comment is deleted by its author, or by moderators.');
  }
  await ctx.change(async (tx) => {
    const locked = await lockedComment(tx, id);
    if (locked.deletedAt) return;
    tx.em.assign(locked, { markdown: null, html: null, deletedAt: new Date() });
    await tx.em.flush();
    await countPost(tx, comment.postId, countComments(-1));
    tx.emit(commentDeleted, { commentId: id, postId: comment.postId });
  });
  commentById.clear(ctx, id);
  countedPostById.clear(ctx, comment.postId);
  return commentById(ctx, id);
}

async function mayDelete(ctx: Context, { authorId, postId }: CommentRow): Promise<boolean> {
  if (can(ctx.viewer, 'comment.delete', { ownerId: authorId, isModerated: false })) return true;
  const post = await countedPostById(ctx, postId);
  const isModerated = post?.communityId != null && (await moderates(ctx, post.communityId));
  return can(ctx.viewer, 'comment.delete', { ownerId: authorId, isModerated });
}

async function lockedComment(tx: Change, id: Id): Promise<Comment> {
  await tx.rows(sql`select 1 from comment where id = ${toUuid(id)} for no key update`);
  return tx.em.findOneOrFail(Comment, { id });
}

/**
 * Adds to a comment's votes what `delta`, the last of `expressions`, says in its columns up and down. Two statements: one
 * that waited for a vote of the same person would still see the counts from before it, and PostgreSQL checks constraints
 * on those, before it looks at the row as it is now.
 */
export async function countCommentVotes(tx: Change, commentId: Id, expressions: RawBuilder<unknown>): Promise<void> {
  const [by] = await tx.rows<{ up: number; down: number }>(sql`with ${expressions} select up, down from delta`);
  if (!by) return;
  await tx.rows(sql`
    update comment set up = up + ${by.up}, down = down + ${by.down}, score = score + ${by.up - by.down}
    where id = ${toUuid(commentId)}`);
}
