import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, kindOf, toUuid } from 'kit/ids';
import { seal } from './audit.seal.ts';

export interface RecordedAct {
  readonly actId: Id;
  readonly action: string;
  readonly actorId: Id | null;
  readonly subjectId: Id | null;
  readonly reason: string;
  readonly via: string;
  readonly address: string;
  readonly userAgent: string;
}

interface Person {
  readonly key: Buffer;
  readonly secret: Buffer;
}

/**
 * Adds an act to the log. Persons are in it by keys that mean nothing by themselves; from where they acted and why is sealed
 * for them. The same act twice is one entry.
 */
export async function keepAct(
  ctx: Context,
  act: RecordedAct,
  { occurredAt }: { readonly occurredAt: string },
): Promise<void> {
  const { actId, action, actorId, subjectId, via } = act;
  const actor = actorId === null ? null : await personOf(ctx, actorId);
  const isPerson = subjectId !== null && kindOf(subjectId) === 'user';
  const subject = isPerson ? await personOf(ctx, subjectId) : null;
  const origin = seal(JSON.stringify([act.address, act.userAgent]), actor?.secret ?? null);
  // What is said of somebody goes with them.
  const reason = seal(act.reason, (subject ?? actor)?.secret ?? null);
  await ctx.rows(sql`
    insert into audit_entry (id, occurred_at, action, actor_key, subject_key, subject_id, via, origin, reason)
    values (${toUuid(actId)}, ${occurredAt}, ${action}, ${actor?.key ?? null}, ${subject?.key ?? null},
      ${isPerson ? null : subjectId}, ${via}, ${origin}, ${reason})
    on conflict do nothing`);
}

/** The person's key and secret, made when they are first needed. Somebody who was erased gets one that is kept nowhere. */
async function personOf(ctx: Context, userId: Id): Promise<Person> {
  const hash = hashOf(userId);
  await lockPerson(ctx, hash);
  const made = { key: randomBytes(16), secret: randomBytes(32) };
  const [forgotten] = await ctx.rows(sql`select 1 from audit_forgotten where user_hash = ${hash}`);
  if (forgotten) return made;
  await ctx.rows(sql`
    insert into audit_person (user_id, person_key, secret) values (${toUuid(userId)}, ${made.key}, ${made.secret})
    on conflict do nothing`);
  const [kept] = await ctx.rows<Person>(
    sql`select person_key as key, secret from audit_person where user_id = ${toUuid(userId)}`,
  );
  return kept ?? made;
}

const hashOf = (userId: Id): Buffer => createHash('sha256').update(userId).digest();

/** An act that arrives while its person is erased comes before or after, not in between. */
const lockPerson = (ctx: Context, hash: Buffer) =>
  ctx.rows(sql`select pg_advisory_xact_lock(7130518, ${hash.readInt32BE(0)})`);

/**
 * Forgets whose key a person's was and what was sealed for them. The entries stay, so that the log has no holes. Twice is
 * once. In the caller's transaction.
 */
export async function forgetInAudit(ctx: Context, userId: Id): Promise<void> {
  const hash = hashOf(userId);
  await lockPerson(ctx, hash);
  await ctx.rows(sql`insert into audit_forgotten (user_hash) values (${hash}) on conflict do nothing`);
  await ctx.rows(sql`delete from audit_person where user_id = ${toUuid(userId)}`);
}
