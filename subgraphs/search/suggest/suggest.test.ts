import { newId } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);
const someone = () => graph.as(userViewer(newId('user')));
const SUGGEST = `query ($prefix: String!, $first: Int) { suggest(prefix: $prefix, first: $first) { text kind node { __typename ... on Post { id } } } }`;

interface Suggested {
  readonly suggest: { text: string; kind: string; node: { __typename: string } | null }[];
}
const suggest = async (asking: Asking, prefix: string, first?: number) =>
  (await asking.data<Suggested>(SUGGEST, { prefix, first })).suggest;
const textsFor = async (asking: Asking, prefix: string) => (await suggest(asking, prefix)).map(({ text }) => text);

test('titles, people, communities and tags that begin so, and titles with a word that does', async () => {
  await given.post({ title: 'Mandolin repair', tags: ['mandolins'] });
  await given.post({ title: 'Restoring a mandola' });
  await given.user('mandy', 'Amanda');
  await given.community('mandoliners');
  const suggestions = await suggest(someone(), 'Mand');
  expect(suggestions.map(({ kind, text }) => `${kind} ${text}`).sort()).toEqual([
    'COMMUNITY mandoliners',
    'POST Mandolin repair',
    'POST Restoring a mandola',
    'TAG mandolins',
    'USER mandy',
  ]);
  expect(suggestions.find(({ kind }) => kind === 'USER')?.node?.__typename).toBe('User');
  expect(suggestions.find(({ kind }) => kind === 'TAG')?.node).toBeNull();
  expect(await textsFor(someone(), 'restoring a man')).toEqual(['Restoring a mandola']);
  expect(await textsFor(someone(), 'm')).toContain('Mandolin repair');
  expect((await suggest(someone(), 'mand', 2)).length).toBe(2);
});

test('what one may not see is not suggested: no title, no tag, no community', async () => {
  const member = userViewer(newId('user'));
  const community = await given.community('lutenists-only', true);
  await given.join(community, member.userId ?? '');
  await given.post({ title: 'Lute strings we hide', tags: ['lute-secret'], communityId: community });
  await given.post({ title: 'Lute draft', status: 'DRAFT' });
  const comment = await given.post({ title: 'Open' });
  await given.comment(comment, 'lutes in comments are no suggestion');
  expect(await textsFor(someone(), 'lute')).toEqual([]);
  expect(await textsFor(graph.anonymously, 'lute')).toEqual([]);
  expect((await textsFor(graph.as(member), 'lute')).sort()).toEqual([
    'Lute strings we hide',
    'lute-secret',
    'lutenists-only',
  ]);
  await given.leave(community, member.userId ?? '');
  expect(await textsFor(graph.as(member), 'lute')).toEqual([]);
});

test('those not signed in share an answer for 30 s, from which what is hidden meanwhile is gone at once', async () => {
  const community = await given.community('oboe-club');
  const post = await given.post({ title: 'Oboe reeds', tags: ['oboes'] });
  await given.post({ title: 'Oboe gossip', communityId: community });
  expect((await textsFor(graph.anonymously, 'oboe')).sort()).toEqual([
    'Oboe gossip',
    'Oboe reeds',
    'oboe-club',
    'oboes',
  ]);
  await given.post({ title: 'Oboe news' });
  expect(await textsFor(graph.anonymously, 'oboe')).not.toContain('Oboe news');
  await given.community('oboe-club', true, community);
  expect((await textsFor(graph.anonymously, 'oboe')).sort()).toEqual(['Oboe reeds', 'oboes']);
  await given.deletePost(post);
  expect(await textsFor(graph.anonymously, 'oboe')).toEqual([]);
  expect(await textsFor(someone(), 'oboe')).toEqual(['Oboe news']);
});

test('hostile beginnings suggest nothing and break nothing', async () => {
  for (const prefix of ["'", '%', '\\', '_', ':*', '!!!', '🎉', "a' | b", 'a\u0000', '\ud800', '%%%%', 'مر']) {
    expect(Array.isArray(await suggest(someone(), prefix))).toBe(true);
  }
});

test.each([
  [{ prefix: '' }, 'BAD_USER_INPUT'],
  [{ prefix: 'x'.repeat(101) }, 'BAD_USER_INPUT'],
  [{ prefix: 'x', first: 0 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ prefix: 'x', first: -1 }, 'PAGE_SIZE_OUT_OF_RANGE'],
  [{ prefix: 'x', first: 1_000_000_000 }, 'PAGE_SIZE_OUT_OF_RANGE'],
])('%j is refused', async (variables, code) => {
  const { errors } = await graph.anonymously.run(SUGGEST, variables);
  expect(errors?.[0]?.extensions?.['code']).toBe(code);
});

test('costs four statements, however much is suggested', async () => {
  expect(await someone().queriesOf(SUGGEST, { prefix: 'mand' })).toBe(4);
});
