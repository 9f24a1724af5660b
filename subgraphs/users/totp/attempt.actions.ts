import { addressKey } from 'kit/address';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { networkOf } from '../session/origin.loaders.ts';

/** How a sign-in is proved after the password. */
export type ProofKind = 'TOTP' | 'RECOVERY_CODE' | 'MAIL';

/**
 * Counts a try at a code. Six digits cannot stand many, so tries from anywhere in the world are bounded together by account;
 * those from networks the person has signed in from are counted apart, so that strangers who know a password use up nothing
 * of the owner's. Recovery codes and links are too long to be guessed, and stay a way in.
 * Throws RATE_LIMITED.
 */
export async function takeCodeTry(ctx: Context, userId: Id, kind: ProofKind): Promise<void> {
  const { LIMIT_SIGN_IN_PER_MINUTE, LIMIT_SECOND_FACTOR_PER_HOUR } = settingsOf(ctx);
  const { address } = ctx.client;
  const perMinute = { name: 'second factor', points: LIMIT_SIGN_IN_PER_MINUTE, durationSeconds: 60 };
  await ctx.services.limiter.take(perMinute, `${userId}|${addressKey(address)}`);
  if (kind !== 'TOTP') return;
  const network = networkOf(address);
  const [known] = await ctx.rows(sql`
    select 1 from sign_in where user_id = ${toUuid(userId)} and network = ${network} and outcome = 'SUCCEEDED' limit 1`);
  const perHour = { name: 'second factor', points: LIMIT_SECOND_FACTOR_PER_HOUR, durationSeconds: 3600 };
  await ctx.services.limiter.take(perHour, `${userId}|${known ? network : 'elsewhere'}`);
}
