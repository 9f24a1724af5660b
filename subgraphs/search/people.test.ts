import { newId } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer, type Viewer } from 'kit/viewer';
import { find, givenIn } from './given.testing.ts';
import { deleteIndexes, enginesFor, skipEngine } from './search/engine/engines.testing.ts';
import { search } from './subgraph.ts';

type Person = Viewer & { readonly userId: string };
const aPerson = (role = 'user'): Person => {
  const userId = newId('user');
  return { ...userViewer(userId, role), userId };
};
const idsOf = (edges: readonly { node: { post: { id: string } } }[]) => edges.map((edge) => edge.node.post.id);

const everything = (isMet: boolean) => ({
  ...{ author: isMet, post: isMet, remark: isMet, answer: isMet, trend: isMet, related: isMet, entity: isMet },
  ...{ other: true, isCounted: true },
});

const FEED = '{ homeFeed(first: 50) { edges { node { post { id } } } } }';

describe.each(enginesFor('people'))('on %s', (_name, environment) => {
  if (!environment) {
    skipEngine();
    return;
  }
  const graph = testSubgraph(search, environment);
  const given = givenIn(graph);
  afterAll(() => deleteIndexes(environment));

  /** What of a person, a post of theirs, a comment of theirs elsewhere and a comment on their post a viewer finds, by door. */
  async function world(word: string) {
    const author = await given.user(`${word}author`, `${word} author`);
    const community = await given.community(`${word}ers`);
    const post = await given.post({
      title: `${word} matters`,
      tags: [word],
      authorId: author.userId,
      communityId: community,
    });
    const other = await given.post({ title: `About ${word}`, tags: [word], communityId: community });
    const remark = await given.comment(other, `a ${word} remark`, author.userId);
    const answer = await given.comment(post, `a ${word} answer`);
    const met = async (asking: Asking) => {
      const { ids, totalCount } = await find(asking, word, { first: 50 });
      // What may trend is looked for once in half a minute; who may see it is asked each time.
      await asking.context().services.cache.invalidate(['trend']);
      const { suggest, trendingPosts } = await asking.data<{
        suggest: { node: { id: string } | null }[];
        trendingPosts: { edges: { node: { post: { id: string } } }[] };
      }>(
        `query ($word: String!) {
        suggest(prefix: $word) { node { ... on User { id } ... on Post { id } } } trendingPosts(first: 100) { edges { node { post { id } } } } }`,
        { word },
      );
      const related = await asking.entity('Post', other, 'related { id }');
      const found = new Set([...ids, ...suggest.map(({ node }) => node?.id ?? '')]);
      return {
        author: found.has(author.userId),
        post: found.has(post),
        remark: ids.includes(remark),
        answer: ids.includes(answer),
        other: found.has(other),
        isCounted: totalCount === ids.length,
        trend: idsOf(trendingPosts.edges).includes(post),
        related: (related?.['related'] as { id: string }[]).some(({ id }) => id === post),
        entity: (await asking.entity('Post', post)) !== null,
      };
    };
    return { author, community, post, other, met };
  }

  test('nothing of a person behind a block is found, suggested, related or trending, nor what is under their posts', async () => {
    const reader = aPerson();
    const { author, met } = await world('zither');
    const asking = graph.as(reader);
    expect(await met(asking)).toEqual(everything(true));
    await given.block(author.userId, reader.userId);
    expect(await met(asking)).toEqual(everything(false));
    for (const other of [graph.as(aPerson()), graph.anonymously]) expect(await met(other)).toEqual(everything(true));
    await given.unblock(author.userId, reader.userId);
    expect(await met(asking)).toEqual(everything(true));
    await given.block(reader.userId, author.userId);
    expect(await met(asking)).toEqual(everything(false));
  });

  test('those who look after the site find it, and those who look after a community what is in it', async () => {
    const [keeper, moderator, admin] = [aPerson(), aPerson('moderator'), aPerson('admin')];
    const { author, community, met } = await world('bombarde');
    await given.moderate(community, keeper.userId);
    for (const one of [keeper, moderator, admin]) await given.block(author.userId, one.userId);
    for (const one of [moderator, admin]) expect(await met(graph.as(one))).toEqual(everything(true));
    expect(await met(graph.as(keeper))).toEqual({ ...everything(true), author: false });
  });

  test('a tag that only people behind a block use is not suggested', async () => {
    const [reader, author] = [aPerson(), aPerson()];
    await given.post({ authorId: author.userId, tags: ['ophicleide'] });
    const suggested = async () =>
      (await graph.as(reader).data<{ suggest: object[] }>('{ suggest(prefix: "ophic") { text } }')).suggest;
    expect(await suggested()).toEqual([{ text: 'ophicleide' }]);
    await given.block(reader.userId, author.userId);
    expect(await suggested()).toEqual([]);
  });

  const feedOf = async (viewer: Viewer) =>
    idsOf(
      (await graph.as(viewer).data<{ homeFeed: { edges: { node: { post: { id: string } } }[] } }>(FEED)).homeFeed.edges,
    );

  test('the feed leaves out those behind a block and those one has muted, in communities, too', async () => {
    const [reader, author, other] = [aPerson(), aPerson(), aPerson()];
    const community = await given.community('serpentists');
    await given.join(community, reader.userId);
    await given.follow(reader.userId, author.userId);
    await given.follow(author.userId, reader.userId);
    const followed = await given.post({ authorId: author.userId, title: 'Serpent one' });
    const shared = await given.post({ authorId: author.userId, communityId: community, title: 'Serpent two' });
    const others = await given.post({ authorId: other.userId, communityId: community });
    const own = await given.post({ authorId: reader.userId });
    const all = new Set([followed, shared, others, own]);
    const rest = new Set([others, own]);
    expect(new Set(await feedOf(reader))).toEqual(all);
    await given.mute(reader.userId, author.userId);
    expect(new Set(await feedOf(reader))).toEqual(rest);
    // A mute is for the feed alone, and the muted notice nothing.
    expect((await find(graph.as(reader), 'serpent')).ids).toEqual(
      expect.arrayContaining([followed, shared]) as string[],
    );
    expect(await feedOf(author)).toContain(own);
    await given.unmute(reader.userId, author.userId);
    expect(new Set(await feedOf(reader))).toEqual(all);
    await given.block(author.userId, reader.userId);
    expect(new Set(await feedOf(reader))).toEqual(rest);
    expect(await feedOf(author)).not.toContain(own);
    await given.unblock(author.userId, reader.userId);
    expect(new Set(await feedOf(reader))).toEqual(all);
  });

  test('blocks and mutes cost no statement', async () => {
    const [reader, author] = [aPerson(), aPerson()];
    await given.posts([{ title: 'Regal', authorId: author.userId }, { title: 'A regal' }]);
    const query = '{ search(query: "regal") { totalCount edges { node { kind } } } }';
    // What is new goes to the engine with the first search.
    expect((await find(graph.as(reader), 'regal')).ids).toHaveLength(2);
    const before = [await graph.as(reader).queriesOf(FEED), await graph.as(reader).queriesOf(query)];
    await given.block(reader.userId, author.userId);
    await given.mute(reader.userId, aPerson().userId);
    expect((await find(graph.as(reader), 'regal')).ids).toHaveLength(1);
    expect([await graph.as(reader).queriesOf(FEED), await graph.as(reader).queriesOf(query)]).toEqual(before);
    expect(before[0]).toBe(1);
  });
});
