import { aPerson, eventually, Frontend, publish } from './setup/client.ts';
import { withinASecond } from './setup/second.ts';
import { modes, startGraph, type StartedGraph } from './setup/graph.ts';

const POST = 'query ($id: ID!) { post(id: $id) { title html comments(first: 5) { edges { node { html } } } } }';
const VERSION = 'query ($id: ID!) { post(id: $id) { version } }';
interface Page {
  readonly post: { readonly title: string; readonly comments: { readonly edges: readonly unknown[] } } | null;
}

interface Found {
  readonly data: { readonly search: { readonly edges: readonly unknown[] } };
}

describe.each(modes)('%s', (mode) => {
  let graph: StartedGraph;
  beforeAll(async () => {
    graph = await startGraph(mode);
  });
  afterAll(async () => {
    expect(await graph.stop()).toBe(0);
  });

  test('readers who are not signed in share a page, until what is on it changes', async () => {
    const author = await aPerson(graph.url, 'author');
    const reader = new Frontend(graph.url);
    const post = await publish(author, 'Xanthic page', 'First words.');
    const read = async () => (await reader.data<Page>(POST, { id: post.id })).post;
    const get = () =>
      fetch(
        `${graph.url}?${new URLSearchParams({ query: POST, variables: JSON.stringify({ id: post.id }) }).toString()}`,
        {
          headers: { 'apollo-require-preflight': '1' },
        },
      );
    const aged = async () => Number((await get()).headers.get('age') ?? -1);
    await eventually(aged, (age) => age >= 1);

    const { post: now } = await author.data<{ post: { version: number } }>(VERSION, { id: post.id });
    await author.change('updatePost', { id: post.id, version: now.version, title: 'Yellow page' }, 'post { id }');
    await withinASecond(graph, async () => (await read())?.title !== 'Yellow page');
    await author.change('addComment', { postId: post.id, markdown: 'A word.' }, 'comment { id }');
    await withinASecond(graph, async () => (await read())?.comments.edges.length === 0);

    await eventually(aged, (age) => age >= 1);
    await author.change('deletePost', { id: post.id }, '');
    await withinASecond(graph, async () => (await read()) !== null);
  });

  test('what is found is kept for those who are not signed in, until it may not be found', async () => {
    const author = await aPerson(graph.url, 'author');
    const post = await publish(author, 'Quincunx page', 'Words about quincunx.');
    const query = '{ search(query: "quincunx") { edges { node { kind } } } }';
    const get = () =>
      fetch(`${graph.url}?${new URLSearchParams({ query }).toString()}`, {
        headers: { 'apollo-require-preflight': '1' },
      });
    const found = async () => ((await (await get()).json()) as Found).data.search.edges.length;
    const aged = async () => Number((await get()).headers.get('age') ?? -1);
    await eventually(found, (count) => count === 1);
    await eventually(aged, (age) => age >= 1);
    await author.change('deletePost', { id: post.id }, '');
    await withinASecond(graph, async () => (await found()) > 0);
  });

  test('who signs in is never given the page of those who are not', async () => {
    const author = await aPerson(graph.url, 'author');
    const post = await publish(author, 'Zonal page', 'Words.');
    const query =
      'query ($id: ID!) { post(id: $id) { viewerVote viewerHasBookmarked author { username isFollowedByViewer } } }';
    const reader = await aPerson(graph.url, 'reader');
    const read = (one: Frontend) => one.data<{ post: Record<string, unknown> }>(query, { id: post.id });
    for (let round = 0; round < 3; round++) await read(new Frontend(graph.url));
    await reader.data('mutation ($id: ID!) { vote(input: { targetId: $id, value: UP }) { userErrors { code } } }', {
      id: post.id,
    });
    expect((await read(reader)).post['viewerVote']).toBe('UP');
    expect((await read(new Frontend(graph.url))).post['viewerVote']).toBeNull();
    expect((await read(author)).post['viewerVote']).toBeNull();
  });
});
