import type { Change, Context } from './context.ts';
import { type Connection, type RawBuilder, rowsOf, sql } from './database.ts';
import type { EventDefinition } from './events.ts';

export interface PendingEvent {
  readonly id: string;
  readonly definition: EventDefinition;
  readonly payload: Record<string, unknown>;
}

/** Writes a transaction's events beside its rows, last: positions then grow with the order in which rows were locked. */
export async function writeOutbox(tx: Change, events: readonly PendingEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ id, definition, payload }) => ({
    id,
    type: definition.type,
    version: definition.version,
    aggregate_id: String(payload[definition.aggregate]),
    payload: definition.schema.parse(payload),
    awaiting: tx.services.consumersOf(definition.type),
  }));
  await tx.rows(sql`
    insert into outbox (id, type, version, aggregate_id, payload, actor_id, request_id, awaiting)
    select id, type, version, aggregate_id, payload, ${tx.viewer.userId}, ${tx.requestId}, awaiting
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row(id uuid, type text, version int, aggregate_id text, payload jsonb, awaiting text[])`);
}

export interface ToldAtOnce<Payload extends Record<string, unknown>> {
  readonly definition: EventDefinition<Payload>;
  /** What the statement changes, as common table expressions. */
  readonly expressions: RawBuilder<unknown>;
  /** Reads from them a `payload` for each event, as jsonb: after the rows are locked, so that positions keep their order. */
  readonly payloads: RawBuilder<unknown>;
}

/** A change and its events in one statement, for what changes often. Answers the events' ids. */
export async function writeTold<Payload extends Record<string, unknown>>(
  ctx: Context,
  { definition, expressions, payloads }: ToldAtOnce<Payload>,
): Promise<readonly string[]> {
  const { type, version, aggregate } = definition;
  const rows = await ctx.rows<{ id: string }>(sql`
    with ${expressions}, told as (
      insert into outbox (id, type, version, aggregate_id, payload, actor_id, request_id, awaiting)
      select gen_random_uuid(), ${type}, ${version}, payload->>${aggregate}, payload, ${ctx.viewer.userId}, ${ctx.requestId},
        ${ctx.services.consumersOf(type)}::text[]
      from (${payloads}) as row (payload)
      returning id)
    select id from told`);
  return rows.map(({ id }) => id);
}

/** How many rows are looked at for what may go, each time: two thousand a second, more than come for long. */
const CLEARED_TOGETHER = 10_000;

/**
 * Inbox rows outlive what could still be sent again; answers to retried mutations are kept as long as events.
 * @param after The outbox position behind which to look: what is not confirmed may be old and many, and stays. Answers where to
 * go on, 0 for the beginning.
 */
export async function clearAway(connection: Connection, days: number, after: number): Promise<number> {
  const together = sql.lit(CLEARED_TOGETHER);
  const [row] = await rowsOf<{ next: number }>(
    connection,
    sql`with answers as (
          delete from idempotency where ctid in (
            select ctid from idempotency where created_at < now() - make_interval(days => ${days}) limit ${together})),
        recorded as (
          delete from inbox where event_id in (
            select event_id from inbox
            where processed_at < now() - make_interval(days => ${4 * days}) limit ${together})),
        oldest as (
          select position, occurred_at < now() - make_interval(days => ${days}) as is_old,
            awaiting = '{}' and sent_at < now() - make_interval(days => ${days}) as may_go
          from outbox where position > ${after} order by position limit ${together}),
        gone as (delete from outbox where position in (select position from oldest where may_go))
        select coalesce(case when count(*) = ${together} and bool_and(is_old) then max(position) end, 0) as next
        from oldest`,
  );
  return row?.next ?? 0;
}

/** How many rows are marked to be sent again in one statement: a consumer may have been away for days. */
const SENT_AGAIN_TOGETHER = 10_000;

/**
 * What is unconfirmed after 30 s, doubling with each attempt up to 16 min, waits to be sent again, oldest first; all of it at
 * once when the stream was lost, and then live followers get the last minute again.
 */
export async function sendAgain(connection: Connection, isEmptied: boolean): Promise<void> {
  const due = isEmptied
    ? sql`sent_at is not null`
    : // The first of the two times is said for the index: no attempt waits less.
      sql`sent_at < now() - interval '30 seconds'
          and sent_at < now() - interval '30 seconds' * power(2, least(attempts - 1, 5))`;
  const together = sql.lit(SENT_AGAIN_TOGETHER);
  let marked: number;
  do {
    const [row] = await rowsOf<{ marked: number }>(
      connection,
      sql`with again as (
            update outbox set sent_at = null where position in (
              select position from outbox where awaiting <> '{}' and ${due} order by sent_at limit ${together})
            returning 1)
          select count(*) as marked from again`,
    );
    marked = row?.marked ?? 0;
  } while (isEmptied && marked === SENT_AGAIN_TOGETHER);
  if (isEmptied)
    await rowsOf(connection, sql`update outbox set sent_at = null where sent_at > now() - interval '1 minute'`);
}
