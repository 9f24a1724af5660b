import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { notFound } from 'kit/errors';
import { checkId, type Id, rowMapper, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { can } from '../../access/permissions.ts';

export interface SignInRow {
  readonly id: Id;
  readonly at: Date;
  readonly outcome: string;
  readonly score: number;
  readonly reasons: readonly string[];
  readonly device: string;
  readonly userAgent: string;
  readonly address: string;
  readonly place: object | null;
}

export interface LoginHistoryArguments extends PageArguments {
  readonly userId?: Id | null;
}

const toSignIn = rowMapper<SignInRow>({ id: 'signin' });

/** Tries to sign in to one's own account, or as an administrator to anybody's; newest first. */
export async function loginHistoryOf(
  ctx: Context,
  { userId, ...args }: LoginHistoryArguments,
): Promise<Connection<SignInRow>> {
  const whose = userId == null ? ctx.viewer.userId : checkId('user', userId, 'userId');
  if (whose === null || !can(ctx.viewer, 'user.readHistory', { ownerId: whose }))
    return notFound('User', whose ?? '', ['userId']);
  const list = `loginHistory:${whose}`;
  const page = pageOf(list, args, ['id']);
  const [id] = page.key ?? [];
  const comparison = page.backward ? sql`>` : sql`<`;
  const from = id === undefined ? sql`` : sql`and id ${comparison} ${toUuid(String(id))}::uuid`;
  const order = page.backward ? sql`asc` : sql`desc`;
  const rows = await ctx.rows<SignInRow>(sql`
    select id, at, outcome, score, reasons, device, user_agent as "userAgent", address, place
    from sign_in where user_id = ${toUuid(whose)} ${from} order by id ${order} limit ${rowsOfPage(page)}`);
  return connectionOf(list, page, rows.map(toSignIn), (signIn) => [signIn.id]);
}
