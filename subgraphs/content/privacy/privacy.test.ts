import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { inScope } from 'kit/scope';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import { aDraft, aPerson } from '../testing.ts';
import { postSteps } from './privacy.posts.ts';
import { sections } from './privacy.sections.ts';

const graph = testSubgraph(content);
const LENGTH = 200_000;
const VERSIONS = 60;

/** All that a person is given, and the length of the longest page in which it was read. */
async function archiveOf(userId: Id): Promise<{ text: string; longest: number }> {
  const ctx = graph.running().contextFor(systemViewer);
  const pages: string[] = [];
  for (const { page } of sections) {
    for (let place: string | null | undefined; place !== null;) {
      const { rows, next } = await page(ctx, { id: userId, uuid: toUuid(userId), mode: 'ANONYMISE' }, place ?? null);
      pages.push(JSON.stringify(rows));
      place = next;
    }
  }
  return { text: pages.join(), longest: Math.max(...pages.map((page) => page.length)) };
}

test('an archive has every version of a post, and is read in pages however many there are', async () => {
  const author = aPerson();
  const posts = [await aDraft(graph, author), await aDraft(graph, author)];
  for (const { id } of posts) {
    await graph.rows(sql`
      insert into post_revision (post_id, number, title, markdown, tags, editor_id, saved_at)
      select ${toUuid(id)}, n, 'version ' || n || ' of ' || ${id}::text, repeat('x', ${LENGTH}::int), '{}', ${toUuid(author.userId)}, now()
      from generate_series(1, ${VERSIONS}::int) n`);
  }
  await aDraft(graph, aPerson(), { title: 'of another' });
  const { text, longest } = await archiveOf(author.userId);
  for (const { id } of posts) {
    for (let number = 1; number <= VERSIONS; number++)
      expect(text.split(`"version ${number} of ${id}"`)).toHaveLength(2);
  }
  expect(longest).toBeLessThan(25 * LENGTH);
  expect(text).not.toContain('of another');
});

/** One batch of a step of an erasure. */
const batchOf = (name: string, userId: Id): Promise<number> =>
  graph
    .running()
    .contextFor(systemViewer)
    .change(async (tx) => {
      const step = postSteps.find((one) => one.name === name);
      return step?.run(tx, { id: userId, uuid: toUuid(userId), mode: 'ANONYMISE' }) ?? 0;
    });

test('the origins of a library that was imported are forgotten a batch at a time', async () => {
  const author = aPerson();
  const { id } = await aDraft(graph, author);
  await graph.rows(sql`
    with library as (select gen_random_uuid() as id, 'file ' || n as origin from generate_series(1, 1200) n),
    kept as (
      insert into post (id, author_id, status, title, slug, markdown, html, excerpt, reading_minutes, created_at, updated_at, listed_at, imported_from)
      select l.id, p.author_id, 'PUBLISHED', '', l.id, '', '', '', 1, now(), now(), now(), l.origin
      from library l, post p where p.id = ${toUuid(id)})
    insert into post_import (author_id, imported_from, post_id) select ${toUuid(author.userId)}, origin, id from library`);
  const left = async () =>
    (
      await graph.rows<{ posts: number }>(
        sql`select count(*) as posts from post where author_id = ${toUuid(author.userId)} and imported_from is not null`,
      )
    )[0]?.posts;
  expect(await batchOf('origins of imports', author.userId)).toBe(500);
  expect(await left()).toBe(700);
  while ((await batchOf('origins of imports', author.userId)) > 0);
  expect(await left()).toBe(0);
  expect(await graph.rows(sql`select 1 from post_import where author_id = ${toUuid(author.userId)}`)).toEqual([]);
});

/** How PostgreSQL does what a step asks of a table, where it goes through tables only if it must. */
async function plansOf(name: string, userId: Id): Promise<string> {
  const ctx = graph.running().contextFor(systemViewer);
  const texts = await inScope(crypto.randomUUID(), async ({ statements }) => {
    await batchOf(name, userId);
    return statements.filter((statement) => /^\s*(?:select|delete|update|with)/.test(statement));
  });
  return ctx.change(async (tx) => {
    await tx.rows(sql`set local enable_seqscan = off`);
    const plans: unknown[] = [];
    for (const text of texts) plans.push(await tx.rows(sql.raw(`explain (generic_plan, costs off) ${text}`)));
    return JSON.stringify(plans);
  });
}

test('what a person’s posts were before is found by an index when they go', async () => {
  expect(await plansOf('earlier versions', newId('user'))).toContain('post_revision_editor');
});

test('posts go with their addresses without all addresses being gone through', async () => {
  const author = aPerson();
  const { slug } = await aDraft(graph, author, { title: 'An address of its own' });
  expect(await plansOf('posts', author.userId)).not.toContain('Seq Scan');
  expect(await graph.rows(sql`select 1 from post_slug where slug = ${slug}`)).toEqual([]);
});
