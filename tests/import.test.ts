import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aPerson, eventually, Frontend, signIn } from './setup/client.ts';
import { startGraph, type StartedGraph } from './setup/graph.ts';

const root = join(import.meta.dirname, '..');
const COUNT = 500;
let graph: StartedGraph;
let library: string;

beforeAll(async () => {
  graph = await startGraph('in one process');
  library = mkdtempSync(join(tmpdir(), 'broadsheet-library-'));
  const readmes = globSync('**/README.md', { cwd: join(root, 'node_modules') }).sort();
  // Real text of five hundred hands: odd Markdown, broken HTML, several scripts.
  for (const [index, file] of readmes.slice(0, COUNT).entries()) {
    copyFileSync(join(root, 'node_modules', file), join(library, `${String(index).padStart(3, '0')}.md`));
  }
});
afterAll(async () => {
  await graph.stop();
  rmSync(library, { recursive: true, force: true });
});

async function runImport(...args: string[]) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    BROADSHEET_URL: graph.url,
    IMPORT_IDENTIFIER: 'admin@example.org',
    IMPORT_PASSWORD: 'administrator of the tests',
  };
  const child = spawn(process.execPath, ['tools/import/import.ts', library, ...args], { cwd: root, env });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.resume();
  const [code] = (await once(child, 'exit')) as [number];
  return { code, out };
}

interface Imported {
  posts: {
    edges: {
      node: {
        id: string;
        title: string;
        html: string;
        sentiment: { label: string } | null;
        counts: { comments: number } | null;
      };
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

async function everyPost(asking: Frontend): Promise<Imported['posts']['edges'][number]['node'][]> {
  const query = `query ($after: String) { posts(first: 100, after: $after) {
    edges { node { id title html sentiment { label } counts { comments } } } pageInfo { hasNextPage endCursor } } }`;
  const nodes = [];
  for (let after: string | null = null; ;) {
    const { posts }: Imported = await asking.data<Imported>(query, { after });
    nodes.push(...posts.edges.map(({ node }) => node));
    if (!posts.pageInfo.hasNextPage) return nodes;
    after = posts.pageInfo.endCursor;
  }
}

/** The title with one letter of its longest word replaced: by one that is not there. */
function misspelled(title: string): string {
  const word = title.match(/\p{L}+/gu)?.sort((a, b) => b.length - a.length)[0] ?? '';
  const at = Math.floor(word.length / 2);
  const wrong = word[at]?.toLowerCase() === 'x' ? 'k' : 'x';
  return title.replace(word, `${word.slice(0, at)}${wrong}${word.slice(at + 1)}`);
}

test('five hundred files come in; run again nothing is doubled; files that are none are refused by name', async () => {
  mkdirSync(join(library, 'bad'));
  writeFileSync(join(library, 'bad', 'binary.md'), Buffer.from([0xff, 0xfe, 0x00, 0x01]));
  writeFileSync(join(library, 'bad', 'empty.md'), '');
  writeFileSync(
    join(library, 'bad', 'script.md'),
    '# <script>alert(1)</script>Scripted\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1))',
  );
  const first = await runImport('--limit', '200');
  expect(first).toMatchObject({ code: 0 });
  const rest = await runImport();
  expect(rest.code).toBe(0);
  expect(rest.out).toMatch(/refused bad\/binary\.md: it is no UTF-8 text/);
  expect(rest.out).toMatch(/refused bad\/empty\.md: it is empty/);
  const again = await runImport();
  expect(again.out).toMatch(/^0 imported, \d+ known already/m);

  const posts = await everyPost(new Frontend(graph.url));
  const refused = rest.out.split('\n').filter((line) => line.startsWith('refused')).length;
  expect(posts).toHaveLength(COUNT + 3 - refused);
  for (const { title, html } of posts) {
    expect(`${title} ${html}`).not.toMatch(/<script|<[^>]*(?:javascript:|\son\w+\s*=)/i);
  }
}, 240_000);

test('each has a sentiment, and its counters are those of its rows', async () => {
  const posts = await eventually(
    () => everyPost(new Frontend(graph.url)),
    (all) => all.every(({ sentiment, counts }) => sentiment !== null && counts !== null),
    90_000,
  );
  const labels = new Set(posts.map(({ sentiment }) => sentiment?.label));
  expect(labels.size).toBeGreaterThan(1);
  const admin = await signIn(graph.url, 'admin@example.org', 'administrator of the tests');
  const commenter = await aPerson(graph.url, 'reader');
  const [post] = posts;
  for (let n = 0; n < 3; n++)
    await commenter.change('addComment', { postId: post?.id, markdown: `Note ${n}` }, 'comment { id }');
  await commenter.change('vote', { targetId: post?.id, value: 'UP' }, 'viewerVote');
  await commenter.change('trackEvent', { postId: post?.id, kind: 'VIEW' }, 'accepted');
  const query = 'query ($id: ID!) { post(id: $id) { counts { up comments views } analytics { up comments views } } }';
  const expected = { up: 1, comments: 3, views: 1 };
  await eventually(
    () => admin.data<{ post: { counts: object; analytics: object } }>(query, { id: post?.id }),
    ({ post: shown }) => JSON.stringify([shown.counts, shown.analytics]) === JSON.stringify([expected, expected]),
    10_000,
  );
}, 150_000);

test('a title with one letter wrong finds its file in the first three, 95 times of a hundred', async () => {
  const posts = await everyPost(new Frontend(graph.url));
  const titles = posts.map(({ title }) => title);
  // Titles that say little or stand several times have no one file to find.
  const unique = posts.filter(
    ({ title }) => titles.filter((other) => other.toLowerCase() === title.toLowerCase()).length === 1,
  );
  const sample = unique.filter(({ title }) => /\p{L}{6,}/u.test(title) && title.length <= 150).slice(0, 200);
  expect(sample.length).toBeGreaterThan(100);
  const query =
    'query ($query: String!) { search(query: $query, filter: { kinds: [POST] }, first: 3) { edges { node { node { ... on Post { id } } } } } }';
  // The index follows the posts; what came in last is there last.
  for (const { title } of posts.slice(0, 5)) {
    await eventually(
      () => new Frontend(graph.url).data<{ search: { edges: unknown[] } }>(query, { query: title.slice(0, 200) }),
      ({ search }) => search.edges.length > 0,
      60_000,
    );
  }
  const missed: string[] = [];
  for (const { id, title } of sample) {
    const { search } = await new Frontend(graph.url).data<{
      search: { edges: { node: { node: { id: string } | null } }[] };
    }>(query, { query: misspelled(title) });
    if (!search.edges.some(({ node }) => node.node?.id === id)) missed.push(misspelled(title));
  }
  if (missed.length > sample.length * 0.05)
    throw new Error(`${missed.length} of ${sample.length}: ${missed.join(' | ')}`);
});
