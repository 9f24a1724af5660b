import { createHash, randomBytes } from 'node:crypto';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid } from 'kit/ids';

export interface NewToken {
  /** What it is good for: `verify-email`. A token of one purpose is nothing to another. */
  readonly purpose: string;
  readonly userId: Id;
  readonly lifetimeSeconds: number;
  /** Nothing secret: it is stored as it is. */
  readonly data?: object;
  /** Leaves older ones of the same purpose and person alive. */
  readonly keepOthers?: boolean;
}

export interface SpentToken {
  readonly userId: Id;
  readonly data: Readonly<Record<string, unknown>>;
}

/** 32 random bytes in base64url. */
const SECRET = /^[\w-]{43}$/;

export const hashOfToken = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Makes a secret for one use and answers it; only its SHA-256 is stored. It goes into a mail and nowhere else. */
export async function issueToken(tx: Change, token: NewToken): Promise<string> {
  const { purpose, userId, lifetimeSeconds, data = {}, keepOthers = false } = token;
  if (!keepOthers) await endTokensOf(tx, userId, [purpose]);
  const secret = randomBytes(32).toString('base64url');
  await tx.rows(sql`
    insert into token (hash, purpose, user_id, data, expires_at)
    values (${hashOfToken(secret)}, ${purpose}, ${toUuid(userId)}, ${JSON.stringify(data)},
      now() + ${lifetimeSeconds} * interval '1 second')`);
  return secret;
}

/** Uses a token up, in the caller's transaction: two at once, and only one of them gets it. Null for what is not good (any more). */
export async function spendToken(tx: Change, purpose: string, secret: string): Promise<SpentToken | null> {
  if (!SECRET.test(secret)) return null;
  const [spent] = await tx.rows<{ userId: string; data: Record<string, unknown>; isAlive: boolean }>(sql`
    delete from token where hash = ${hashOfToken(secret)} and purpose = ${purpose}
    returning user_id as "userId", data, expires_at > now() as "isAlive"`);
  return spent?.isAlive ? { userId: fromUuid('user', spent.userId), data: spent.data } : null;
}

/** Whether a token could be spent now, for what is costly to prepare. Spending it is what counts. */
export async function isTokenAlive(ctx: Context, purpose: string, secret: string): Promise<boolean> {
  if (!SECRET.test(secret)) return false;
  const rows = await ctx.rows(
    sql`select 1 from token where hash = ${hashOfToken(secret)} and purpose = ${purpose} and expires_at > now()`,
  );
  return rows.length > 0;
}

/** Ends a person's tokens, all of them or those of some purposes. */
export async function endTokensOf(tx: Change, userId: Id, purposes?: readonly string[]): Promise<void> {
  const only = purposes ? sql`and purpose = any(${[...purposes]}::text[])` : sql``;
  await tx.rows(sql`delete from token where user_id = ${toUuid(userId)} ${only}`);
}

/** Removes what nobody can use any more. */
export async function removeExpiredTokens(ctx: Context): Promise<void> {
  await ctx.rows(sql`delete from token where expires_at < now() - interval '1 day'`);
}
