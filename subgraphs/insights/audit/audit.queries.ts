import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { badInput } from 'kit/errors';
import { checkId, fromUuid, type Id, kindOf, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { lowestUuid } from 'kit/partitions';
import { unseal } from './audit.seal.ts';

const LIST = 'audit';

export interface AuditFilter {
  readonly actorId?: Id | null;
  readonly subjectId?: Id | null;
  readonly action?: string | null;
  readonly since?: Date | null;
  readonly until?: Date | null;
}

export interface AuditEntry {
  readonly id: Id;
  readonly occurredAt: Date;
  readonly action: string;
  readonly actorId: Id | null;
  readonly actorKey: string | null;
  readonly subjectId: Id | null;
  readonly subjectKey: string | null;
  readonly via: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
}

interface Row {
  id: string;
  occurredAt: Date;
  action: string;
  actorKey: Buffer | null;
  actorId: string | null;
  actorSecret: Buffer | null;
  subjectKey: Buffer | null;
  subjectPerson: string | null;
  subjectSecret: Buffer | null;
  subjectId: Id | null;
  via: string;
  origin: Buffer;
  reason: Buffer;
}

/** The log, newest first. A person who was erased is in it by their key alone. */
export async function auditLog(
  ctx: Context,
  { filter, ...args }: PageArguments & { readonly filter?: AuditFilter | null },
): Promise<Connection<AuditEntry>> {
  const page = pageOf(LIST, args, ['id']);
  const conditions = [...conditionsOf(filter ?? {}), ...(page.key ? [fromKey(page)] : [])];
  const where = conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const rows = await ctx.rows<Row>(sql`
    select e.id, e.occurred_at as "occurredAt", e.action, e.actor_key as "actorKey", a.user_id as "actorId",
      a.secret as "actorSecret", e.subject_key as "subjectKey", s.user_id as "subjectPerson", s.secret as "subjectSecret",
      e.subject_id as "subjectId", e.via, e.origin, e.reason
    from audit_entry e
      left join audit_person a on a.person_key = e.actor_key
      left join audit_person s on s.person_key = e.subject_key
    ${where} order by e.id ${page.backward ? sql`asc` : sql`desc`} limit ${rowsOfPage(page)}`);
  return connectionOf(LIST, page, rows.map(toEntry), (entry) => [entry.id]);
}

const fromKey = ({ key, backward }: Page): RawBuilder<unknown> =>
  sql`e.id ${backward ? sql`>` : sql`<`} ${toUuid(String(key?.[0]))}::uuid`;

function conditionsOf({ actorId, subjectId, action, since, until }: AuditFilter): RawBuilder<unknown>[] {
  if (action != null && action.length > 100) badInput('filter', 'An action is named in fewer than 100 characters.');
  const keyOf = (id: Id) => sql`(select person_key from audit_person where user_id = ${toUuid(id)})`;
  const aboutPerson = subjectId != null && kindOf(subjectId) === 'user';
  return [
    ...(actorId == null ? [] : [sql`e.actor_key = ${keyOf(checkId('user', actorId, 'actorId'))}`]),
    ...(subjectId == null
      ? []
      : [aboutPerson ? sql`e.subject_key = ${keyOf(subjectId)}` : sql`e.subject_id = ${subjectId}`]),
    ...(action == null ? [] : [sql`e.action = ${action}`]),
    ...(since == null ? [] : [sql`e.occurred_at >= ${since} and e.id >= ${idAt(since, -DAY_MS)}::uuid`]),
    ...(until == null ? [] : [sql`e.occurred_at < ${until} and e.id < ${idAt(until, DAY_MS)}::uuid`]),
  ];
}

/** Ids begin with their moment: by them a time is found in the list's order. Their clock may differ from that of `occurred_at`. */
const DAY_MS = 86_400_000;
const LAST_MS = 2 ** 48 - 1;
const idAt = (at: Date, apartMs: number): string =>
  lowestUuid(new Date(Math.min(LAST_MS, Math.max(0, at.getTime() + apartMs))));

function toEntry(row: Row): AuditEntry {
  const origin = unseal(row.origin, row.actorSecret);
  const [address, userAgent] = origin === null ? [null, null] : (JSON.parse(origin) as [string, string]);
  const about = row.subjectKey ? row.subjectSecret : row.actorSecret;
  return {
    id: fromUuid('act', row.id),
    occurredAt: row.occurredAt,
    action: row.action,
    actorId: row.actorId && fromUuid('user', row.actorId),
    actorKey: row.actorKey?.toString('hex') ?? null,
    subjectId: row.subjectPerson ? fromUuid('user', row.subjectPerson) : row.subjectId,
    subjectKey: row.subjectKey?.toString('hex') ?? null,
    via: row.via,
    address,
    userAgent,
    reason: unseal(row.reason, about),
  };
}
