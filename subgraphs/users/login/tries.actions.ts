import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import type { Id } from 'kit/ids';
import { queueMail } from '../mail/mail.actions.ts';
import type { Origin } from '../session/origin.loaders.ts';
import { nameOfPlace } from '../session/place.loaders.ts';

const HOUR_MS = 3_600_000;
const keyOf = (userId: Id, hour: number): string => `second-factor-tries:${userId}:${hour}`;

/** Tells the owner that somebody has their password and no proof beside it; once an hour at most, however long they go on. */
export async function tellOfTries(tx: Change, userId: Id, { userAgent, place }: Origin): Promise<void> {
  const now = new Date();
  const hour = Math.floor(now.getTime() / HOUR_MS);
  // The hour before may have ended a moment ago.
  const [told] = await tx.rows(sql`
    select 1 from mail where effect_key = ${keyOf(userId, hour - 1)} and queued_at > now() - interval '1 hour'`);
  if (told) return;
  const data = { at: now.toISOString(), userAgent, place: nameOfPlace(place) };
  await queueMail(tx, { template: 'secondFactorTries', userId, data, effectKey: keyOf(userId, hour) });
}
