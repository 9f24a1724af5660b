import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { checkId, type Id, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf } from 'kit/page';
import type { PostStatus } from './post.entity.ts';
import { postColumns, type PostRow, toPost, visiblePost } from './post.loaders.ts';
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
  const list = [
    'posts',
    status,
    filter.authorId ?? '',
    filter.communityId ?? '',
    filter.tag ? foldTag(filter.tag) : '',
  ].join(':');
  const page = pageOf(list, args, ['moment', 'id']);
  const rows = await ctx.rows<PostRow>(sql`
    select ${postColumns} from ${filter.tag ? sql`post_tag t join post p on p.id = t.post_id` : sql`post p`}
    where p.status = ${status} and ${visiblePost(ctx)} and ${conditions(filter)} and ${beyond(page, filter)}
    order by ${order(page, filter)} limit ${page.limit + 1}`);
  return connectionOf(list, page, rows.map(toPost), (post) => [post.listedAt.toISOString(), post.id]);
}

function conditions({ authorId, communityId, tag }: PostFilter): RawBuilder<boolean> {
  const all = [sql<boolean>`true`];
  if (authorId != null) all.push(sql`p.author_id = ${toUuid(checkId('user', authorId, 'authorId'))}`);
  if (communityId != null) all.push(sql`p.community_id = ${toUuid(checkId('community', communityId, 'communityId'))}`);
  if (tag != null) all.push(sql`t.tag = ${foldTag(tag)}`);
  return sql`${sql.join(all, sql` and `)}`;
}

/** The tag's own table carries the order, so that its index serves the page. */
const sortColumns = ({ tag }: PostFilter): [RawBuilder<unknown>, RawBuilder<unknown>] =>
  tag ? [sql.ref('t.listed_at'), sql.ref('t.post_id')] : [sql.ref('p.listed_at'), sql.ref('p.id')];

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
