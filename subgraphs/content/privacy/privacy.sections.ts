import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Section } from 'kit/rights/rights';

/** Few at a time: a post's text may have 200,000 characters. */
const POSTS = 20;
const ROWS = 500;

interface PostRow {
  readonly id: string;
  readonly communityId: string | null;
  readonly earlierVersions: readonly { editorId?: string }[] | null;
}

/** Drafts too, and what was before each change. */
const posts: Section = {
  file: 'content/posts.json',
  page: async (ctx, person, after) => {
    const rows = await ctx.rows<PostRow>(sql`
      select p.id, p.community_id as "communityId", p.status, p.title, p.slug, p.markdown, p.tags, p.version,
        p.created_at as "createdAt", p.updated_at as "updatedAt", p.published_at as "publishedAt",
        p.imported_from as "importedFrom",
        (select json_agg(json_build_object('number', r.number, 'title', r.title, 'markdown', r.markdown, 'tags', r.tags,
           'reason', r.reason, 'savedAt', r.saved_at) order by r.number)
         from post_revision r where r.post_id = p.id) as "earlierVersions"
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

export const sections = [posts, memberships];
