import type { Change } from 'kit/context';
import { sql } from 'kit/database';
import type { Id } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { queueMail } from '../mail/mail.actions.ts';
import { refuseSuspended } from '../role/role.loaders.ts';
import type { Origin } from '../session/origin.loaders.ts';
import { nameOfPlace } from '../session/place.loaders.ts';
import { type NewSession, startSession } from '../session/session.actions.ts';
import type { Reason } from './score.ts';

/** What a sign-in must still prove after the password: a code of the second factor, a link in a mail. */
export type Need = 'CODE' | 'MAIL';

export interface Person {
  readonly passwordHash: string;
  readonly isVerified: boolean;
}

/**
 * Holds the person's row until the session is in the database. A password that changes at this moment has changed before, and
 * is seen here, or ends this session too.
 */
export async function lockPerson(tx: Change, userUuid: string, isChanging = false): Promise<Person | null> {
  const [person] = await tx.rows<Person>(sql`
    select password_hash as "passwordHash", email_verified_at is not null as "isVerified"
    from "user" where id = ${userUuid} and deleted_at is null ${isChanging ? sql`for no key update` : sql`for share`}`);
  return person ?? null;
}

/** From which score on the owner hears of a sign-in; of a new device always. */
const TOLD_SCORE = 40;

/** All is proved: the session starts, and the owner hears of it where it was unusual. */
export async function succeed(tx: Change, userId: Id, signInUuid: string, origin: Origin): Promise<NewSession> {
  await refuseSuspended(tx, userId);
  const [signIn] = await tx.rows<{ score: number; reasons: readonly Reason[] }>(sql`
    update sign_in set outcome = 'SUCCEEDED' where id = ${signInUuid} returning score, reasons`);
  const { score = 0, reasons = [] } = signIn ?? {};
  if (score >= TOLD_SCORE || reasons.includes('NEW_DEVICE')) {
    const { userAgent, place } = origin;
    const data = { at: new Date().toISOString(), userAgent, place: nameOfPlace(place), reasons: reasons.map(inWords) };
    await queueMail(tx, { template: 'newLogin', userId, data, effectKey: `new-login:${signInUuid}` });
  }
  return startSession(tx, userId, origin);
}

const inWords = (reason: Reason): string => reason.toLowerCase().replaceAll('_', ' ');

/** Whether a link can be sent: to a confirmed address, by a server that is set up. */
export function mayAskByMail(tx: Change, { isVerified }: Person): boolean {
  const { MAIL_URL, NODE_ENV } = settingsOf(tx);
  return isVerified && (MAIL_URL !== undefined || NODE_ENV !== 'production');
}
