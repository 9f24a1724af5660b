import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { definePages } from 'kit/loaders';
import { type Connection, connectionOf, type Page, type PageArguments, pageOf, rowsOfPage } from 'kit/page';
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
  readonly communityId: Id;
  readonly userId: Id;
  readonly role: MemberRole;
  readonly joinedAt: Date;
}

const toMember = rowMapper<MemberRow>({ communityId: 'community', userId: 'user' });

/**
 * Members by name of their id, oldest account first; the caller has seen that the viewer may see the community. Those
 * between whom and the viewer there is a block are left out, unless the viewer looks after the community. Of many
 * communities at once it is one statement.
 */
export async function membersOf(ctx: Context, communityId: Id, args: PageArguments): Promise<Connection<MemberRow>> {
  const list = `members:${communityId}`;
  const page = pageOf(list, args, ['id']);
  return connectionOf(list, page, await rowsOfCommunities(ctx, communityId, page), (row) => [row.userId]);
}

const rowsOfCommunities = definePages(
  async (ctx, communityIds, page: Page) => {
    const comparison = page.backward ? sql`<` : sql`>`;
    const direction = page.backward ? sql`desc` : sql`asc`;
    const isOut = isHidden(ctx, sql.ref('c.user_id'), isModerated(ctx, sql.ref('community.id')));
    const from = page.key ? sql`and c.user_id ${comparison} ${toUuid(String(page.key[0]))}::uuid` : sql``;
    const rows = await ctx.rows<MemberRow>(sql`
      select member.* from unnest(${toUuids(communityIds)}::uuid[]) as community (id) cross join lateral (
        select c.community_id as "communityId", c.user_id as "userId", c.role, c.joined_at as "joinedAt"
        from community_member c where c.community_id = community.id and not ${isOut} ${from}
        order by c.user_id ${direction} limit ${rowsOfPage(page)}) member
      order by member."userId" ${direction}`);
    return rows.map(toMember);
  },
  (row) => row.communityId,
);
