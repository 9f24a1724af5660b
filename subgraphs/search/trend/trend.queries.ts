import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError } from 'kit/errors';
import { fromUuid, type Id, kindOf, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { visiblePost } from '../../access/access.loaders.ts';

export interface TrendArguments extends PageArguments {
  readonly window: 'DAY' | 'WEEK' | null;
}

export interface Trend {
  readonly id: Id;
  readonly score: number;
  readonly reason: string;
}

interface Candidates {
  readonly ids: readonly string[];
  readonly scores: readonly number[];
  readonly reasons: readonly string[];
}

const HOURS = { DAY: 24, WEEK: 168 } as const;
const FRESH_MS = 30_000;
/** A list is ranked as of one moment, which its cursors carry: paging on an hour later goes through the same list. */
const MAX_AGE_MS = 60 * 60 * 1000;
const MAX_CANDIDATES = 1000;

/** What trends, as of a moment at most 30 s ago; what the viewer may see of it is asked each time. */
export async function trendingPosts(ctx: Context, args: TrendArguments): Promise<Connection<Trend>> {
  const window = args.window ?? 'DAY';
  const list = `trendingPosts:${window}`;
  const page = pageOf(list, args, ['number', 'number', 'id']);
  const now = Math.floor(Date.now() / FRESH_MS) * FRESH_MS;
  const at = page.key ? momentOf(page.key, now) : now;
  // As long as a cursor may come: ranked anew, with what has been counted since, it would be another list.
  const options = { ttlSeconds: (MAX_AGE_MS + FRESH_MS) / 1000, tags: ['trend'] };
  const { ids, scores, reasons } = await ctx.services.cache.through(`${list}:${at}`, options, () =>
    candidatesAt(ctx, at, HOURS[window]),
  );
  const direction = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<Trend>(sql`
    select t.id, t.score, t.reason
    from unnest(${ids}::uuid[], ${scores}::float8[], ${reasons}::text[]) t(id, score, reason)
    join post_access a on a.post_id = t.id
    where a.status = 'PUBLISHED' and ${visiblePost(ctx)} and ${beyond(page)}
    order by t.score ${direction}, t.id ${direction} limit ${rowsOfPage(page)}`);
  const trends = rows.map((row) => ({ ...row, id: fromUuid('post', row.id) }));
  return connectionOf(list, page, trends, (trend) => [at, trend.score, trend.id]);
}

function momentOf([at, score, id]: NonNullable<Page['key']>, now: number): number {
  // Lists are of whole moments only: of others a client could have any number made and kept.
  const isOurs = typeof at === 'number' && at % FRESH_MS === 0 && typeof score === 'number' && kindOf(id) === 'post';
  if (isOurs && at <= now && at > now - MAX_AGE_MS) return at;
  throw new CodedError('INVALID_CURSOR', 'That cursor is too old, or none of ours: start the list again.');
}

function beyond({ key, backward }: Page) {
  if (!key) return sql`true`;
  return sql`(t.score, t.id) ${backward ? sql`>` : sql`<`} (${Number(key[1])}::float8, ${toUuid(String(key[2]))}::uuid)`;
}

/**
 * Hacker News ranks by (points − 1) ÷ (hours + 2)^gravity, gravity 1.8 today and 1.5 at first (P. Graham, news.arc).
 * A point of its own lets what nobody has noticed yet be ranked by age.
 */
async function candidatesAt(ctx: Context, at: number, hours: number): Promise<Candidates> {
  // Until the next moment comes this list is the newest: what is published meanwhile belongs to it.
  const [from, to] = [new Date(at - hours * 3_600_000), new Date(at + FRESH_MS)];
  const rows = await ctx.rows<{ id: string; score: number; reason: string }>(sql`
    select a.post_id as id,
      round(((1 + greatest(0, coalesce(p.score + 2 * p.comments + p.bookmarks, 0)))
        / power(greatest(0, extract(epoch from ${new Date(at)}::timestamptz - a.published_at) / 3600) + 2, 1.5))::numeric, 9)::float8 as score,
      case when coalesce(greatest(p.score, 2 * p.comments, p.bookmarks), 0) <= 0 then 'NEW'
        when 2 * p.comments >= greatest(p.score, p.bookmarks) then 'DISCUSSED'
        when p.bookmarks >= p.score then 'BOOKMARKED' else 'VOTED' end as reason
    from post_access a left join post_count p on p.post_id = a.post_id
    where a.status = 'PUBLISHED' and a.published_at > ${from} and a.published_at <= ${to}
    order by score desc, a.post_id desc limit ${sql.lit(MAX_CANDIDATES)}`);
  return {
    ids: rows.map((row) => row.id),
    scores: rows.map((row) => row.score),
    reasons: rows.map((row) => row.reason),
  };
}
