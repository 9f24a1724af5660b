import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Section } from 'kit/rights/rights';

/** Few at a time: a post's text may have 200,000 characters. */
const POSTS = 20;
const ROWS = 500;

interface PostRow {
  readonly id: string;
  readonly communityId: string | null;
}

/** Drafts too. */
const posts: Section = {
  file: 'content/posts.json',
  page: async (ctx, person, after) => {
    const rows = await ctx.rows<PostRow>(sql`
      select p.id, p.community_id as "communityId", p.status, p.title, p.slug, p.markdown, p.tags, p.version,
        p.created_at as "createdAt", p.updated_at as "updatedAt", p.published_at as "publishedAt",
        p.imported_from as "importedFrom"
      from post p
      where p.author_id = ${person.uuid} and p.status <> 'DELETED' and ${after === null ? sql`true` : sql`p.id > ${after}`}
      order by p.id limit ${sql.lit(POSTS)}`);
    return pageOf(rows, POSTS, (row) => ({
      ...row,
      id: fromUuid('post', row.id),
      communityId: row.communityId && fromUuid('community', row.communityId),
    }));
  },
};

interface VersionRow {
  readonly postId: string;
  readonly number: number;
}

/** What each post was before each change: apart from the posts, for one may have thousands. */
const earlierVersions: Section = {
  file: 'content/earlier-versions.json',
  page: async (ctx, person, after) => {
    const [postId, number] = after?.split(' ') ?? [];
    const rows = await ctx.rows<VersionRow>(sql`
      select r.post_id as "postId", r.number, r.title, r.markdown, r.tags, r.reason, r.saved_at as "savedAt"
      from post p join post_revision r on r.post_id = p.id
      where p.author_id = ${person.uuid} and p.status <> 'DELETED'
        and ${after === null ? sql`true` : sql`(r.post_id, r.number) > (${postId}::uuid, ${number}::int)`}
      order by r.post_id, r.number limit ${sql.lit(POSTS)}`);
    const last = rows.length < POSTS ? undefined : rows.at(-1);
    return {
      rows: rows.map((row) => ({ ...row, postId: fromUuid('post', row.postId) })),
      next: last ? `${last.postId} ${last.number}` : null,
    };
  },
};

const memberships: Section = {
  file: 'content/communities.json',
  page: async (ctx, person, after) => {
    const rows = await ctx.rows<{ id: string }>(sql`
      select m.community_id as id, c.name, m.role, m.joined_at as "joinedAt",
        case when c.owner_id = m.user_id then json_build_object('description', c.description, 'rules', c.rules) end as own
      from community_member m join community c on c.id = m.community_id
      where m.user_id = ${person.uuid} and ${after === null ? sql`true` : sql`m.community_id > ${after}`}
      order by m.community_id limit ${sql.lit(ROWS)}`);
    return pageOf(rows, ROWS, (row) => ({ ...row, id: fromUuid('community', row.id) }));
  },
};

export const sections = [posts, earlierVersions, memberships];
