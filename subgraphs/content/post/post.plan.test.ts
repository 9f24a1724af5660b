import { sql } from 'kit/database';
import { inScope } from 'kit/scope';
import { testSubgraph } from 'kit/testing/subgraph';
import { anonymous, type Viewer } from 'kit/viewer';
import { content } from '../subgraph.ts';
import { aCommunity, aPerson } from '../testing.ts';

const graph = testSubgraph(content);
const LIST = 'query ($filter: PostFilter) { posts(filter: $filter) { edges { node { id } } } }';

/** How PostgreSQL reads a page of posts for a viewer, where it sorts and goes through tables only if it must. */
async function planOf(viewer: Viewer, filter: object): Promise<string> {
  const text = await inScope(crypto.randomUUID(), async ({ statements }) => {
    await graph.as(viewer).data(LIST, { filter });
    return statements.find((statement) => statement.includes('from post')) ?? '';
  });
  const rows = await graph
    .as(viewer)
    .context()
    .change(async (tx) => {
      await tx.rows(sql`select set_config(name, 'off', true) from unnest('{enable_seqscan,enable_sort}'::text[]) name`);
      return tx.rows<Record<string, string>>(sql.raw(`explain (generic_plan, costs off) ${text}`));
    });
  return rows.flatMap((row) => Object.values(row)).join('\n');
}

const [person, owner] = [aPerson(), aPerson()];
let communityId = '';
beforeAll(async () => {
  communityId = (await aCommunity(graph, owner, { isPrivate: true })).id;
});

describe.each([
  ['anybody', anonymous],
  ['somebody', person],
  ['a member', owner],
  ['a site moderator', aPerson('moderator')],
  ['an administrator', aPerson('admin')],
] as const)(
  'a page for %s comes from an index in its order, however many posts and communities there are',
  (_, viewer) => {
    test.each([
      ['all posts', () => ({})],
      ['drafts', () => ({ status: 'DRAFT' })],
      ['a person’s posts', () => ({ authorId: owner.userId })],
      ['a person’s drafts', () => ({ authorId: owner.userId, status: 'DRAFT' })],
      ['a community’s posts', () => ({ communityId })],
      ['a tag’s posts', () => ({ tag: 'a' })],
    ])('%s', async (_filter, filter) => {
      const plan = await planOf(viewer, filter());
      // Whoever has no drafts is told so before anything is read.
      const isNothing = plan.includes('One-Time Filter: false');
      expect(isNothing ? '' : plan).not.toMatch(/(?:^|-> ) *Sort$|Seq Scan on (?:post|community)/m);
    });
  },
);
