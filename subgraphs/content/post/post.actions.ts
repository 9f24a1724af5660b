import { type Change, type Context, once } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { checkId, fromUuid, type Id, newId, toUuid } from 'kit/ids';
import { checkInput, type InputChecks } from 'kit/input';
import { can } from '../../access/permissions.ts';
import { roleInCommunity } from '../community/community.loaders.ts';
import { settingsOf } from '../config.ts';
import { forgetRevisions, keepRevision } from '../revision/revision.actions.ts';
import { checkTags, forgetTags, indexTags } from '../tag/tag.actions.ts';
import { Post } from './post.entity.ts';
import { postDeleted, postSaved } from './post.events.ts';
import { postById, type PostRow } from './post.loaders.ts';
import { renderMarkdown } from './post.markdown.ts';
import { slugOf, takeSlug } from './post.slug.ts';

export { postDeleted } from './post.events.ts';

export interface CreatePostInput {
  readonly title: string;
  readonly markdown: string;
  readonly tags?: readonly string[] | null;
  readonly communityId?: Id | null;
  readonly importedFrom?: string | null;
  readonly writtenAt?: Date | null;
  readonly idempotencyKey?: string | null;
}

const checkTitle = (check: InputChecks, title: string): string => check.text('title', title, { min: 1, max: 200 });

/** Markdown keeps its spaces; only its size and NUL are of concern, the rest is rendering's. */
function checkMarkdown(check: InputChecks, markdown: string): string {
  check.that('markdown', markdown.length <= 200_000, 'markdown is at most 200,000 characters long.');
  return markdown.slice(0, 200_001).replaceAll('\0', '').toWellFormed();
}

/** Only what was written elsewhere has a date of its own, and it lies in the past. */
function checkWrittenAt(check: InputChecks, { writtenAt, importedFrom }: CreatePostInput): Date | null {
  if (writtenAt == null) return null;
  check.that('writtenAt', importedFrom != null, 'writtenAt goes with importedFrom.');
  check.that('writtenAt', writtenAt <= new Date() && writtenAt.getTime() >= 0, 'writtenAt lies between 1970 and now.');
  return writtenAt;
}

export async function createPost(ctx: Context, input: CreatePostInput): Promise<PostRow | null> {
  const authorId = ctx.viewer.userId ?? notFound('User', '');
  const checked = checkInput((check) => ({
    title: checkTitle(check, input.title),
    markdown: checkMarkdown(check, input.markdown),
    tags: checkTags(check, input.tags ?? []),
    communityId: input.communityId == null ? null : check.id('communityId', 'community', input.communityId),
    importedFrom:
      input.importedFrom == null ? null : check.text('importedFrom', input.importedFrom, { min: 1, max: 500 }),
    writtenAt: checkWrittenAt(check, input),
  }));
  if (checked.communityId !== null && !(await roleInCommunity(ctx, checked.communityId))) {
    notFound('Community', checked.communityId, ['communityId']);
  }
  const imported = checked.importedFrom === null ? null : await earlierImport(ctx, authorId, checked.importedFrom);
  if (imported) return (await postById(ctx, imported)) ?? importIsDeleted();
  const id = await once(ctx, 'createPost', input.idempotencyKey, input, async (tx) => {
    await takeQuota(tx, checked.importedFrom !== null);
    return insertPost(tx, authorId, checked);
  });
  return postById(ctx, id);
}

function importIsDeleted(): never {
  throw new CodedError('CONFLICT', 'That was imported before, and deleted since.', ['importedFrom']);
}

/** Imports are counted apart, and are for administrators only. */
async function takeQuota(ctx: Context, isImport: boolean): Promise<void> {
  const settings = settingsOf(ctx);
  if (isImport && !can(ctx.viewer, 'post.import')) throw new CodedError('FORBIDDEN', 'Only administrators import.');
  const [name, points] = isImport
    ? ['imports', settings.LIMIT_IMPORTS_PER_HOUR]
    : ['posts', settings.LIMIT_POSTS_PER_HOUR];
  await ctx.services.limiter.take({ name, points, durationSeconds: 3600 }, ctx.viewer.userId ?? '');
}

async function earlierImport(ctx: Context, authorId: Id, importedFrom: string): Promise<Id | null> {
  const [row] = await ctx.rows<{ id: string }>(
    sql`select post_id as id from post_import where author_id = ${toUuid(authorId)} and imported_from = ${importedFrom}`,
  );
  return row ? fromUuid('post', row.id) : null;
}

type CheckedPost = Required<Pick<Post, 'title' | 'markdown' | 'tags' | 'communityId' | 'importedFrom'>> & {
  writtenAt: Date | null;
};

async function insertPost(tx: Change, authorId: Id, { writtenAt, ...checked }: CheckedPost): Promise<Id> {
  const id = newId('post');
  const now = writtenAt ?? new Date();
  if (checked.importedFrom != null) {
    const isFirst = await tx.rows(sql`
      insert into post_import (author_id, imported_from, post_id)
      values (${toUuid(authorId)}, ${checked.importedFrom}, ${toUuid(id)}) on conflict do nothing returning 1`);
    // Two importers of one file at once: the second has waited for the first one's commit and answers its post.
    if (isFirst.length === 0) return (await earlierImport(tx, authorId, checked.importedFrom)) ?? importIsDeleted();
  }
  const { html, excerpt, readingMinutes, text } = renderMarkdown(checked.markdown);
  const post = tx.em.create(Post, {
    ...checked,
    id,
    authorId,
    status: 'DRAFT',
    slug: await takeSlug(tx, slugOf(checked.title), id),
    html,
    excerpt,
    readingMinutes,
    version: 1,
    createdAt: now,
    updatedAt: now,
    publishedAt: null,
    listedAt: now,
  });
  await tx.em.flush();
  emitSaved(tx, post, text);
  return id;
}

/** PostgreSQL's largest tsvector is 1 MB: 100,000 characters stay under it in every script. */
const MAX_EVENT_TEXT = 100_000;

function emitSaved(tx: Change, post: Post, text: string): void {
  const { id, authorId, communityId, status, title, slug, excerpt, tags, publishedAt, version } = post;
  tx.emit(postSaved, {
    postId: id,
    authorId,
    communityId: communityId ?? null,
    status,
    title,
    slug,
    excerpt,
    text: text.slice(0, MAX_EVENT_TEXT).toWellFormed(),
    tags,
    publishedAt: publishedAt?.toISOString() ?? null,
    version,
  });
}

export interface UpdatePostInput {
  readonly id: Id;
  readonly version: number;
  readonly title?: string | null;
  readonly markdown?: string | null;
  readonly tags?: readonly string[] | null;
  readonly reason?: string | null;
}

/** Saves a change and keeps what was before. Two edits of one version: the second is told, and nothing of it is kept. */
export async function updatePost(ctx: Context, input: UpdatePostInput): Promise<PostRow | null> {
  const { reason, ...changes } = checkInput((check) => ({
    ...(input.title == null ? {} : { title: checkTitle(check, input.title) }),
    ...(input.markdown == null ? {} : { markdown: checkMarkdown(check, input.markdown) }),
    ...(input.tags == null ? {} : { tags: checkTags(check, input.tags) }),
    reason: check.text('reason', input.reason ?? '', { min: 0, max: 500, isMultiline: true }),
  }));
  await ownPost(ctx, input.id);
  await ctx.change(async (tx) => {
    const post = await lockedPost(tx, input.id);
    if (post.version !== input.version) {
      throw new CodedError(
        'VERSION_CONFLICT',
        `The post is at version ${post.version}, your change was made from ${input.version}: read it again and merge.`,
        ['version'],
      );
    }
    const markdown = changes.markdown ?? post.markdown;
    await takeSaved(tx, markdown.length);
    await keepRevision(tx, post, reason);
    const { html, excerpt, readingMinutes, text } = renderMarkdown(markdown);
    tx.em.assign(post, { ...changes, html, excerpt, readingMinutes, version: post.version + 1, updatedAt: new Date() });
    await tx.em.flush();
    if (post.status === 'PUBLISHED') await indexTags(tx, post);
    emitSaved(tx, post, text);
  });
  postById.clear(ctx, input.id);
  return postById(ctx, input.id);
}

async function takeSaved(ctx: Context, characters: number): Promise<void> {
  const points = settingsOf(ctx).LIMIT_SAVED_CHARACTERS_PER_HOUR;
  const limit = { name: 'saved characters', points, durationSeconds: 3600 };
  await ctx.services.limiter.take(limit, ctx.viewer.userId ?? '', Math.max(1, characters));
}

/** In a community only while its author is in it, who may have left or been removed since the draft. */
export async function publishPost(ctx: Context, { id }: { readonly id: Id }): Promise<PostRow | null> {
  await ownPost(ctx, id);
  await ctx.change(async (tx) => {
    const post = await lockedPost(tx, id);
    if (post.status === 'PUBLISHED') return;
    if (post.communityId != null && !(await roleInCommunity(tx, post.communityId)))
      throw new CodedError('CONFLICT', 'It is for a community whose members alone publish there.', ['id']);
    const now = new Date();
    // What was written elsewhere keeps its place in time.
    const publishedAt = post.importedFrom == null ? now : post.createdAt;
    tx.em.assign(post, { status: 'PUBLISHED', publishedAt, listedAt: publishedAt, updatedAt: now });
    await tx.em.flush();
    await indexTags(tx, post);
    emitSaved(tx, post, renderMarkdown(post.markdown).text);
  });
  postById.clear(ctx, id);
  return postById(ctx, id);
}

export async function deletePost(ctx: Context, { id }: { readonly id: Id }): Promise<Id> {
  const post = (await postById(ctx, checkId('post', id))) ?? notFound('Post', id, ['id']);
  const communityRole = post.communityId === null ? null : await roleInCommunity(ctx, post.communityId);
  const isModerated = communityRole === 'owner' || communityRole === 'moderator';
  if (!can(ctx.viewer, 'post.delete', { ownerId: post.authorId, isModerated }))
    throw new CodedError('FORBIDDEN', 'Only its author deletes a post.');
  await ctx.change(async (tx) => {
    const locked = await lockedPost(tx, id);
    // The words go with it; the row stays, so that its id and slug are never another post's.
    tx.em.assign(locked, {
      status: 'DELETED',
      markdown: '',
      html: '',
      excerpt: '',
      title: '',
      tags: [],
      updatedAt: new Date(),
    });
    await tx.em.flush();
    await forgetTags(tx, id);
    await forgetRevisions(tx, id);
    tx.emit(postDeleted, { postId: id, authorId: post.authorId, communityId: post.communityId });
  });
  return id;
}

/** The viewer's own post. Another's is FORBIDDEN where they may see it, NOT_FOUND where they may not. */
async function ownPost(ctx: Context, id: Id): Promise<PostRow> {
  const post = (await postById(ctx, checkId('post', id))) ?? notFound('Post', id, ['id']);
  if (can(ctx.viewer, 'post.edit', { ownerId: post.authorId })) return post;
  throw new CodedError('FORBIDDEN', 'Only its author changes a post.');
}

async function lockedPost(tx: Change, id: Id): Promise<Post> {
  await tx.rows(sql`select 1 from post where id = ${toUuid(id)} for update`);
  const post = await tx.em.findOne(Post, { id });
  return post && post.status !== 'DELETED' ? post : notFound('Post', id, ['id']);
}
