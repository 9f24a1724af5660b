import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { can } from './permissions.ts';
import { isHidden } from './people/people.loaders.ts';

/** Whether the viewer is in the community of this column. */
export const isMember = (ctx: Context, communityId: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null
    ? sql`false`
    : sql`exists (select 1 from community_member m
        where m.community_id = ${communityId} and m.user_id = ${toUuid(ctx.viewer.userId)} and m.is_member)`;

/** Whether the viewer looks after the community of this column. */
const isModerated = (ctx: Context, communityId: RawBuilder<unknown>): RawBuilder<boolean> =>
  ctx.viewer.userId === null
    ? sql`false`
    : sql`exists (select 1 from community_member m
        where m.community_id = ${communityId} and m.user_id = ${toUuid(ctx.viewer.userId)} and m.is_member
          and m.role in ('moderator', 'owner'))`;

/** Whether what this person wrote in this community is hidden from the viewer by a block between them. */
export const isHiddenIn = (
  ctx: Context,
  person: RawBuilder<unknown>,
  communityId: RawBuilder<unknown>,
): RawBuilder<boolean> => isHidden(ctx, person, isModerated(ctx, communityId));

/** The same of what this person wrote under this post. */
export const isHiddenUnder = (
  ctx: Context,
  person: RawBuilder<unknown>,
  postId: RawBuilder<unknown>,
): RawBuilder<boolean> =>
  isHidden(
    ctx,
    person,
    sql`exists (select 1 from post_access o where o.post_id = ${postId} and ${isModerated(ctx, sql.ref('o.community_id'))})`,
  );

/** Whether what is in this community may be seen: it is public, or the viewer is in it. Unknown is private. */
export const visibleCommunity = (ctx: Context, communityId: RawBuilder<unknown>): RawBuilder<boolean> =>
  can(ctx.viewer, 'community.readPrivate')
    ? sql`true`
    : sql`(exists (select 1 from community_access c where c.community_id = ${communityId} and not c.is_private)
        or ${isMember(ctx, communityId)})`;

/**
 * The same answer content gives, from its events: published, in no private community of others and by nobody between whom
 * and the viewer there is a block; or the viewer's own draft. `a` is the row of post_access. What has not arrived is invisible.
 */
export function visiblePost(ctx: Context): RawBuilder<boolean> {
  const { userId, kind } = ctx.viewer;
  if (kind === 'system') return sql`a.status <> 'DELETED'`;
  const own = userId === null ? sql`false` : sql`a.author_id = ${toUuid(userId)}`;
  const open = sql`(a.community_id is null or ${visibleCommunity(ctx, sql.ref('a.community_id'))})`;
  const isShown = sql`not ${isHiddenIn(ctx, sql.ref('a.author_id'), sql.ref('a.community_id'))}`;
  return sql`((a.status = 'PUBLISHED' and ${open} and ${isShown}) or (a.status = 'DRAFT' and ${own}))`;
}

export interface PostAccess {
  id: Id;
  authorId: Id;
  communityId: Id | null;
  status: string;
  publishedAt: Date | null;
}

const toPostAccess = rowMapper<PostAccess>({ id: 'post', authorId: 'user', communityId: 'community' });

/** What is known here of a post the viewer may see; null for the rest. */
export const visiblePostById = defineLoader<Id, PostAccess | null>(async (ctx, ids) => {
  const rows = await ctx.rows<PostAccess>(sql`
    select a.post_id as id, a.author_id as "authorId", a.community_id as "communityId", a.status, a.published_at as "publishedAt"
    from post_access a where a.post_id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`);
  return inOrder(ids, rows.map(toPostAccess), (row) => row.id);
});

/** Whether the viewer looks after the community: its moderators and owner. */
export const moderates = defineLoader<Id, boolean>(async (ctx, ids) => {
  if (ctx.viewer.userId === null) return ids.map(() => false);
  const rows = await ctx.rows<{ id: string }>(sql`
    select community_id as id from community_member
    where user_id = ${toUuid(ctx.viewer.userId)} and community_id = any(${toUuids(ids)}::uuid[])
      and is_member and role in ('moderator', 'owner')`);
  const own = new Set(rows.map((row) => row.id));
  return ids.map((id) => own.has(toUuid(id)));
});
