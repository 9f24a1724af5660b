import { Client, type estypes } from '@elastic/elasticsearch';
import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { find, givenIn, SEARCH } from '../../given.testing.ts';
import { Search0003 } from '../../migrations/0003-people.ts';
import { sendChanges } from '../../privacy/privacy.steps.ts';
import { search } from '../../subgraph.ts';
import { rebuildIndex } from '../search.actions.ts';
import { pushDocuments } from '../search.jobs.ts';
import { deleteIndexes, indexesOf } from './engines.testing.ts';

const { elasticsearchUrl } = testEngines();
const person = (mode: 'ERASE' | 'ANONYMISE' = 'ERASE') => {
  const id = newId('user');
  return { id, uuid: toUuid(id), mode };
};

/** As the first version made it: without `post_author_id`. */
const text: estypes.MappingProperty = {
  type: 'text',
  analyzer: 'whitespace',
  fields: { english: { type: 'text', analyzer: 'english' } },
};
const keyword: estypes.MappingProperty = { type: 'keyword' };
const firstMappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  properties: {
    ...{ id: keyword, kind: keyword, title: text, tag_words: { type: 'text', analyzer: 'whitespace' }, body: text },
    ...{ tags: keyword, author_id: keyword, community_id: keyword, is_public: { type: 'boolean' } },
    ...{ published_at: { type: 'date' }, brevity: { type: 'double' }, popularity: { type: 'double' } },
  },
};

if (!elasticsearchUrl) {
  test.skip('set TEST_ELASTICSEARCH_URL to exercise an upgrade of its index', () => undefined);
} else {
  const client = new Client({ node: elasticsearchUrl });
  const setUp = (name: string) => {
    const environment = { ELASTICSEARCH_URL: elasticsearchUrl, ELASTICSEARCH_INDEX: `test-${name}-${Date.now()}` };
    afterAll(() => deleteIndexes(environment));
    const graph = testSubgraph(search, environment);
    return { alias: environment.ELASTICSEARCH_INDEX, graph, given: givenIn(graph) };
  };
  afterAll(() => client.close());
  const makeFirst = (alias: string) =>
    client.indices.create({ index: `${alias}-1`, mappings: firstMappings, aliases: { [alias]: {} } });

  describe('an index of the first version', () => {
    const { alias, graph, given } = setUp('upgrade');

    /** What the first version had sent of what there is. */
    const sendAsFirst = async (): Promise<void> => {
      const rows = await graph.rows<{ id: string; revision: number }>(sql`
        select d.id, d.kind, lower(d.title) as title, '' as tag_words, lower(d.body) as body, d.tags, d.author_id,
          d.community_id, true as is_public, d.published_at, d.brevity, 0 as popularity, c.revision
        from document d join document_change c on c.document_id = d.id`);
      const operations = rows.flatMap(({ revision, ...document }) => [
        { index: { _index: `${alias}-1`, _id: document.id, version: revision, version_type: 'external' } },
        document,
      ]);
      expect(await client.bulk({ operations, refresh: true })).toMatchObject({ errors: false });
      await graph.rows(sql`update document_change set pushed = revision`);
    };

    const migrate = async (): Promise<void> => {
      const migration = new Search0003(undefined as never, undefined as never);
      migration.up();
      for (const query of migration.getQueries()) await graph.rows(sql.raw(query as string));
    };

    test('is searched at once, learns the new field and who wrote what is answered, and is the same index', async () => {
      await makeFirst(alias);
      const [reader, author] = [userViewer(newId('user')), await given.user('crumhornist')];
      const post = await given.post({ title: 'Crumhorn', authorId: author.userId });
      const answer = await given.comment(post, 'a crumhorn of my own');
      // More than a search pushes by the way.
      await given.posts(Array.from({ length: 120 }, (_, index) => ({ title: `Rackett ${index}` })));
      await sendAsFirst();
      await migrate();
      expect(new Set((await find(graph.as(reader), 'crumhorn')).ids)).toEqual(new Set([post, answer]));
      await given.block(author.userId, reader.userId ?? '');
      // The index may not know yet whose post it is on: then PostgreSQL keeps it back.
      expect((await find(graph.as(reader), 'crumhorn')).ids).toEqual([]);
      await pushDocuments.run(graph.anonymously.context(), {});
      expect(await find(graph.as(reader), 'crumhorn')).toMatchObject({ ids: [], totalCount: 0, facets: [] });
      expect(await find(graph.anonymously, 'crumhorn')).toMatchObject({ totalCount: 2 });
      expect((await find(graph.as(reader), 'rackett', { first: 1 })).totalCount).toBe(120);
      expect(await indexesOf(client, alias)).toEqual([`${alias}-1`]);
      const { hits } = await client.search({
        index: alias,
        query: { term: { post_author_id: toUuid(author.userId) } },
      });
      expect(hits.hits.map(({ _id }) => _id).sort()).toEqual([toUuid(post), toUuid(answer)].sort());
    });

    test('made again by the first version under this one’s hands, it is met with RETRY_LATER once', async () => {
      await deleteIndexes({ ELASTICSEARCH_URL: elasticsearchUrl, ELASTICSEARCH_INDEX: alias });
      await makeFirst(alias);
      const post = await given.post({ title: 'Cornamuse' });
      const { errors } = await graph.anonymously.run(SEARCH, { query: 'cornamuse' });
      expect(errors?.[0]?.extensions?.['code']).toBe('RETRY_LATER');
      expect((await find(graph.anonymously, 'cornamuse')).ids).toEqual([post]);
    });
  });

  describe('an index that is rebuilt', () => {
    const { alias, graph, given } = setUp('rebuilt');

    test('is searched meanwhile without one failure, and nothing is missed', async () => {
      const posts = await given.posts(Array.from({ length: 150 }, (_, index) => ({ title: `Dulcian ${index}` })));
      await pushDocuments.run(graph.anonymously.context(), {});
      let isOver = false;
      const seen: unknown[] = [];
      const searching = async (): Promise<void> => {
        while (!isOver) {
          const { data, errors } = await graph.anonymously.run(SEARCH, { query: 'dulcian', first: 1 });
          const { totalCount } = (data?.['search'] ?? {}) as { totalCount?: number };
          seen.push(errors?.[0]?.extensions?.['code'] ?? totalCount);
        }
      };
      const searches = [searching(), searching(), searching()];
      for (let round = 0; round < 4; round++) await rebuildIndex(graph.anonymously.context());
      isOver = true;
      await Promise.all(searches);
      expect(new Set(seen)).toEqual(new Set([posts.length]));
      expect(await indexesOf(client, alias)).toHaveLength(1);
    });

    test('leaves nothing where it has failed: an erasure takes away what it has half filled, and no index of others', async () => {
      const post = await given.post({ title: 'Tartold' });
      expect((await find(graph.anonymously, 'tartold')).ids).toEqual([post]);
      const others = [`${alias}-2-1`, `${alias}-copy`];
      for (const index of [`${alias}-2`, `${alias}-3`, ...others]) await client.indices.create({ index });
      const leaver = person();
      const settle = () => graph.anonymously.context().change((tx) => sendChanges.run(tx, leaver));
      expect(await settle()).toBe(2);
      expect(await settle()).toBe(0);
      expect(await indexesOf(client, alias)).toHaveLength(1);
      for (const index of others) {
        expect(await client.indices.exists({ index })).toBe(true);
        await client.indices.delete({ index });
      }
      expect((await find(graph.anonymously, 'tartold')).ids).toEqual([post]);
    });

    test('an erasure does not say that it is done while a rebuild holds back what is to go', async () => {
      const { userId, ...viewer } = await given.user('tartoldist');
      expect((await find(graph.as({ ...viewer, userId }), 'tartoldist')).ids).toEqual([userId]);
      await given.hide(userId);
      const leaver = { id: userId, uuid: toUuid(userId), mode: 'ERASE' } as const;
      const settle = () => graph.anonymously.context().change((tx) => sendChanges.run(tx, leaver));
      await graph.anonymously.context().change(async (tx) => {
        await tx.rows(sql`select pg_advisory_xact_lock(7130541)`);
        await expect(settle()).rejects.toMatchObject({ code: 'RETRY_LATER' });
      });
      expect(await client.exists({ index: alias, id: leaver.uuid })).toBe(true);
      expect(await settle()).toBe(1);
      expect(await client.exists({ index: alias, id: leaver.uuid })).toBe(false);
    });
  });
}
