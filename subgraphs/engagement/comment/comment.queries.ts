import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { checkId, type Id, toUuid, toUuids } from 'kit/ids';
import { definePages } from 'kit/loaders';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { countedPostById } from '../count/count.loaders.ts';
import { blockOnComment, commentById, commentColumns, type CommentRow, toComment } from './comment.loaders.ts';

export type CommentSort = 'TOP' | 'NEW' | 'OLD';

export interface LevelArguments extends PageArguments {
  readonly sort?: CommentSort | null;
}

/** A page of one order, the same for every level that is asked for at once. */
interface LevelPage {
  readonly sort: CommentSort;
  readonly page: Page;
}

/**
 * The comments under a post or under a comment, which the caller has seen that the viewer may see. Asked for many levels
 * with the same arguments, it is one statement.
 */
export async function commentsUnder(ctx: Context, levelId: Id, args: LevelArguments): Promise<Connection<CommentRow>> {
  const sort = args.sort ?? 'TOP';
  const list = `comments:${levelId}:${sort}`;
  const page = pageOf(list, args, sort === 'TOP' ? ['integer', 'id'] : ['id']);
  const rows = await rowsUnder(ctx, levelId, { sort, page });
  return connectionOf(list, page, rows, (row) => (sort === 'TOP' ? [row.score, row.id] : [row.id]));
}

/** Null where the viewer may not see the post. */
export async function commentsOfPost(
  ctx: Context,
  postId: Id,
  args: LevelArguments,
): Promise<Connection<CommentRow> | null> {
  return (await countedPostById(ctx, postId)) && commentsUnder(ctx, postId, args);
}

export interface CommentsArguments extends LevelArguments {
  readonly postId: Id;
  readonly parentId?: Id | null;
}

/** One level of a post's comments. Throws NOT_FOUND where the viewer may not see it. */
export async function commentsOf(
  ctx: Context,
  { postId, parentId, ...args }: CommentsArguments,
): Promise<Connection<CommentRow>> {
  const post = (await countedPostById(ctx, checkId('post', postId, 'postId'))) ?? notFound('Post', postId, ['postId']);
  if (parentId == null) return commentsUnder(ctx, post.id, args);
  const parent = await commentById(ctx, checkId('comment', parentId, 'parentId'));
  if (parent?.postId !== post.id) notFound('Comment', parentId, ['parentId']);
  return commentsUnder(ctx, parent.id, args);
}

async function readLevels(ctx: Context, levelIds: readonly Id[], { sort, page }: LevelPage): Promise<CommentRow[]> {
  const order = orderOf(sort, page);
  const rows = await ctx.rows<CommentRow>(sql`
    select ${commentColumns} from unnest(${toUuids(levelIds)}::uuid[]) as level (id) cross join lateral (
      select * from comment c where c.level_id = level.id and ${beyond(sort, page)} order by ${order} limit ${rowsOfPage(page)}) c
    cross join ${blockOnComment(ctx)}
    order by ${order}`);
  return rows.map(toComment);
}

const rowsUnder = definePages(readLevels, (row) => row.parentId ?? row.postId);

const isDescending = (sort: CommentSort, page: Page): boolean => (sort === 'OLD') === page.backward;

function orderOf(sort: CommentSort, page: Page): RawBuilder<unknown> {
  const direction = isDescending(sort, page) ? sql`desc` : sql`asc`;
  return sort === 'TOP' ? sql`c.score ${direction}, c.id ${direction}` : sql`c.id ${direction}`;
}

function beyond(sort: CommentSort, page: Page): RawBuilder<boolean> {
  if (!page.key) return sql`true`;
  const comparison = isDescending(sort, page) ? sql`<` : sql`>`;
  const uuid = sql`${toUuid(String(page.key.at(-1)))}::uuid`;
  if (sort !== 'TOP') return sql`c.id ${comparison} ${uuid}`;
  return sql`(c.score, c.id) ${comparison} (${page.key[0]}::int, ${uuid})`;
}
