import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { foldUsername } from '../username.ts';

export interface SignInAccount {
  /** The column's own form. */
  readonly id: string;
  readonly hash: string;
  readonly isVerified: boolean;
}

/**
 * The account that a username, or a confirmed address, signs in to. An address that nobody has confirmed is nobody's: such an
 * account signs in by its username.
 */
export async function accountForSignIn(ctx: Context, identifier: string): Promise<SignInAccount | null> {
  const is = identifier.includes('@')
    ? sql`email_folded = ${identifier.trim().toLowerCase()} and email_verified_at is not null`
    : sql`username_folded = ${foldUsername(identifier)}`;
  const [account] = await ctx.rows<SignInAccount>(sql`
    select id, password_hash as hash, email_verified_at is not null as "isVerified"
    from "user" where ${is} and deleted_at is null`);
  return account ?? null;
}
