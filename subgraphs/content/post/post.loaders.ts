import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Id, rowMapper, toUuid, toUuids } from 'kit/ids';
import { defineLoader, inOrder } from 'kit/loaders';
import { can, permitted } from '../../access/permissions.ts';
import { isHidden, isMuted } from '../../access/people/people.loaders.ts';
import { isMember, isModerated } from '../community/community.loaders.ts';
import type { PostStatus } from './post.entity.ts';

export interface PostRow {
  id: Id;
  authorId: Id;
  communityId: Id | null;
  status: PostStatus;
  title: string;
  slug: string;
  markdown: string;
  html: string;
  excerpt: string;
  readingMinutes: number;
  tags: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
  publishedAt: Date | null;
  listedAt: Date;
}

export const toPost = rowMapper<PostRow>({ id: 'post', authorId: 'user', communityId: 'community' });

export const postColumns = sql`p.id, p.author_id as "authorId", p.community_id as "communityId", p.status, p.title, p.slug,
  p.markdown, p.html, p.excerpt, p.reading_minutes as "readingMinutes", p.tags, p.version, p.created_at as "createdAt",
  p.updated_at as "updatedAt", p.published_at as "publishedAt", p.listed_at as "listedAt"`;

/**
 * Published, in no private community of others and by nobody between whom and the viewer there is a block. Administrators see
 * what is published anywhere. `p` is the post's row.
 */
export function visiblePublished(ctx: Context): RawBuilder<boolean> {
  if (can(ctx.viewer, 'community.readPrivate')) return sql`p.status = 'PUBLISHED'`;
  // "offset 0" has each row's community looked up: else all that are public are read first, for a page of twenty.
  const open = sql`(p.community_id is null
    or exists (select 1 from community c where c.id = p.community_id and not c.is_private offset 0)
    or ${isMember(ctx, sql.ref('p.community_id'))})`;
  const isShown = sql`not ${isHidden(ctx, sql.ref('p.author_id'), isModerated(ctx, sql.ref('p.community_id')))}`;
  return sql`(p.status = 'PUBLISHED' and ${open} and ${isShown})`;
}

/** The viewer's own draft; the subgraph's own work sees everybody's. */
export function visibleDraft({ viewer: { kind, userId } }: Context): RawBuilder<boolean> {
  if (kind === 'system') return sql`p.status = 'DRAFT'`;
  return userId === null ? sql`false` : sql`(p.status = 'DRAFT' and p.author_id = ${toUuid(userId)})`;
}

const visiblePost = (ctx: Context): RawBuilder<boolean> => sql`(${visiblePublished(ctx)} or ${visibleDraft(ctx)})`;

export const postById = defineLoader<Id, PostRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<PostRow>(
    sql`select ${postColumns} from post p where p.id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)}`,
  );
  return inOrder(ids, rows.map(toPost), (post) => post.id);
});

/** A post as an event brings it: not to those who have muted its author. */
export const heardPostById = defineLoader<Id, PostRow | null>(async (ctx, ids) => {
  const rows = await ctx.rows<PostRow>(sql`
    select ${postColumns} from post p
    where p.id = any(${toUuids(ids)}::uuid[]) and ${visiblePost(ctx)} and not ${isMuted(ctx, sql.ref('p.author_id'))}`);
  return inOrder(ids, rows.map(toPost), (post) => post.id);
});

export const postBySlug = defineLoader<string, PostRow | null>(async (ctx, slugs) => {
  const rows = await ctx.rows<PostRow>(sql`
    select ${postColumns} from post_slug s join post p on p.id = s.post_id
    where s.slug = any(${[...slugs]}::text[]) and ${visiblePost(ctx)}`);
  return inOrder(slugs, rows.map(toPost), (post) => post.slug);
});

/** For what of a post is its author's own. */
export const authorAndAdmins = permitted('post.readSource', (_: Context, post: PostRow) => ({
  ownerId: post.authorId,
}));
