import { type RawBuilder, sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Section } from 'kit/rights/rights';

const COMMENTS = 200;
const ROWS = 1000;

const after = (column: RawBuilder<unknown>, place: string | null): RawBuilder<boolean> =>
  place === null ? sql`true` : sql`${column} > ${place}`;

const comments: Section = {
  file: 'engagement/comments.json',
  page: async (ctx, person, place) => {
    const rows = await ctx.rows<{ id: string; postId: string; parentId: string | null }>(sql`
      select c.id, c.post_id as "postId", c.parent_id as "parentId", c.markdown, c.version, c.created_at as "createdAt",
        c.edited_at as "editedAt", c.deleted_at as "deletedAt"
      from comment c where c.author_id = ${person.uuid} and ${after(sql`c.id`, place)}
      order by c.id limit ${sql.lit(COMMENTS)}`);
    return pageOf(rows, COMMENTS, (row) => ({
      ...row,
      id: fromUuid('comment', row.id),
      postId: fromUuid('post', row.postId),
      parentId: row.parentId && fromUuid('comment', row.parentId),
    }));
  },
};

const votes: Section = {
  file: 'engagement/votes.json',
  page: async (ctx, person, place) => {
    const rows = await ctx.rows<{ id: string; isComment: boolean; value: number; votedAt: Date }>(sql`
      select v.target_id as id, exists (select 1 from comment c where c.id = v.target_id) as "isComment", v.value,
        v.voted_at as "votedAt"
      from vote v where v.voter_id = ${person.uuid} and ${after(sql`v.target_id`, place)}
      order by v.target_id limit ${sql.lit(ROWS)}`);
    return pageOf(rows, ROWS, ({ id, isComment, value, votedAt }) => ({
      targetId: fromUuid(isComment ? 'comment' : 'post', id),
      value: value === 1 ? 'UP' : 'DOWN',
      votedAt,
    }));
  },
};

const bookmarks: Section = {
  file: 'engagement/bookmarks.json',
  page: async (ctx, person, place) => {
    const rows = await ctx.rows<{ id: string; postId: string; savedAt: Date }>(sql`
      select b.id, b.post_id as "postId", b.saved_at as "savedAt"
      from bookmark b where b.reader_id = ${person.uuid} and ${after(sql`b.id`, place)}
      order by b.id limit ${sql.lit(ROWS)}`);
    return pageOf(rows, ROWS, ({ postId, savedAt }) => ({ postId: fromUuid('post', postId), savedAt }));
  },
};

export const sections = [comments, votes, bookmarks];
