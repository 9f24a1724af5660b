import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id } from 'kit/ids';
import { unseal } from './audit.seal.ts';

/** An entry as one person may have it. Null is also what is known of nobody, and what is another's to know. */
export interface OwnEntry {
  readonly id: Id;
  readonly occurredAt: Date;
  readonly action: string;
  /** Whether the person has done it; else it was done to them. */
  readonly isActor: boolean;
  readonly subjectId: Id | null;
  readonly via: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
}

interface Row {
  readonly id: string;
  readonly occurredAt: Date;
  readonly action: string;
  readonly isActor: boolean;
  readonly isSubject: boolean;
  readonly subjectPerson: string | null;
  readonly subjectId: Id | null;
  readonly isAboutPerson: boolean;
  readonly via: string;
  readonly origin: Buffer;
  readonly reason: Buffer;
  readonly secret: Buffer;
}

/** What one person has done, and what was done to them, in the order of ids after `after`. */
export async function entriesAbout(
  ctx: Context,
  { personUuid, after, limit }: { readonly personUuid: string; readonly after: string | null; readonly limit: number },
): Promise<OwnEntry[]> {
  const rows = await ctx.rows<Row>(sql`
    select e.id, e.occurred_at as "occurredAt", e.action, e.actor_key is not distinct from p.person_key as "isActor",
      e.subject_key is not distinct from p.person_key as "isSubject", s.user_id as "subjectPerson",
      e.subject_id as "subjectId", e.subject_key is not null as "isAboutPerson", e.via, e.origin, e.reason, p.secret
    from audit_person p
      join audit_entry e on e.actor_key = p.person_key or e.subject_key = p.person_key
      left join audit_person s on s.person_key = e.subject_key
    where p.user_id = ${personUuid} and ${after === null ? sql`true` : sql`e.id > ${after}`}
    order by e.id limit ${limit}`);
  return rows.map(toOwnEntry);
}

/** Who acted on somebody, from where and by what, is theirs to know; what they said of somebody is that person's. */
function toOwnEntry(row: Row): OwnEntry {
  const { isActor, isSubject, isAboutPerson, secret } = row;
  const origin = isActor ? unseal(row.origin, secret) : null;
  const [address, userAgent] = origin === null ? [null, null] : (JSON.parse(origin) as [string, string]);
  return {
    id: fromUuid('act', row.id),
    occurredAt: row.occurredAt,
    action: row.action,
    isActor,
    subjectId: row.subjectPerson ? fromUuid('user', row.subjectPerson) : row.subjectId,
    via: isActor ? row.via : null,
    address,
    userAgent,
    reason: isSubject || !isAboutPerson ? unseal(row.reason, secret) : null,
  };
}
