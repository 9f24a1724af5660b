import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { systemViewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import { aDraft, aPerson } from '../testing.ts';
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
