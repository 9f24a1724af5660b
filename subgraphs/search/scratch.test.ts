import { testSubgraph } from 'kit/testing/subgraph';
import { sql } from 'kit/database';
import { relatedPosts } from './related/related.loaders.ts';
import { fromUuid, newId, toUuid } from 'kit/ids';
import { systemViewer, userViewer } from 'kit/viewer';
import { saveDocument } from './document/document.actions.ts';
import { realisticPosts, seededRandom, withOneLetterWrong } from './search/engine/titles.testing.ts';
import { termsOf } from './search/search.terms.ts';
import { SEARCH } from './given.testing.ts';
import { search } from './subgraph.ts';
const graph = testSubgraph(search);
test('scale', async () => {
  const random = seededRandom(7);
  const posts = realisticPosts(2000, random);
  const ctx = graph.running().contextFor(systemViewer);
  const me = graph.as(userViewer(newId('user')));
  const t0 = Date.now();
  let n = 0;
  const report = async (label: string) => {
    await graph.rows(sql`analyze`);
    const r: string[] = [];
    for (const q of ['kubernetes', 'the', 'gardening guide', 'kuberntes gardning', 'Why our indexes moved from Redis to Kafka', '"art of"', 'zzzzzz']) {
      const t = performance.now();
      await me.data('query ($query: String!) { search(query: $query, first: 10) { edges { node { score } } } }', { query: q });
      const a = performance.now() - t;
      const u = performance.now();
      await me.data(SEARCH, { query: q });
      r.push(`${q}: ${a.toFixed(0)}/${(performance.now() - u).toFixed(0)}`);
    }
    const t = performance.now();
    await termsOf(ctx, withOneLetterWrong('Why our indexes moved from Redis to Kafka', random));
    r.push('terms ' + (performance.now() - t).toFixed(0));
    for (const p of ['k', 'kub', 'the', 'a ']) { const u = performance.now(); await me.data('query ($p: String!) { suggest(prefix: $p) { text } }', { p }); r.push(`suggest ${p} ${(performance.now() - u).toFixed(0)}`); }
    { const ids = (await graph.rows<{id: string}>(sql`select id from document limit 20`)).map((r) => fromUuid('post', r.id)); const c = graph.running().contextFor(userViewer(newId('user')));
      const u = performance.now(); await relatedPosts.many(c, ids); r.push('related only ' + (performance.now() - u).toFixed(0));
      const c2 = { ...graph.running().contextFor(userViewer(newId('user'))), loaderScope: {} , rows: async (q: never) => { const rows = await graph.rows<Record<string,string>>(sql`explain (analyze, costs off, buffers off) ${q}`); console.log(rows.map((x) => Object.values(x)[0]).join('\n')); return []; } } as never;
      await relatedPosts.many(c2, ids); }
    { const u = performance.now(); await me.data('{ search(query: "kubernetes", first: 20) { edges { node { node { ... on Post { related { id } } } } } } }'); r.push(`related ${(performance.now() - u).toFixed(0)}`); }
    { const u = performance.now(); await me.data('{ trendingPosts { edges { node { score } } } homeFeed { edges { node { reason } } } }'); r.push(`trend+feed ${(performance.now() - u).toFixed(0)}`); }
    console.log(label, Date.now() - t0, r.join('\n'));
  };
  for (const { title, text } of posts) {
    const id = toUuid(newId('post'));
    const author = toUuid(newId('user'));
    await graph.rows(sql`insert into post_access (post_id, author_id, status, published_at, version) values (${id}, ${author}, 'PUBLISHED', now(), 1)`);
    await saveDocument(ctx, { id, kind: 'POST', title, body: text, tags: ['tag' + (n % 50), 'all'], authorId: author, communityId: null, postId: id, isPrivate: null, publishedAt: new Date().toISOString(), isVisible: true, version: 1 });
    n++;
    if (n === 1000 || n === 2000) await report(String(n));
  }
}, 600_000);
