import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { badInput, CodedError, notFound } from 'kit/errors';
import { checkId, type Id, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';

/** What one person may have with another, in a table of its own: `follow (follower_id, followed_id, followed_at)`. */
export interface Relation {
  readonly table: 'follow' | 'block' | 'mute';
  readonly one: 'follower' | 'blocker' | 'muter';
  readonly other: 'followed' | 'blocked' | 'muted';
  /** That one person may have. */
  readonly most?: number;
}

export interface RelationInput {
  readonly userId: Id;
}

/**
 * The viewer, about to begin or end a relation with another person. Each kind is counted by itself: whoever is pestered can
 * block, however much they have followed. Throws for an id that is none, for oneself, and RATE_LIMITED.
 */
export async function actorOf(ctx: Context, { table }: Relation, userId: Id): Promise<Id> {
  checkId('user', userId, 'userId');
  const viewerId = ctx.viewer.userId ?? notFound('User', userId);
  if (viewerId === userId) badInput('userId', `Nobody ${table}s themselves.`);
  const points = settingsOf(ctx).LIMIT_RELATION_CHANGES_PER_HOUR;
  await ctx.services.limiter.take({ name: `${table}s`, points, durationSeconds: 3600 }, viewerId);
  return viewerId;
}

/**
 * Begins a relation behind the locks of both people, so that what else the two begin or end at this moment is seen, or waits.
 * Answers whether it is new. Throws CONFLICT where the person has as many as they may.
 */
export async function begin(tx: Change, relation: Relation, one: Id, other: Id): Promise<boolean> {
  const { table, rowOf, at } = namesOf(relation);
  await lockPair(tx, one, other);
  await checkRoom(tx, relation, one, other);
  // A cursor holds milliseconds: what the column held beyond them would be skipped between pages.
  const added = await tx.rows(sql`
    insert into ${table} (${rowOf}, ${at}) values (${toUuid(one)}, ${toUuid(other)}, date_trunc('milliseconds', now()))
    on conflict do nothing returning 1`);
  return added.length > 0;
}

/** Ends a relation, also with somebody who is out of sight. Answers whether there was one. */
export async function end(tx: Change, relation: Relation, one: Id, other: Id): Promise<boolean> {
  const { table, rowOf } = namesOf(relation);
  const removed = await tx.rows(
    sql`delete from ${table} where (${rowOf}) = (${toUuid(one)}::uuid, ${toUuid(other)}::uuid) returning 1`,
  );
  return removed.length > 0;
}

/** Locks two people in the order of their ids, so that two who act on each other at once do not wait for one another. */
async function lockPair(tx: Change, one: Id, other: Id): Promise<void> {
  await tx.rows(
    sql`select id from "user" where id in (${toUuid(one)}, ${toUuid(other)}) order by id for no key update`,
  );
}

/** What one person has is read with all that they read: it has a bound. */
async function checkRoom(tx: Change, relation: Relation, one: Id, other: Id): Promise<void> {
  const { most, other: done } = relation;
  if (most === undefined) return;
  const { table, oneId, otherId } = namesOf(relation);
  const [{ count } = { count: 0 }] = await tx.rows<{ count: number }>(
    sql`select count(*) as count from ${table} where ${oneId} = ${toUuid(one)} and ${otherId} <> ${toUuid(other)}`,
  );
  if (count >= most) throw new CodedError('CONFLICT', `At most ${most} people are ${done}.`, ['userId']);
}

function namesOf({ table, one, other }: Relation) {
  const [oneId, otherId] = [sql.ref(`${one}_id`), sql.ref(`${other}_id`)];
  return { table: sql.table(table), oneId, otherId, rowOf: sql`${oneId}, ${otherId}`, at: sql.ref(`${other}_at`) };
}
