import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { UserErrors } from 'kit/errors';
import { type Id, toUuid } from 'kit/ids';
import { settingsOf } from '../config.ts';
import { verifyPassword } from '../password.ts';

/**
 * Makes sure that whoever holds the session knows the password too, and answers the hash it was checked against. Throws user
 * errors at `field` where not. Tries are counted per person: a stolen session is no place to guess at leisure.
 */
export async function checkOwnPassword(ctx: Context, userId: Id, password: string, field: string): Promise<string> {
  const points = settingsOf(ctx).LIMIT_SIGN_IN_PER_MINUTE;
  await ctx.services.limiter.take({ name: 'password checks', points, durationSeconds: 60 }, userId);
  const [own] = await ctx.rows<{ hash: string }>(
    sql`select password_hash as hash from "user" where id = ${toUuid(userId)} and deleted_at is null`,
  );
  if (own && (await verifyPassword(ctx, own.hash, password))) return own.hash;
  throw new UserErrors([{ field: [field], code: 'UNAUTHENTICATED', message: 'That is not your password.' }]);
}
