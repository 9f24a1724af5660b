import type { Change } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid, type Id } from 'kit/ids';
import { foldUsername } from '../username.ts';
import type { TemplateName } from './mail.templates.ts';

export interface MailRow {
  readonly effectKey: string;
  readonly template: string;
  readonly userId: string | null;
  readonly address: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly tries: number;
  readonly isOld: boolean;
}

export interface Recipient {
  readonly template: TemplateName;
  readonly userId: Id | null;
  readonly username: string;
  readonly address: string;
  /** Whether it is the address of an account that has not confirmed it: then it may be anybody's. */
  readonly isUnconfirmed: boolean;
}

interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly isVerified: boolean;
}

const person = sql`u.id, u.username, u.email, u.email_verified_at is not null as "isVerified"`;

/**
 * To whom a mail goes, decided when it is sent, and with it what the one who asked was not told: whether an address has an
 * account. Null where there is nobody (any more).
 */
export async function recipientOf(tx: Change, mail: MailRow): Promise<Recipient | null> {
  const name = mail.template as TemplateName;
  if (mail.template === 'reset') return withAccount(await byIdentifier(tx, String(mail.data['identifier'])), name);
  if (name === 'verification') return toBeVerified(tx, mail);
  if (mail.userId === null) {
    if (mail.address === null) return null;
    return { template: name, userId: null, username: '', address: mail.address, isUnconfirmed: false };
  }
  const found = await one(tx, sql`u.id = ${mail.userId}`);
  const to = withAccount(found, name, mail.address);
  if (!to || !found || name !== 'emailChangeNew') return to;
  return (await isTaken(tx, to.address, found.id)) ? { ...to, template: 'emailTaken' } : to;
}

async function toBeVerified(tx: Change, { userId, data }: MailRow): Promise<Recipient | null> {
  const is = userId ? sql`u.id = ${userId}` : sql`u.username_folded = ${foldUsername(String(data['username']))}`;
  const found = await one(tx, is);
  if (!found || found.isVerified) return null;
  return withAccount(found, (await isTaken(tx, found.email, found.id)) ? 'accountExists' : 'verification');
}

function withAccount(
  found: Person | undefined,
  template: TemplateName,
  address: string | null = null,
): Recipient | null {
  if (!found) return null;
  const { id, username, email, isVerified } = found;
  return { template, userId: fromUuid('user', id), username, address: address ?? email, isUnconfirmed: !isVerified };
}

async function one(tx: Change, is: RawBuilder<unknown>): Promise<Person | undefined> {
  return (await tx.rows<Person>(sql`select ${person} from "user" u where ${is} and u.deleted_at is null`))[0];
}

async function byIdentifier(tx: Change, identifier: string): Promise<Person | undefined> {
  const is = identifier.includes('@')
    ? sql`u.email_folded = ${identifier.trim().toLowerCase()}`
    : sql`u.username_folded = ${foldUsername(identifier)}`;
  return one(tx, sql`${is} and u.email_verified_at is not null`);
}

async function isTaken(tx: Change, address: string, exceptUuid: string): Promise<boolean> {
  const rows = await tx.rows(sql`
    select 1 from "user" u
    where u.email_folded = ${address.trim().toLowerCase()} and u.email_verified_at is not null and u.id <> ${exceptUuid}`);
  return rows.length > 0;
}
