import { newId } from 'kit/ids';
import { type Asking, testSubgraph } from 'kit/testing/subgraph';
import { userViewer } from 'kit/viewer';
import { givenIn } from '../given.testing.ts';
import { search } from '../subgraph.ts';

const graph = testSubgraph(search);
const given = givenIn(graph);

const relatedTo = async (asking: Asking, id: string, first = 5): Promise<string[] | undefined> => {
  const post = await asking.entity('Post', id, `related(first: ${first}) { id }`);
  return (post?.['related'] as { id: string }[] | undefined)?.map((one) => one.id);
};

test('posts with the same tags and the same rare words in their titles, the most alike first', async () => {
  const post = await given.post({ title: 'Tuning a harp', tags: ['harp', 'tuning'] });
  const both = await given.post({ title: 'Why tuning matters', tags: ['harp', 'tuning'] });
  const one = await given.post({ title: 'Something else', tags: ['harp'] });
  const word = await given.post({ title: 'Tuning forks' });
  await given.post({ title: 'Nothing alike', tags: ['other'] });
  const related = await relatedTo(graph.anonymously, post);
  expect(related?.[0]).toBe(both);
  expect(new Set(related)).toEqual(new Set([both, one, word]));
  expect(await relatedTo(graph.anonymously, post, 1)).toEqual([both]);
});

test('only what the viewer may see is related, and to what they may not see nothing is', async () => {
  const member = userViewer(newId('user'));
  const community = await given.community('viols', true);
  await given.join(community, member.userId ?? '');
  const open = await given.post({ title: 'Viol bows', tags: ['viol'] });
  const hidden = await given.post({ title: 'Viol gossip', tags: ['viol'], communityId: community });
  const draft = { title: 'Viol draft', tags: ['viol'], status: 'DRAFT', authorId: member.userId ?? '' };
  const own = await given.post(draft);
  expect(await relatedTo(graph.as(member), open)).toEqual([hidden]);
  expect(await relatedTo(graph.anonymously, open)).toEqual([]);
  expect(await graph.anonymously.entity('Post', hidden, 'related { id }')).toBeNull();
  expect(await relatedTo(graph.as(member), own)).toEqual([]);
  await given.leave(community, member.userId ?? '');
  expect(await relatedTo(graph.as(member), open)).toEqual([]);
});

test('fifty posts ask for theirs in two statements, and in one again', async () => {
  await given.posts(Array.from({ length: 50 }, (_, index) => ({ title: `Recorder ${index}`, tags: ['recorder'] })));
  const query = (first: number) =>
    `{ search(query: "recorder", first: ${first}) { edges { node { node { ... on Post { id related(first: 3) { id } } } } } } }`;
  const few = await graph.anonymously.queriesOf(query(1));
  expect(await graph.anonymously.queriesOf(query(50))).toBe(few);
  expect(few).toBe(4);
  expect(await graph.anonymously.queriesOf(query(50))).toBe(3);
});

test.each([0, -1, 21, 1_000_000_000])('first: %i is refused', async (first) => {
  const post = await given.post({});
  const { errors } = await graph.anonymously.run(
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Post { related(first: ${first}) { id } } } }`,
    { r: [{ __typename: 'Post', id: post }] },
  );
  expect(errors?.[0]?.extensions?.['code']).toBe('PAGE_SIZE_OUT_OF_RANGE');
});
