import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { fromUuid, type Id, toUuid } from 'kit/ids';
import { type Connection, connectionOf, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
import { isHidden } from '../../access/people/people.loaders.ts';
import {
  communityColumns,
  type CommunityRow,
  isModerated,
  type MemberRole,
  toCommunity,
  visibleCommunity,
} from './community.loaders.ts';

export async function communitiesByAge(ctx: Context, args: PageArguments): Promise<Connection<CommunityRow>> {
  const page = pageOf('communities', args, ['id']);
  const comparison = page.backward ? sql`>` : sql`<`;
  const from = page.key ? sql`and c.id ${comparison} ${toUuid(String(page.key[0]))}::uuid` : sql``;
  const rows = await ctx.rows<CommunityRow>(sql`
    select ${communityColumns} from community c where ${visibleCommunity(ctx)} ${from}
    order by c.id ${page.backward ? sql`asc` : sql`desc`} limit ${rowsOfPage(page)}`);
  return connectionOf('communities', page, rows.map(toCommunity), (row) => [row.id]);
}

export interface MemberRow {
  readonly userId: Id;
  readonly role: MemberRole;
  readonly joinedAt: Date;
}

/**
 * Members by name of their id, oldest account first; the caller has seen that the viewer may see the community. Those
 * between whom and the viewer there is a block are left out, unless the viewer looks after the community.
 */
export async function membersOf(ctx: Context, communityId: Id, args: PageArguments): Promise<Connection<MemberRow>> {
  const list = `members:${communityId}`;
  const page = pageOf(list, args, ['id']);
  const comparison = page.backward ? sql`<` : sql`>`;
  const community = sql`${toUuid(communityId)}::uuid`;
  const isOut = isHidden(ctx, sql.ref('user_id'), isModerated(ctx, community));
  const from = page.key ? sql`and user_id ${comparison} ${toUuid(String(page.key[0]))}::uuid` : sql``;
  const rows = await ctx.rows<MemberRow>(sql`
    select user_id as "userId", role, joined_at as "joinedAt" from community_member
    where community_id = ${community} and not ${isOut} ${from}
    order by user_id ${page.backward ? sql`desc` : sql`asc`} limit ${rowsOfPage(page)}`);
  const members = rows.map((row) => ({ ...row, userId: fromUuid('user', row.userId) }));
  return connectionOf(list, page, members, (row) => [row.userId]);
}
