import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import type { Origin } from '../session/origin.loaders.ts';
import { assess, type Assessment, type Earlier } from './score.ts';

export type Outcome = 'FAILED' | 'CHALLENGED' | 'SUCCEEDED';

/** A network's failures beyond so many in an hour say nothing new, and would fill the table. */
const MOST_FAILURES = 20;

/** Puts a failure down; of nobody's account too, which takes as long. */
export async function recordFailure(ctx: Context, userUuid: string | null, origin: Origin): Promise<void> {
  const { device, userAgent, address, network, place } = origin;
  await ctx.rows(sql`
    insert into sign_in (id, user_id, outcome, device, user_agent, address, network, place)
    select ${toUuid(newId('signin'))}::uuid, ${userUuid}::uuid, 'FAILED', ${device}, ${userAgent}, ${address}, ${network},
      ${place && JSON.stringify(place)}::jsonb
    where (
      select count(*) from (
        select 1 from sign_in where network = ${network} and outcome = 'FAILED' and at > now() - interval '1 hour'
          and user_id is not distinct from ${userUuid}::uuid limit ${sql.lit(MOST_FAILURES)}) same) < ${MOST_FAILURES}`);
}

/** Puts down a sign-in with the right password, and answers its id. */
export async function recordSignIn(
  ctx: Context,
  userId: Id,
  outcome: Exclude<Outcome, 'FAILED'>,
  { score, reasons }: Assessment,
  origin: Origin,
): Promise<Id> {
  const id = newId('signin');
  const { device, userAgent, address, network, place } = origin;
  await ctx.rows(sql`
    insert into sign_in (id, user_id, outcome, score, reasons, device, user_agent, address, network, place)
    values (${toUuid(id)}, ${toUuid(userId)}, ${outcome}, ${score}, ${[...reasons]}::text[], ${device}, ${userAgent},
      ${address}, ${network}, ${place && JSON.stringify(place)})`);
  return id;
}

const REMEMBERED = 50;
const MOST_COUNTED = 200;

/** How unusual it is that this person signs in from there now. */
export async function assessSignIn(ctx: Context, userId: Id, origin: Origin): Promise<Assessment> {
  const uuid = toUuid(userId);
  const days = settingsOf(ctx).SIGN_IN_HISTORY_DAYS;
  const succeeded = await ctx.rows<Earlier>(sql`
    select at, device, network, place from sign_in
    where user_id = ${uuid} and outcome = 'SUCCEEDED' and at > now() - ${days} * interval '1 day'
    order by at desc limit ${sql.lit(REMEMBERED)}`);
  const [failed] = await ctx.rows<{ failures: number; networks: number; fromNetwork: number }>(sql`
    with recent as (
      select network from sign_in where user_id = ${uuid} and outcome = 'FAILED' and at > now() - interval '1 hour'
      order by at desc limit ${sql.lit(MOST_COUNTED)}),
    others as (
      select 1 from sign_in where network = ${origin.network} and outcome = 'FAILED' and at > now() - interval '1 hour'
        and user_id is distinct from ${uuid}::uuid limit ${sql.lit(MOST_COUNTED)})
    select (select count(*) from recent) as failures, (select count(distinct network) from recent) as networks,
      (select count(*) from others) as "fromNetwork"`);
  return assess(
    { at: new Date(), device: origin.device, network: origin.network, place: origin.place },
    {
      succeeded,
      failures: failed?.failures ?? 0,
      failedNetworks: failed?.networks ?? 0,
      failuresFromNetwork: failed?.fromNetwork ?? 0,
    },
  );
}
