import { sql } from 'kit/database';
import { id, moment, nullable, on, text, truth } from 'kit/events';
import { toUuid } from 'kit/ids';

const uuidOrNull = (value: string | null): string | null => (value === null ? null : toUuid(value));

const postSaved = on(
  'post.saved',
  1,
  { postId: id, authorId: id, communityId: nullable(id), status: text, publishedAt: nullable(moment) },
  async (ctx, post, { aggregateVersion }) => {
    await ctx.rows(sql`
      insert into post_access (post_id, author_id, community_id, status, published_at, version)
      values (${toUuid(post.postId)}, ${toUuid(post.authorId)}, ${uuidOrNull(post.communityId)}, ${post.status},
              ${post.publishedAt}, ${aggregateVersion})
      on conflict (post_id) do update set community_id = excluded.community_id, status = excluded.status,
        published_at = excluded.published_at, version = excluded.version
      where post_access.version < excluded.version`);
  },
);

// The row stays as a tombstone: an event that comes late cannot bring the post back.
const postDeleted = on(
  'post.deleted',
  1,
  { postId: id, authorId: id, communityId: nullable(id) },
  async (ctx, post, { aggregateVersion }) => {
    await ctx.rows(sql`
      insert into post_access (post_id, author_id, community_id, status, version)
      values (${toUuid(post.postId)}, ${toUuid(post.authorId)}, ${uuidOrNull(post.communityId)}, 'DELETED', ${aggregateVersion})
      on conflict (post_id) do update set status = 'DELETED', version = excluded.version
      where post_access.version < excluded.version`);
  },
);

const communitySaved = on(
  'community.saved',
  1,
  { communityId: id, isPrivate: truth },
  async (ctx, { communityId, isPrivate }, { aggregateVersion }) => {
    await ctx.rows(sql`
      insert into community_access (community_id, is_private, version)
      values (${toUuid(communityId)}, ${isPrivate}, ${aggregateVersion})
      on conflict (community_id) do update set is_private = excluded.is_private, version = excluded.version
      where community_access.version < excluded.version`);
  },
);

const memberJoined = on(
  'member.joined',
  1,
  { communityId: id, userId: id, role: text },
  async (ctx, { communityId, userId, role }, { aggregateVersion }) => {
    await ctx.rows(sql`
      insert into community_member (community_id, user_id, role, is_member, version)
      values (${toUuid(communityId)}, ${toUuid(userId)}, ${role}, true, ${aggregateVersion})
      on conflict (community_id, user_id) do update set role = excluded.role, is_member = true, version = excluded.version
      where community_member.version < excluded.version`);
  },
);

const memberLeft = on(
  'member.left',
  1,
  { communityId: id, userId: id },
  async (ctx, { communityId, userId }, { aggregateVersion }) => {
    await ctx.rows(sql`
      insert into community_member (community_id, user_id, role, is_member, version)
      values (${toUuid(communityId)}, ${toUuid(userId)}, 'member', false, ${aggregateVersion})
      on conflict (community_id, user_id) do update set is_member = false, version = excluded.version
      where community_member.version < excluded.version`);
  },
);

export const subscribers = [postSaved, postDeleted, communitySaved, memberJoined, memberLeft];
