import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { fromUuid, type Id, kindOf, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visiblePost } from '../../access/access.loaders.ts';
import { isMuted } from '../../access/people/people.loaders.ts';

export interface FeedItem {
  readonly id: Id;
  readonly reason: string;
  readonly publishedAt: Date;
}

/** Reasons in the order in which they go before each other. */
const REASONS = ['OWN', 'FOLLOWED_PERSON', 'JOINED_COMMUNITY'] as const;
const LIST = 'homeFeed';

/**
 * Gathered as it is read: a page's worth of each followed person's and joined community's newest posts, merged. What a
 * page costs grows with how many one follows, not with how many posts there are. Nothing of those whom one has muted.
 */
export async function homeFeed(ctx: Context, args: PageArguments): Promise<Connection<FeedItem>> {
  const viewerId = toUuid(ctx.viewer.userId ?? notFound('User', ''));
  const page = pageOf(LIST, args, ['moment', 'id']);
  if (page.key) checkKey(page.key);
  const direction = page.backward ? sql`asc` : sql`desc`;
  const people = sql`
    select followed_id as id, 1 as rank from follow where follower_id = ${viewerId} and is_following and followed_id <> ${viewerId}
    union all select ${viewerId}::uuid, 0`;
  const communities = sql`select community_id as id, 2 as rank from community_member where user_id = ${viewerId} and is_member`;
  const rows = await ctx.rows<{ id: string; rank: number; publishedAt: Date }>(sql`
    select id, min(rank) as rank, published_at as "publishedAt" from (
      ${newestOf(ctx, people, sql.ref('a.author_id'), page)} union all ${newestOf(ctx, communities, sql.ref('a.community_id'), page)}) item
    group by id, published_at
    order by published_at ${direction}, id ${direction} limit ${rowsOfPage(page)}`);
  const items = rows.map(({ id, rank, publishedAt }) => ({
    id: fromUuid('post', id),
    reason: REASONS[rank] ?? REASONS[2],
    publishedAt,
  }));
  return connectionOf(LIST, page, items, (item) => [item.publishedAt.toISOString(), item.id]);
}

/** The page's posts of each source, by the index on (source, published_at, post_id). */
function newestOf(
  ctx: Context,
  sources: RawBuilder<unknown>,
  column: RawBuilder<unknown>,
  page: Page,
): RawBuilder<unknown> {
  const direction = page.backward ? sql`asc` : sql`desc`;
  return sql`
    select n.post_id as id, s.rank, n.published_at from (${sources}) s
    cross join lateral (
      select a.post_id, a.published_at from post_access a
      where ${column} = s.id and a.status = 'PUBLISHED' and a.published_at is not null and ${visiblePost(ctx)}
        and not ${isMuted(ctx, sql.ref('a.author_id'))} and ${beyond(page)}
      order by a.published_at ${direction}, a.post_id ${direction} limit ${rowsOfPage(page)}) n`;
}

function beyond({ key, backward }: Page): RawBuilder<boolean> {
  if (!key) return sql`true`;
  const [at, id] = key;
  return sql`(a.published_at, a.post_id) ${backward ? sql`>` : sql`<`} (${String(at)}::timestamptz, ${toUuid(String(id))}::uuid)`;
}

function checkKey([at, id]: NonNullable<Page['key']>): void {
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at)) && kindOf(id) === 'post') return;
  throw new CodedError('INVALID_CURSOR', 'That is no cursor of ours: pass one from `edges.cursor` or `pageInfo`.');
}
