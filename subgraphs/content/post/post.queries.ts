import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { checkId, type Id, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import type { PostStatus } from './post.entity.ts';
import { postColumns, type PostRow, toPost, visibleDraft, visiblePublished } from './post.loaders.ts';
import { foldTag } from '../tag/tag.actions.ts';

export interface PostFilter {
  readonly authorId?: Id | null;
  readonly communityId?: Id | null;
  readonly tag?: string | null;
  readonly status?: Exclude<PostStatus, 'DELETED'> | null;
}

/** Posts newest first, by keyset: the hundredth page costs what the first does. */
export async function postsByAge(
  ctx: Context,
  args: PageArguments & { filter?: PostFilter | null },
): Promise<Connection<PostRow>> {
  const filter = args.filter ?? {};
  const status = filter.status ?? 'PUBLISHED';
  const list = ['posts', status, filter.authorId ?? '', filter.communityId ?? '', foldTag(filter.tag ?? '')].join(':');
  const page = pageOf(list, args, ['moment', 'id']);
  // One of the two, in words of the statement: indexes know nothing of parameters, nor of what is either.
  const visible = status === 'PUBLISHED' ? visiblePublished(ctx) : visibleDraft(ctx);
  const rows = await ctx.rows<PostRow>(sql`
    select ${postColumns} from ${isIndexed(filter) ? sql`post_tag t join post p on p.id = t.post_id` : sql`post p`}
    where ${visible} and ${conditions(filter)} and ${beyond(page, filter)}
    order by ${order(page, filter)} limit ${rowsOfPage(page)}`);
  return connectionOf(list, page, rows.map(toPost), (post) => [post.listedAt.toISOString(), post.id]);
}

/** Published posts are found by their tags in a table of its own; of one's few drafts the column is enough. */
const isIndexed = ({ tag, status }: PostFilter): boolean => tag != null && (status ?? 'PUBLISHED') === 'PUBLISHED';

function conditions(filter: PostFilter): RawBuilder<boolean> {
  const { authorId, communityId, tag } = filter;
  const all = [sql<boolean>`true`];
  if (authorId != null) all.push(sql`p.author_id = ${toUuid(checkId('user', authorId, 'authorId'))}`);
  if (communityId != null) all.push(sql`p.community_id = ${toUuid(checkId('community', communityId, 'communityId'))}`);
  if (tag != null) all.push(isIndexed(filter) ? sql`t.tag = ${foldTag(tag)}` : sql`${foldTag(tag)} = any(p.tags)`);
  return sql`${sql.join(all, sql` and `)}`;
}

/** The tag's own table carries the order, so that its index serves the page. */
const sortColumns = (filter: PostFilter): [RawBuilder<unknown>, RawBuilder<unknown>] =>
  isIndexed(filter) ? [sql.ref('t.listed_at'), sql.ref('t.post_id')] : [sql.ref('p.listed_at'), sql.ref('p.id')];

function beyond(page: Page, filter: PostFilter): RawBuilder<boolean> {
  if (!page.key) return sql`true`;
  const [at, id] = sortColumns(filter);
  const [time, post] = page.key;
  return sql`(${at}, ${id}) ${page.backward ? sql`>` : sql`<`} (${String(time)}::timestamptz, ${toUuid(checkId('post', post))}::uuid)`;
}

function order(page: Page, filter: PostFilter): RawBuilder<unknown> {
  const [at, id] = sortColumns(filter);
  const direction = page.backward ? sql`asc` : sql`desc`;
  return sql`${at} ${direction}, ${id} ${direction}`;
}
