import type { Context } from './context.ts';
import { sql } from './database.ts';

/** The lowest UUIDv7 of a moment: its first 48 bits are milliseconds since 1970 (RFC 9562, 5.7). */
export function lowestUuid(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

const monthOf = (from: Date, offset: number): Date =>
  new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + offset, 1));

/** Months made ahead: a process that runs makes the next ones daily, one that was off for a quarter makes them at start. */
const MONTHS_AHEAD = 3;

/** Makes a table's monthly partitions by ranges of its UUIDv7 id, from last month to three ahead. Safe to run twice and at once. */
export async function ensureMonthlyPartitions(ctx: Context, table: string, now = new Date()): Promise<void> {
  await ctx.change(async (tx) => {
    await tx.rows(sql`select pg_advisory_xact_lock(7130517)`);
    for (let offset = -1; offset <= MONTHS_AHEAD; offset++) {
      const start = monthOf(now, offset);
      const name = `${table}_${start.toISOString().slice(0, 7).replace('-', '_')}`;
      const [from, to] = [lowestUuid(start), lowestUuid(monthOf(now, offset + 1))];
      await tx.rows(sql`
        create table if not exists ${sql.table(name)} partition of ${sql.table(table)}
        for values from (${sql.lit(from)}) to (${sql.lit(to)})`);
    }
  });
}
