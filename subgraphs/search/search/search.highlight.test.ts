import { setImmediate } from 'node:timers/promises';
import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);

const SEARCH = `query ($query: String!) {
  search(query: $query, first: 100) { edges { node { highlights { field html } } } } }`;

interface Found {
  readonly search: {
    readonly edges: readonly { readonly node: { readonly highlights: readonly { field: string; html: string }[] } }[];
  };
}

const highlightsOf = async (query: string) =>
  (await graph.anonymously.data<Found>(SEARCH, { query })).search.edges.map(({ node }) => node.highlights);

/** How long it takes, and how long nothing else was done meanwhile, in milliseconds. */
async function heldUpBy(work: () => Promise<unknown>): Promise<{ total: number; longest: number }> {
  let [isOver, longest] = [false, 0];
  const start = performance.now();
  const watching = (async () => {
    for (let last = start; !isOver; last = performance.now()) {
      await setImmediate();
      longest = Math.max(longest, performance.now() - last);
    }
  })();
  await work();
  isOver = true;
  await watching;
  return { total: performance.now() - start, longest };
}

test('others are answered while a hundred long texts are marked', async () => {
  await given.posts(Array.from({ length: 100 }, (_, index) => ({ title: `Theremin ${index}` })));
  await graph.rows(sql`
    update document set body = (select string_agg(chr(19968 + (n * 7) % 20000), '') from generate_series(1, 20000) n)
    where title like 'Theremin%'`);
  const { total, longest } = await heldUpBy(() => highlightsOf('theremin'));
  expect(longest / total).toBeLessThan(0.5);
});

test('a fragment that is cut is cut between characters', async () => {
  await given.post({ title: 'Emoji', text: `ondes ${'😀'.repeat(500)}` });
  await given.post({ title: 'Emoji', text: `ondes, ${'😀'.repeat(500)}` });
  const bodies = (await highlightsOf('ondes')).flatMap((marks) => marks.filter(({ field }) => field === 'body'));
  expect(bodies).toHaveLength(2);
  for (const { html } of bodies) expect([html.isWellFormed(), html.slice(-4)]).toEqual([true, '😀 …']);
});
