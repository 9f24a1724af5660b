import { newId } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { find, givenIn } from '../../given.testing.ts';
import { search } from '../../subgraph.ts';
import { rebuildIndex } from '../search.actions.ts';
import { pushDocuments } from '../search.jobs.ts';
import { deleteIndexes, enginesFor, skipEngine } from './engines.testing.ts';
import { realisticPosts, seededRandom, withOneLetterWrong } from './titles.testing.ts';

const admin = userViewer(newId('user'), 'admin');

describe.each(enginesFor('engine'))('search on %s', (_name, environment) => {
  if (!environment) {
    skipEngine();
    return;
  }
  const graph = testSubgraph(search, environment);
  const given = givenIn(graph);
  const me = () => graph.anonymously;
  afterAll(() => deleteIndexes(environment));

  test('words of the title are worth more than those of the text', async () => {
    const text = await given.post({ title: 'Something else', text: 'a word on marmalade' });
    const title = await given.post({ title: 'On marmalade', text: 'something else' });
    const found = await find(me(), 'Marmalade');
    expect(found.ids).toEqual([title, text]);
    expect(found.totalCount).toBe(2);
    expect(found.edges[0]?.node.score).toBeGreaterThan(found.edges[1]?.node.score ?? 0);
  });

  test('a shorter title of the same words comes first, votes decide between equals', async () => {
    const long = await given.post({ title: 'How to grow a quince in the shade' });
    const short = await given.post({ title: 'Quince' });
    const twin = await given.post({ title: 'Quince' });
    await given.count(short, { score: 40 });
    expect((await find(me(), 'quince')).ids).toEqual([short, twin, long]);
    await given.count(twin, { score: 400, comments: 12 });
    expect((await find(me(), 'quince')).ids).toEqual([twin, short, long]);
  });

  test('case, accents and English endings do not matter', async () => {
    const post = await given.post({ title: 'Le Café Crémieux', text: 'We were baking brioches' });
    for (const query of ['cafe cremieux', 'CAFÉ', 'baked', 'brioche', 'Cremieux bake']) {
      expect((await find(me(), query)).ids).toEqual([post]);
    }
  });

  test('text without spaces between its words is found', async () => {
    const post = await given.post({ title: '日本語の全文検索', text: '東京タワーに登りました' });
    for (const query of ['全文検索', '東京', '日本語']) expect((await find(me(), query)).ids).toEqual([post]);
    expect((await find(me(), '大阪')).ids).toEqual([]);
  });

  test('a phrase is found as written, what is left out is not found', async () => {
    const inOrder = await given.post({ title: 'One', text: 'the purple heron flies' });
    const apart = await given.post({ title: 'Two', text: 'a heron, and a purple one' });
    expect((await find(me(), '"purple heron"')).ids).toEqual([inOrder]);
    expect((await find(me(), '"heron purple"')).ids).toEqual([]);
    expect((await find(me(), 'heron -flies')).ids).toEqual([apart]);
    expect((await find(me(), 'heron -"purple heron"')).ids).toEqual([apart]);
    expect(new Set((await find(me(), 'purple heron')).ids)).toEqual(new Set([inOrder, apart]));
    expect((await find(me(), '-heron')).ids).toEqual([]);
  });

  test('a word with a letter wrong is taken for the one that was meant, unless it is quoted', async () => {
    const post = await given.post({ title: 'Harmonium', text: 'a concertina nearby' });
    for (const query of ['harmonum', 'harmonuim', 'harmoniumm', 'garmonium', 'conzertina', 'concretinna']) {
      expect((await find(me(), query)).ids).toEqual([post]);
    }
    expect((await find(me(), '"harmonum"')).ids).toEqual([]);
  });

  test('where nothing has all the words, what lacks one is found', async () => {
    const post = await given.post({ title: 'Ocarina lessons in winter' });
    expect((await find(me(), 'ocarina lessons zyzzyva')).ids[0]).toBe(post);
    expect((await find(me(), 'zyzzyva')).ids).toEqual([]);
  });

  test('filters by kind, author, community, tag and time; facets say what other kinds hold', async () => {
    const author = await given.user('gondolier', 'Gina', 'sings');
    const community = await given.community('gondola-fans');
    const old = '2020-01-01T00:00:00.000Z';
    const post = await given.post({
      title: 'Gondolier songs',
      tags: ['music'],
      authorId: author.userId,
      communityId: community,
      publishedAt: old,
    });
    const other = await given.post({ title: 'Gondolier boats', tags: ['boats'] });
    const comment = await given.comment(post, 'a gondolier of my own', author.userId);
    const by = async (filter: object) => new Set((await find(me(), 'gondolier', { filter })).ids);
    expect(await by({})).toEqual(new Set([post, other, comment, author.userId]));
    expect(await by({ kinds: ['POST'] })).toEqual(new Set([post, other]));
    expect(await by({ kinds: ['COMMENT', 'USER'] })).toEqual(new Set([comment, author.userId]));
    expect(await by({ authorId: author.userId })).toEqual(new Set([post, comment, author.userId]));
    expect(await by({ communityId: community })).toEqual(new Set([post, comment]));
    expect(await by({ tag: 'Music' })).toEqual(new Set([post]));
    expect(await by({ until: '2021-01-01T00:00:00Z' })).toEqual(new Set([post]));
    expect(await by({ since: '2021-01-01T00:00:00Z', kinds: ['POST'] })).toEqual(new Set([other]));
    const { facets, totalCount } = await find(me(), 'gondolier', { filter: { kinds: ['POST'] } });
    expect(facets).toEqual([
      { kind: 'POST', count: 2 },
      { kind: 'COMMENT', count: 1 },
      { kind: 'USER', count: 1 },
    ]);
    expect(totalCount).toBe(2);
  });

  test('a changed post is found by its new words only, a deleted or withdrawn one by none', async () => {
    const post = await given.post({ title: 'Bassoon', tags: ['wind'] });
    await given.post({ id: post, title: 'Contrabassoon' });
    expect((await find(me(), '"bassoon"')).ids).toEqual([]);
    expect((await find(me(), 'contrabassoon')).ids).toEqual([post]);
    const comment = await given.comment(post, 'contrabassoon indeed');
    expect((await find(me(), 'contrabassoon')).ids).toEqual([post, comment]);
    await given.post({ id: post, title: 'Contrabassoon', status: 'DRAFT' });
    expect((await find(me(), 'contrabassoon')).ids).toEqual([]);
    await given.post({ id: post, title: 'Contrabassoon' });
    expect((await find(me(), 'contrabassoon')).ids).toEqual([post, comment]);
    await given.deletePost(post);
    expect((await find(me(), 'contrabassoon')).ids).toEqual([]);
  });

  test('what is in a private community is found by its members only, and by nobody who has left', async () => {
    const [member, stranger] = [userViewer(newId('user')), userViewer(newId('user'))];
    const community = await given.community('sackbuts', true);
    await given.join(community, member.userId ?? '');
    const post = await given.post({ title: 'Sackbut secrets', communityId: community });
    const comment = await given.comment(post, 'our sackbut');
    const found = async (viewer: typeof member) => new Set((await find(graph.as(viewer), 'sackbut')).ids);
    expect(await found(member)).toEqual(new Set([post, comment, community]));
    expect(await found(stranger)).toEqual(new Set());
    expect(await found(userViewer(newId('user'), 'admin'))).toEqual(new Set([post, comment, community]));
    expect(await find(me(), 'sackbut')).toMatchObject({ ids: [], totalCount: 0, facets: [] });
    await given.leave(community, member.userId ?? '');
    expect(await found(member)).toEqual(new Set());
    await given.community('sackbuts', false, community);
    expect(await found(stranger)).toEqual(new Set([post, comment, community]));
    await given.community('sackbuts', true, community);
    expect(await found(stranger)).toEqual(new Set());
  });

  test('pages follow on without a gap or a double while the list grows', async () => {
    const posts = await given.posts(
      Array.from({ length: 25 }, (_, index) => ({
        title: `Theremin ${'solo '.repeat(index % 5)}`,
        text: String(index),
      })),
    );
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const page = await find(me(), 'theremin', { first: 7, after });
      ids.push(...page.ids);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      await given.post({ title: 'Theremin', text: 'newer, and before all that' });
    } while (after !== null);
    expect(ids).toHaveLength(25);
    expect(new Set(ids)).toEqual(new Set(posts));
    const last = await find(me(), 'theremin', { last: 5 });
    const before = await find(me(), 'theremin', { last: 5, before: last.pageInfo.startCursor });
    expect([...before.ids, ...last.ids]).toEqual(ids.slice(-10));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('of 500 posts, a title with one letter wrong finds its post among the first three', async () => {
    const random = seededRandom(20261121);
    const posts = realisticPosts(500, random);
    const ids = await given.posts(posts);
    await pushDocuments.run(graph.as(admin).context(), {});
    const misses: string[] = [];
    const tried = 250;
    for (let index = 0; index < tried; index++) {
      const at = Math.floor(random() * posts.length);
      const query = withOneLetterWrong(posts[at]?.title ?? '', random);
      const { search: found } = await me().data<{ search: { edges: { node: { node: { id: string } } }[] } }>(
        'query ($query: String!) { search(query: $query, first: 3, filter: { kinds: [POST] }) { edges { node { node { ... on Post { id } } } } } }',
        { query },
      );
      if (!found.edges.some((edge) => edge.node.node.id === ids[at])) misses.push(`${posts[at]?.title} as ${query}`);
    }
    expect(misses.slice(0, Math.max(0, misses.length - tried * 0.05))).toEqual([]);
  });

  test('rebuilt, it finds the same', async () => {
    const before = await find(me(), 'guide kubernetes', { first: 50 });
    await rebuildIndex(graph.as(admin).context());
    expect((await find(me(), 'guide kubernetes', { first: 50 })).ids).toEqual(before.ids);
    expect((await find(me(), 'guidr kubernets', { first: 50 })).ids.slice(0, 3)).toHaveLength(3);
  });
});
