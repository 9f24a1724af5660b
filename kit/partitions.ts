import type { Change, Context } from './context.ts';
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
      const [known] = await tx.rows(sql`select 1 from pg_class where oid = to_regclass(${name})`);
      if (!known) await makePartition(tx, { table, name, from, to });
    }
  });
}

interface Partition {
  readonly table: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** With the rows of its time that went to the default partition, where there is one, while nobody made this (or a clock was wrong). */
async function makePartition(tx: Change, { table, name, from, to }: Partition): Promise<void> {
  const [parent, partition] = [sql.table(table), sql.table(name)];
  await tx.rows(sql`create table ${partition} (like ${parent} including defaults including constraints)`);
  const [rest] = await tx.rows<{ name: string }>(sql`
    select partdefid::regclass::text as name from pg_partitioned_table
    where partrelid = ${table}::regclass and partdefid <> 0`);
  if (rest) {
    await tx.rows(sql`
      with moved as (delete from ${sql.table(rest.name)} where id >= ${from} and id < ${to} returning *)
      insert into ${partition} select * from moved`);
  }
  await tx.rows(sql`
    alter table ${parent} attach partition ${partition} for values from (${sql.lit(from)}) to (${sql.lit(to)})`);
}
