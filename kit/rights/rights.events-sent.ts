import type { Context } from '../context.ts';
import { sql } from '../database.ts';

/** The newest event of this subgraph's own; 0 without any. */
export async function lastPosition(ctx: Context): Promise<number> {
  const [row] = await ctx.rows<{ position: number }>(
    sql`select coalesce(max(position), 0)::bigint as position from outbox`,
  );
  return row?.position ?? 0;
}

/** Whether every event up to this position has been recorded by all who listen. */
export async function haveArrived(ctx: Context, position: number): Promise<boolean> {
  const waiting = await ctx.rows(sql`
    select 1 from outbox where (sent_at is null or awaiting <> '{}') and position <= ${position} limit 1`);
  return waiting.length === 0;
}

/** How many events of a type about one thing have not been recorded yet. */
export async function onTheirWay(ctx: Context, type: string, aggregateId: string): Promise<number> {
  const [row] = await ctx.rows<{ count: number }>(sql`
    select count(*)::int as count from outbox
    where (sent_at is null or awaiting <> '{}') and type = ${type} and aggregate_id = ${aggregateId}`);
  return row?.count ?? 0;
}
