import type { Context } from 'kit/context';
import { type RawBuilder, sql } from 'kit/database';
import { type Page, rowsOfPage } from 'kit/page';
import { PLANNED_ANEW } from 'kit/statements';
import { documentSource, type Kind, popularity, visibleDocument } from '../../document/document.loaders.ts';
import { rebuildDocuments } from '../../document/document.actions.ts';
import type { Term } from '../search.terms.ts';
import { type Asked, COUNT_CAP, type Engine, type Hit, POINTS } from './engine.ts';

/** Full text in the documents' own table: words and their English stems in one tsvector, weighted by where they stand. */
export const postgres: Engine = {
  ping: null,
  find: async (ctx, asked, page) =>
    ctx.rows<Hit>(sql`
      ${sql.raw(PLANNED_ANEW)} with ${matches(ctx, asked)}, ${scored(asked, page)}
      select id, kind, score from scored where ${beyond(page)}
      order by score ${direction(page)}, id ${direction(page)} limit ${rowsOfPage(page)}`),
  count: async (ctx, asked) => {
    const rows = await ctx.rows<{ kind: Kind; count: number }>(sql`
      ${sql.raw(PLANNED_ANEW)} with ${matches(ctx, { ...asked, kinds: [] })}
      select kind, least(count(*), ${COUNT_CAP}::bigint) as count from matched group by kind`);
    return new Map(rows.map((row) => [row.kind, row.count]));
  },
  push: async () => 0,
  settle: async () => 0,
  rebuild: async (ctx) => void (await rebuildDocuments(ctx)),
};

type Query = RawBuilder<unknown>;

/** A place in tsquery's syntax. Words hold letters and digits only (see words.ts), so quoting them is enough. */
const phrase = (words: readonly string[], weight: string): string =>
  words.map((word) => `'${word}'${weight && `:${weight}`}`).join(' <-> ');

/** A word as written or by its English stem; a phrase as written. */
function exact({ words }: Pick<Term, 'words'>, weight = ''): Query {
  const simple = sql`to_tsquery('simple', ${phrase(words, weight)})`;
  return words.length > 1 ? simple : sql`(${simple} || to_tsquery('english', ${phrase(words, weight)}))`;
}

const anyOf = (words: readonly string[], weight = ''): Query =>
  sql`to_tsquery('simple', ${words.map((word) => phrase([word], weight)).join(' | ')})`;

/** Everything that lets a document have the term. */
function either(term: Term): Query {
  const queries = [exact(term)];
  if (term.similar.length > 0) queries.push(anyOf(term.similar));
  if (term.similarInTitles.length > 0) queries.push(anyOf(term.similarInTitles, 'A'));
  return sql`(${sql.join(queries, sql` || `)})`;
}

/**
 * The points a document gets for a term, by the best place it has it in. Headings are in the row, texts are not: they are
 * read only where it is not already certain that the term is there.
 */
function pointsOf(term: Term, { terms, needed }: Asked): RawBuilder<number> {
  const inTitle = [...new Set([...term.similar, ...term.similarInTitles])];
  const isCertain = !term.isOptional && needed === terms.wanted.filter((one) => !one.isOptional).length;
  const has = (query: Query, points: number): Query => sql`when ${query} then ${sql.lit(points)}`;
  const cases = [
    has(sql`d.head @@ ${exact(term, 'A')}`, POINTS.title),
    ...(inTitle.length > 0 ? [has(sql`d.head @@ ${anyOf(inTitle, 'A')}`, POINTS.similarTitle)] : []),
    has(sql`d.head @@ ${exact(term, 'B')}`, POINTS.tag),
  ];
  if (!term.isOptional) {
    const isOnlyExact = isCertain && term.similar.length === 0;
    cases.push(has(isOnlyExact ? sql`true` : sql`d.words @@ ${exact(term)}`, POINTS.body));
    if (term.similar.length > 0)
      cases.push(has(isCertain ? sql`true` : sql`d.words @@ ${anyOf(term.similar)}`, POINTS.similarBody));
  }
  return sql`(case ${sql.join(cases, sql` `)} else 0 end)::float8`;
}

/** What the index is asked: all the terms, or any of them where one may be missing. */
function condition({ terms, needed }: Asked): RawBuilder<boolean> {
  const wanted = terms.wanted.filter((term) => !term.isOptional);
  const together = needed === wanted.length ? sql` && ` : sql` || `;
  const all = [sql`d.words @@ (${sql.join(wanted.map(either), together)})`];
  for (const words of terms.excluded) all.push(sql`not d.words @@ ${exact({ words })}`);
  return sql`${sql.join(all, sql` and `)}`;
}

function filters({ kinds, authorId, communityId, tag, since, until }: Asked): RawBuilder<boolean> {
  const all = [sql`true`];
  if (kinds.length > 0) all.push(sql`d.kind = any(${kinds}::text[])`);
  if (authorId !== null) all.push(sql`d.author_id = ${authorId}`);
  if (communityId !== null) all.push(sql`coalesce(a.community_id, d.community_id) = ${communityId}`);
  if (tag !== null) all.push(sql`exists (select 1 from tagged t where t.tag = ${tag} and t.document_id = d.id)`);
  if (since !== null) all.push(sql`d.published_at >= ${since}`);
  if (until !== null) all.push(sql`d.published_at < ${until}`);
  return sql`${sql.join(all, sql` and `)}`;
}

/**
 * What matches, and its `base`: its score but for nearness. Of the newest matches up to the cap, so that a word everybody
 * uses costs no more than that.
 */
function matches(ctx: Context, asked: Asked): Query {
  const { wanted } = asked.terms;
  const points = wanted.map((term, index) => sql`${pointsOf(term, asked)} as ${sql.ref(`p${index}`)}`);
  const columns = wanted.map((term, index) => ({ term, column: sql.ref(`p${index}`) }));
  const sum = columns.map(({ term, column }) => sql`${column} * ${sql.lit(term.isOptional ? POINTS.optional : 1)}`);
  const inTitle = columns.map(
    ({ term, column }) =>
      sql`case when ${column} >= ${sql.lit(POINTS.similarTitle)} then ${sql.lit(term.words.length)} else 0 end`,
  );
  const had = columns.filter(({ term }) => !term.isOptional).map(({ column }) => sql`(${column} > 0)::int`);
  return sql`
    hit as materialized (
      select d.id, d.kind, d.head, d.words, d.brevity, ${popularity} as popularity from ${documentSource}
      where ${condition(asked)} and ${filters(asked)} and ${visibleDocument(ctx)}
      order by d.published_at desc, d.id desc limit ${sql.lit(COUNT_CAP)}),
    pointed as materialized (select d.id, d.kind, d.words, d.brevity, d.popularity, ${sql.join(points)} from hit d),
    matched as materialized (
      select id, kind, words, ${sql.join(sum, sql` + `)} + ${sql.lit(POINTS.wholeTitle)} * brevity * (${sql.join(inTitle, sql` + `)})
          + ${sql.lit(POINTS.popularity)} * ln(1 + popularity) as base
      from pointed where ${sql.join(had, sql` + `)} >= ${asked.needed})`;
}

/**
 * How near the terms are to each other is read from whole texts, and gives less than one times its points: on the first page
 * only of those whose place it can decide.
 */
function scored({ terms }: Asked, page: Page): Query {
  const either = sql.join(
    terms.wanted.map((term) => exact(term)),
    sql` || `,
  );
  const last = sql`(select base from matched order by base desc offset ${page.limit} limit 1)`;
  const mayBeOnPage =
    page.key === null && !page.backward ? sql`base + ${sql.lit(POINTS.nearness)} >= coalesce(${last}, 0)` : sql`true`;
  return sql`
    scored as (
      select id, kind, round(1e6 * (base + ${sql.lit(POINTS.nearness)} * ts_rank_cd(words, ${either}, 32))) / 1e6 as score
      from matched where ${mayBeOnPage})`;
}

function beyond(page: Page): RawBuilder<boolean> {
  if (!page.key) return sql`true`;
  const [score, id] = page.key;
  return sql`(score, id) ${page.backward ? sql`>` : sql`<`} (${score}::float8, ${id}::uuid)`;
}

const direction = (page: Page): RawBuilder<unknown> => (page.backward ? sql`asc` : sql`desc`);
