import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { type Id, rowMapper, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';

export interface SessionRow {
  readonly id: Id;
  readonly device: string;
  readonly userAgent: string;
  readonly address: string;
  readonly place: object | null;
  readonly startedAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

const toSession = rowMapper<SessionRow>({ id: 'session' });
const LIST = 'sessions';

/** The viewer's own sessions that are alive, newest first. */
export async function sessionsOfViewer(ctx: Context, args: PageArguments): Promise<Connection<SessionRow>> {
  const userId = ctx.viewer.userId ?? notFound('User', '');
  const page = pageOf(LIST, args, ['id']);
  const [id] = page.key ?? [];
  const comparison = page.backward ? sql`>` : sql`<`;
  const from = id === undefined ? sql`` : sql`and id ${comparison} ${toUuid(String(id))}::uuid`;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<SessionRow>(sql`
    select id, device, user_agent as "userAgent", address, place, started_at as "startedAt", last_used_at as "lastUsedAt",
      expires_at as "expiresAt"
    from session where user_id = ${toUuid(userId)} and ended_at is null and expires_at > now() ${from}
    order by id ${order} limit ${rowsOfPage(page)}`);
  return connectionOf(LIST, page, rows.map(toSession), (session) => [session.id]);
}
