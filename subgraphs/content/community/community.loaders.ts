import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { fromUuid, type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { can } from '../../access/permissions.ts';

export interface CommunityRow {
  id: Id;
  name: string;
  description: string;
  rules: string;
  isPrivate: boolean;
  ownerId: Id;
  membersCount: number;
  createdAt: Date;
}

export const toCommunity = rowMapper<CommunityRow>({ id: 'community', ownerId: 'user' });

export const communityColumns = sql`c.id, c.name, c.description, c.rules, c.is_private as "isPrivate",
  c.owner_id as "ownerId", c.members_count as "membersCount", c.created_at as "createdAt"`;

export const foldCommunityName = (name: string): string => name.normalize('NFKC').toLowerCase();

/** Whether the viewer is in the community of this column. */
export const isMember = (ctx: Context, community: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null
    ? sql`false`
    : sql`exists (select 1 from community_member m where m.community_id = ${community} and m.user_id = ${toUuid(ctx.viewer.userId)})`;

/** Whether the viewer looks after the community of this column. */
export const isModerated = (ctx: Context, community: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null
    ? sql`false`
    : sql`exists (select 1 from community_member m
        where m.community_id = ${community} and m.user_id = ${toUuid(ctx.viewer.userId)} and m.role in ('moderator', 'owner'))`;

/** A private community exists for its members and for administrators. `c` is the community's row. */
export const visibleCommunity = (ctx: Context): RawBuilder<boolean> =>
  can(ctx.viewer, 'community.readPrivate') ? sql`true` : sql`(not c.is_private or ${isMember(ctx, sql.ref('c.id'))})`;

export const communityById = defineLoader<Id, CommunityRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<CommunityRow>(
    sql`select ${communityColumns} from community c where c.id = any(${toUuids(ids)}::uuid[]) and ${visibleCommunity(ctx)}`,
  );
  return inOrder(ids, rows.map(toCommunity), (row) => row.id);
});

export const communityByName = defineLoader<string, CommunityRow | null>(async (ctx, names) => {
  const folded = names.map(foldCommunityName);
  const rows = await ctx.rows<CommunityRow>(
    sql`select ${communityColumns} from community c where c.name_folded = any(${folded}::text[]) and ${visibleCommunity(ctx)}`,
  );
  return inOrder(folded, rows.map(toCommunity), (row) => foldCommunityName(row.name));
});

export type MemberRole = 'member' | 'moderator' | 'owner';

/** The viewer's role in each community, null where they are not in it. */
export const roleInCommunity = defineLoader<Id, MemberRole | null>(async (ctx, ids) => {
  if (ctx.viewer.userId === null) return ids.map(() => null);
  const rows = await ctx.rows<{ id: string; role: MemberRole }>(sql`
    select community_id as id, role from community_member
    where user_id = ${toUuid(ctx.viewer.userId)} and community_id = any(${toUuids(ids)}::uuid[])`);
  const roles = new Map(rows.map((row) => [fromUuid('community', row.id), row.role]));
  return ids.map((id) => roles.get(id) ?? null);
});
