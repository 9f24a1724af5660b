import {
  addressOf,
  countIn,
  gone,
  leave,
  mailTo,
  neighbours,
  receiptOf,
  type RightsGraph,
  startRightsGraph,
  uuidOf,
  words,
} from './erasure.testing.ts';
import { tokenIn } from './erasure.archive.testing.ts';
import { found, middleOf, profileOf, threadOf } from './erasure.threads.testing.ts';
import { aPerson, eventually, Frontend, PASSWORD, publish, signIn } from './setup/client.ts';

let graph: RightsGraph;
beforeAll(async () => {
  graph = await startRightsGraph();
});
afterAll(() => graph.stop());

const DELETE = `mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) {
  deletion { id } receiptToken userErrors { field code } } }`;
test('an account that is to be deleted is closed and hidden at once, and the person can sign in to keep it', async () => {
  const those = await neighbours(graph, 'mind');
  const { leaver, other } = those;
  await eventually(
    () => found(other, leaver.username),
    (count) => count > 0,
  );
  const token = await leave(leaver, 'ERASE');
  // A gateway remembers for a second who is signed in.
  await eventually(
    async () => (await leaver.ask('{ viewer { id } }')).errors?.[0]?.extensions?.['code'],
    (code) => code === 'UNAUTHENTICATED',
    1500,
  );
  expect(await profileOf(other, those)).toEqual({ user: null, byName: null });
  await eventually(
    () => found(other, leaver.username),
    (count) => count === 0,
  );
  expect(await receiptOf(other, token)).toMatchObject({ status: 'SCHEDULED', finishedAt: null, steps: [] });
  // Nothing is lost meanwhile.
  expect((await threadOf(other, those.ownPost))?.title).toContain(words('mind', 'title'));

  const again = await signIn(graph.url, leaver.username);
  const { viewer } = await again.data<{ viewer: { deletion: { dueAt: string; mode: string } } }>(
    '{ viewer { deletion { mode dueAt } } }',
  );
  expect(viewer.deletion.mode).toBe('ERASE');
  const days = (Date.parse(viewer.deletion.dueAt) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(13.9);
  expect(days).toBeLessThan(14.1);
  await again.change('cancelDeletion', {}, 'user { id }');
  expect((await profileOf(other, those)).user?.username).toBe(leaver.username);
  expect(
    (await again.data<{ viewer: { deletion: null } }>('{ viewer { deletion { mode } } }')).viewer.deletion,
  ).toBeNull();
  expect(await receiptOf(other, token)).toBeNull();
  await eventually(
    () => found(other, leaver.username),
    (count) => count > 0,
  );
  await graph.graceIsOver(leaver.userId ?? '');
  expect((await profileOf(other, those)).user?.bio).toBe(words('mind', 'bio'));
});

test('the word in the mail keeps the account too, once', async () => {
  const person = await aPerson(graph.url, 'mailkeep');
  await leave(person, 'ANONYMISE');
  const token = tokenIn(await mailTo(graph, addressOf(person), /will be deleted/));
  const nobody = new Frontend(graph.url);
  const { user } = await nobody.change<{ user: { username: string } }>(
    'cancelDeletion',
    { token },
    'user { username }',
  );
  expect(user.username).toBe(person.username);
  await expect(nobody.change('cancelDeletion', { token }, 'user { id }')).rejects.toThrow('BAD_USER_INPUT');
  await expect(nobody.change('cancelDeletion', {}, 'user { id }')).rejects.toThrow('UNAUTHENTICATED');
});

test('it takes a proof beside the session, and nobody ends another’s account or leaves the site without an administrator', async () => {
  const person = await aPerson(graph.url, 'proof');
  const codesOf = async (asker: Frontend, input: object): Promise<unknown> => {
    const { data, errors } = await asker.ask<{ deleteAccount: { userErrors: { code: string }[] } }>(DELETE, { input });
    return data?.deleteAccount?.userErrors[0]?.code ?? errors?.[0]?.extensions?.['code'];
  };
  expect(await codesOf(person, { mode: 'ERASE', password: 'not the password' })).toBe('UNAUTHENTICATED');
  expect(await codesOf(person, { mode: 'ERASE' })).toBe('BAD_USER_INPUT');
  expect(await codesOf(person, { mode: 'ERASE', password: PASSWORD, code: '123456' })).toBe('BAD_USER_INPUT');
  expect(await codesOf(new Frontend(graph.url), { mode: 'ERASE', password: PASSWORD })).toBe('UNAUTHENTICATED');
  const admin = await signIn(graph.url, 'admin', 'administrator of the tests');
  expect(await codesOf(admin, { mode: 'ERASE', password: 'administrator of the tests' })).toBe('CONFLICT');
  expect((await admin.data<{ viewer: { id: string } }>('{ viewer { id } }')).viewer.id).toBe(admin.userId);
  // And what is right is done, once.
  await leave(person, 'ERASE');
  const again = await signIn(graph.url, person.username);
  expect(await codesOf(again, { mode: 'ANONYMISE', password: PASSWORD })).toBe('CONFLICT');
});

test('ANONYMISE keeps threads under a name that says nothing, and takes the rest', async () => {
  const those = await neighbours(graph, 'anon');
  const { leaver, other } = those;
  const before = await threadOf(other, those.othersPost);
  const receipt = await gone(graph, leaver, other, await leave(leaver, 'ANONYMISE'));
  expect(receipt.mode).toBe('ANONYMISE');
  expect(countIn(receipt, 'users', 'name, address, password and profile')).toBe(1);
  expect(countIn(receipt, 'content', 'posts')).toBe(1);
  expect(countIn(receipt, 'engagement', 'votes on posts')).toBe(1);
  expect(countIn(receipt, 'engagement', 'votes on comments')).toBe(2);
  const own = await threadOf(other, those.ownPost);
  expect(own?.title).toContain(words('anon', 'title'));
  expect(own?.author).toEqual({
    username: expect.stringMatching(/^deleted-[0-9a-f]{12}$/) as string,
    name: 'Deleted person',
  });
  const thread = await threadOf(other, those.othersPost);
  const middle = middleOf(thread);
  expect(middle).toMatchObject({ isDeleted: false, author: { name: 'Deleted person' } });
  expect(middle?.html).toContain(words('anon', 'comment'));
  expect(middle?.replies.edges[0]?.node.html).toContain('An answer that stays');
  // The votes stay in the sums; the bookmark is gone with whoever it was for.
  expect(thread?.counts).toEqual({ ...before?.counts, bookmarks: 0 });
  const profile = await profileOf(other, those);
  expect(profile).toMatchObject({ user: { name: 'Deleted person', bio: '' }, byName: null });
  await expect(signIn(graph.url, leaver.username)).rejects.toThrow();
  await expect(signIn(graph.url, addressOf(leaver))).rejects.toThrow();
  const [row] = await graph.rows('users', 'select email, password_hash, followers_count from "user" where id = $1', [
    uuidOf(leaver.userId ?? ''),
  ]);
  expect(row).toEqual({ email: '', password_hash: '', followers_count: 0 });
  const drafts = await graph.rows('content', 'select status from post where author_id = $1', [
    uuidOf(leaver.userId ?? ''),
  ]);
  expect(drafts).toEqual([{ status: 'PUBLISHED' }]);
  const votes = await graph.rows('engagement', 'select 1 from vote where voter_id = $1', [uuidOf(leaver.userId ?? '')]);
  expect(votes).toEqual([]);
  await eventually(
    () => found(other, words('anon', 'title')),
    (count) => count === 1,
  );
  expect((await other.data<{ viewer: object }>('{ viewer { followersCount followingCount } }')).viewer).toEqual({
    followersCount: 0,
    followingCount: 0,
  });
});

test('ERASE takes posts and words, keeps the threads, and every sum is that of those who stay', async () => {
  const those = await neighbours(graph, 'gone');
  const { leaver, other } = those;
  const receipt = await gone(graph, leaver, other, await leave(leaver, 'ERASE'));
  expect(await threadOf(other, those.ownPost)).toBeNull();
  const thread = await threadOf(other, those.othersPost);
  const root = thread?.comments.edges[0]?.node;
  const middle = middleOf(thread);
  expect(root?.html).toContain('First words of the thread');
  expect(middle).toMatchObject({ html: null, isDeleted: true, author: null, counts: { up: 1 } });
  expect(middle?.replies.edges[0]?.node).toMatchObject({ isDeleted: false, counts: { up: 0 } });
  expect(middle?.replies.edges[0]?.node.html).toContain('An answer that stays');
  expect(thread?.counts).toEqual({ up: 1, down: 0, score: 1, comments: 2, bookmarks: 0 });
  const views = await eventually(
    () =>
      graph.rows('insights', 'select views::int, unique_viewers::int, likes::int from post_total where post_id = $1', [
        uuidOf(those.othersPost),
      ]),
    ([row]) => row !== undefined,
  );
  expect(views).toEqual([{ views: 1, unique_viewers: 1, likes: 0 }]);
  const hours = await graph.rows(
    'insights',
    'select kind, sum(count)::int as count from post_hour where post_id = $1 group by kind order by kind',
    [uuidOf(those.othersPost)],
  );
  expect(hours).toEqual([
    { kind: 'LIKE', count: 0 },
    { kind: 'VIEW', count: 1 },
  ]);
  await eventually(
    () =>
      graph.rows('engagement', 'select views::int from post_counter where post_id = $1', [uuidOf(those.othersPost)]),
    ([row]) => row?.['views'] === 1,
  );
  expect(await profileOf(other, those)).toEqual({ user: null, byName: null });
  await expect(signIn(graph.url, leaver.username)).rejects.toThrow();
  for (const what of ['title', 'body', 'comment', 'bio'])
    expect([what, await found(other, words('gone', what))]).toEqual([what, 0]);
  expect(receipt.steps).toHaveLength(10);
  expect(countIn(receipt, 'content', 'posts')).toBe(2);
  expect(countIn(receipt, 'engagement', 'comments')).toBe(1);
  expect(countIn(receipt, 'engagement', 'votes on posts')).toBe(1);
  expect(countIn(receipt, 'engagement', 'votes on comments')).toBe(2);
  expect(countIn(receipt, 'engagement', 'bookmarks')).toBe(1);
  expect(countIn(receipt, 'insights', 'events of readers')).toBe(2);
  expect(countIn(receipt, 'users', 'follows')).toBe(1);
  // The receipt is for who has its word alone.
  expect(await receiptOf(other, 'x'.repeat(43))).toBeNull();
  await mailTo(graph, addressOf(leaver), /is deleted/);
});

test('a community goes to whoever has looked after it longest, and goes itself where nobody else is in it', async () => {
  const those = await neighbours(graph, 'heir');
  const { leaver, other } = those;
  const create = async (name: string) =>
    (await leaver.change<{ community: { id: string } }>('createCommunity', { name }, 'community { id }')).community.id;
  const [shared, alone] = [await create('heirshared'), await create('heiralone')];
  await other.change('joinCommunity', { communityId: shared }, 'community { id }');
  await publish(other, 'Kept by others', 'Words of others.');
  await gone(graph, leaver, other, await leave(leaver, 'ERASE'));
  const query = `query ($name: String!) { community(name: $name) { viewerRole membersCount owner { id } } }`;
  expect(await other.data(query, { name: 'heirshared' })).toEqual({
    community: { viewerRole: 'owner', membersCount: 1, owner: { id: other.userId } },
  });
  expect(await other.data(query, { name: 'heiralone' })).toEqual({ community: null });
  const left = await graph.rows('search', 'select title, is_visible from document where id = $1', [uuidOf(alone)]);
  expect(left).toEqual([{ title: '', is_visible: false }]);
});
