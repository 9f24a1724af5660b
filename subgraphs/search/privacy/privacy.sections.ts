import { sql } from 'kit/database';
import { fromUuid } from 'kit/ids';
import { pageOf, type Section } from 'kit/rights/rights';

const ROWS = 500;

/** What is found by search of what they have written: an index, so its texts are not repeated. */
const documents: Section = {
  file: 'search/documents.json',
  page: async (ctx, person, after) => {
    const rows = await ctx.rows<{ id: string; kind: string }>(sql`
      select d.id, d.kind, d.title, d.tags, d.published_at as "publishedAt"
      from document d
      where d.author_id = ${person.uuid} and d.is_visible and ${after === null ? sql`true` : sql`d.id > ${after}`}
      order by d.id limit ${sql.lit(ROWS)}`);
    return pageOf(rows, ROWS, (row) => ({ ...row, id: fromUuid(row.kind.toLowerCase(), row.id) }));
  },
};

export const sections = [documents];
