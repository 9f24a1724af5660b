import { mayActOn, rankOf, type SiteRole } from '../../access/permissions.ts';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { CodedError, notFound } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { checkInput } from 'kit/input';
import { recordAct } from '../audit/audit.actions.ts';
import { forgetPresence } from '../presence/presence.actions.ts';
import { endSessionsOf } from '../session/session.actions.ts';
import { emitUserSaved, holdUser } from '../user/user.actions.ts';
import { userById, type UserRow } from '../user/user.loaders.ts';
import { isSuspended, suspensionByUser } from './role.loaders.ts';

/** Changes of rights come one after the other, so that two who each take away the other's leave one of them. */
const lockRights = (tx: Change) => tx.rows(sql`select pg_advisory_xact_lock(7130517)`);

interface Rights {
  readonly id: Id;
  readonly role: string;
}

/** Somebody's role as it is now, not as it was when they were let in. */
async function roleNow(tx: Change, userId: Id): Promise<string | null> {
  const [row] = await tx.rows<{ role: string }>(sql`
    select u.role from "user" u
    where u.id = ${toUuid(userId)} and u.deleted_at is null and not ${isSuspended()} for no key update`);
  return row?.role ?? null;
}

/** The role of somebody who is acted on, suspended or not; null where there is nobody (any more). */
async function roleOf(tx: Change, userId: Id): Promise<string | null> {
  const [row] = await tx.rows<{ role: string }>(sql`
    select u.role from "user" u where u.id = ${toUuid(userId)} and u.deleted_at is null for no key update`);
  return row?.role ?? null;
}

const targetOf = async (tx: Change, userId: Id): Promise<Rights> => ({
  id: userId,
  role: (await roleOf(tx, userId)) ?? notFound('User', userId, ['userId']),
});

/** The viewer's own role, in the transaction; an API key acts in its own, which is lower at most. */
async function actorRole(tx: Change): Promise<string> {
  if (tx.viewer.kind === 'system') return 'admin';
  const role = tx.viewer.userId === null ? null : await roleNow(tx, tx.viewer.userId);
  // Whoever has lost it since they were let in.
  if (role === null || rankOf(role) < rankOf(tx.viewer.role)) throw notYours();
  return tx.viewer.role;
}

async function refuseLast(tx: Change, userId: Id): Promise<void> {
  const [others] = await tx.rows<{ count: number }>(sql`
    select count(*)::int as count from "user" u
    where u.role = 'admin' and u.id <> ${toUuid(userId)} and u.deleted_at is null and u.closing_at is null
      and u.email_verified_at is not null and not ${isSuspended()}`);
  if (others?.count === 0) {
    throw new CodedError('CONFLICT', 'That is the last administrator: make another one first.', ['userId']);
  }
}

/** Throws CONFLICT where the site would be left without an administrator; for whoever takes one away, with their account say. */
export async function keepAdministrator(tx: Change, userId: Id): Promise<void> {
  await lockRights(tx);
  if ((await roleOf(tx, userId)) === 'admin') await refuseLast(tx, userId);
}

export interface SetUserRoleInput {
  readonly userId: Id;
  readonly role: SiteRole;
  readonly reason?: string | null;
}

const REASON = { min: 0, max: 500, isMultiline: true } as const;

/** Administrators alone; nobody gets more than whoever gives it has, and there is always an administrator. */
export async function setUserRole(ctx: Context, input: SetUserRoleInput): Promise<UserRow | null> {
  const { userId, reason } = checkInput((check) => ({
    userId: check.id('userId', 'user', input.userId),
    reason: check.text('reason', input.reason ?? '', REASON),
  }));
  await ctx.change(async (tx) => {
    await lockRights(tx);
    const actor = await actorRole(tx);
    const target = await targetOf(tx, userId);
    if (actor !== 'admin' || !mayActOn(actor, target.role)) throw notYours();
    if (target.role === input.role) return;
    if (target.role === 'admin') await refuseLast(tx, userId);
    const user = (await holdUser(tx, userId)) ?? notFound('User', userId, ['userId']);
    tx.em.assign(user, { role: input.role, updatedAt: new Date() });
    emitUserSaved(tx, user);
    recordAct(tx, {
      action: 'user.setRole',
      subjectId: userId,
      reason: `${target.role} to ${input.role}. ${reason}`.trim(),
    });
  });
  return changed(ctx, userId);
}

const notYours = () => new CodedError('FORBIDDEN', 'Nobody acts on a person of their own role or a higher one.');

export interface SuspendUserInput {
  readonly userId: Id;
  /** Null: for good. */
  readonly until?: Date | null;
  readonly reason: string;
}

/** Ends all sessions and stops all keys at once. A further suspension takes the place of the one before. */
export async function suspendUser(ctx: Context, input: SuspendUserInput): Promise<UserRow | null> {
  const { userId, until, reason } = checkInput((check) => {
    const until = input.until ?? null;
    check.that('until', until === null || until > new Date(), 'until is in the future; leave it out for good.');
    return {
      userId: check.id('userId', 'user', input.userId),
      until,
      reason: check.text('reason', input.reason, { ...REASON, min: 1 }),
    };
  });
  await ctx.change(async (tx) => {
    const target = await rightsOver(tx, userId);
    await tx.rows(sql`
      insert into suspension (user_id, until, reason) values (${toUuid(target.id)}, ${until}, ${reason})
      on conflict (user_id) do update set until = excluded.until, reason = excluded.reason, suspended_at = now()`);
    await endSessionsOf(tx, userId, 'suspended');
    recordAct(tx, {
      action: 'user.suspend',
      subjectId: userId,
      reason: `${until?.toISOString() ?? 'for good'}: ${reason}`,
    });
  });
  await forgetPresence(ctx, userId);
  return changed(ctx, userId);
}

export interface ReinstateUserInput {
  readonly userId: Id;
  readonly reason?: string | null;
}

/** Reinstating twice is reinstating once. Their keys are good again; sessions they begin anew. */
export async function reinstateUser(ctx: Context, input: ReinstateUserInput): Promise<UserRow | null> {
  const { userId, reason } = checkInput((check) => ({
    userId: check.id('userId', 'user', input.userId),
    reason: check.text('reason', input.reason ?? '', REASON),
  }));
  await ctx.change(async (tx) => {
    await rightsOver(tx, userId);
    const ended = await tx.rows(sql`
      delete from suspension where user_id = ${toUuid(userId)} and (until is null or until > now()) returning 1`);
    if (ended.length > 0) recordAct(tx, { action: 'user.reinstate', subjectId: userId, reason });
  });
  return changed(ctx, userId);
}

/** The person, for a moderator or administrator of a higher role. */
async function rightsOver(tx: Change, userId: Id): Promise<Rights> {
  await lockRights(tx);
  const actor = await actorRole(tx);
  const target = await targetOf(tx, userId);
  const isEqual = actor === target.role || tx.viewer.userId === userId;
  if (actor === 'user' || isEqual || !mayActOn(actor, target.role)) throw notYours();
  return target;
}

async function changed(ctx: Context, userId: Id): Promise<UserRow | null> {
  userById.clear(ctx, userId);
  suspensionByUser.clear(ctx, userId);
  return userById(ctx, userId);
}
