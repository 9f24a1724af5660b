import type { Change, Context } from './context.ts';
import { type RawBuilder, sql } from './database.ts';
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
