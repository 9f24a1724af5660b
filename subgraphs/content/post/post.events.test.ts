import { sql } from 'kit/database';
import { createLiveFollower } from 'kit/live';
import { createLogger } from 'kit/logger';
import { workerRedisUrl } from 'kit/testing/engines';
import { testSubgraph } from 'kit/testing/subgraph';
import { anonymous } from 'kit/viewer';
import { content } from '../subgraph.ts';
import {
  act,
  aDraft,
  aPerson,
  aPost,
  aCommunity,
  codeOf,
  CREATE_POST,
  DELETE_POST,
  eventsAbout,
  hopOf,
  PUBLISH_POST,
  UPDATE_POST,
} from '../testing.ts';

const graph = testSubgraph(content);
const author = aPerson();

test('each change of a post is one event with all that others need, and no change is none', async () => {
  const { id: communityId } = await aCommunity(graph, author);
  const { id } = await aDraft(graph, author, { title: 'One', markdown: '*first* words', tags: ['Tag'], communityId });
  await act(graph, author, UPDATE_POST, { id, version: 1, title: 'Two' });
  await act(graph, author, UPDATE_POST, { id, version: 1, title: 'Too late' });
  await act(graph, author, UPDATE_POST, { id, version: 2, title: '' });
  const { post } = await act(graph, author, PUBLISH_POST, { id });
  await act(graph, author, PUBLISH_POST, { id });
  await graph.as(aPerson()).run(UPDATE_POST, { input: { id, version: 2, title: 'Not mine' } });
  await act(graph, author, DELETE_POST, { id });
  await act(graph, author, DELETE_POST, { id });
  const saved = {
    postId: id,
    authorId: author.userId,
    communityId,
    status: 'DRAFT',
    title: 'One',
    slug: 'one',
    excerpt: 'first words',
    text: 'first words',
    tags: ['tag'],
    publishedAt: null,
    version: 1,
  };
  const edited = { ...saved, title: 'Two', version: 2 };
  expect(await eventsAbout(graph, id)).toEqual([
    { type: 'post.saved', actorId: author.userId, payload: saved },
    { type: 'post.saved', actorId: author.userId, payload: edited },
    {
      type: 'post.saved',
      actorId: author.userId,
      payload: { ...edited, status: 'PUBLISHED', publishedAt: post?.publishedAt },
    },
    { type: 'post.deleted', actorId: author.userId, payload: { postId: id, authorId: author.userId, communityId } },
  ]);
});

test('of ten edits at once one is told, and of ten retries too', async () => {
  const { id } = await aDraft(graph, author);
  await Promise.all(
    Array.from({ length: 10 }, (_, n) => act(graph, author, UPDATE_POST, { id, version: 1, title: `Edit ${n}` })),
  );
  expect((await eventsAbout(graph, id)).map(({ payload }) => payload['version'])).toEqual([1, 2]);
  const input = { title: 'Once', markdown: 'x', idempotencyKey: 'events' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => act(graph, author, CREATE_POST, input)));
  expect(await eventsAbout(graph, String(answers[0]?.post?.id))).toHaveLength(1);
});

test('the text of an event is cut at 100,000 characters, and never inside one', async () => {
  const { id } = await aDraft(graph, author, { markdown: `a${'𝕏'.repeat(99_000)}` });
  const [event] = await eventsAbout(graph, id);
  const text = String(event?.payload['text']);
  expect(text.length).toBeLessThanOrEqual(100_000);
  expect(text.length).toBeGreaterThan(99_990);
  expect(text.isWellFormed()).toBe(true);
});

test('the answer names the events of the change, so that the gateway can wait for them', async () => {
  const { extensions } = await graph.as(author).run(CREATE_POST, { input: { title: 'x', markdown: 'x' } });
  const [{ id, type } = { id: '', type: '' }] = extensions?.emitted ?? [];
  expect(type).toBe('post.saved');
  expect(await graph.rows(sql`select 1 from outbox where id = ${id}`)).toHaveLength(1);
});

const SUBSCRIPTION = 'subscription ($id: ID!) { postUpdated(postId: $id) { id title version } }';
const subscribe = (viewer: typeof anonymous, id: string) =>
  graph.running().execute({ query: SUBSCRIPTION, variables: { id }, live: 'subscribe' }, hopOf(viewer));

test('a follower of a post’s topic gets each change, and its event is hydrated as it is now', async () => {
  const { id } = await aPost(graph, author);
  const { extensions } = await subscribe(anonymous, id);
  expect(extensions?.topic).toBe(`post-updated:${id}`);
  const follower = createLiveFollower(workerRedisUrl(), createLogger('test', 'silent'));
  const follow = follower.follow(String(extensions?.topic), { from: '0-0' });
  await act(graph, author, UPDATE_POST, { id, version: 1, title: 'Live' });
  const told = [await follow.next(), await follow.next(), await follow.next()];
  const written = await graph.rows<{ id: string }>(
    sql`select id from outbox where aggregate_id = ${id} order by position`,
  );
  expect(told.map(({ value }) => value?.id)).toEqual(written.map((event) => event.id));
  const event = told[2]?.value?.payload ?? {};
  expect(event).toEqual({ postId: id });
  const hydrated = await graph
    .running()
    .execute({ query: SUBSCRIPTION, variables: { id }, live: { event } }, hopOf(anonymous));
  expect(hydrated).toEqual({ data: { postUpdated: { id, title: 'Live', version: 2 } } });
  await act(graph, author, DELETE_POST, { id });
  expect((await follow.next()).value?.payload).toEqual({ postId: id });
  const gone = await graph
    .running()
    .execute({ query: SUBSCRIPTION, variables: { id }, live: { event } }, hopOf(anonymous));
  expect(gone).toEqual({ data: { postUpdated: null } });
  follower.close();
});

test('following what one may not see, or what is no post, is refused', async () => {
  const { id } = await aDraft(graph, author);
  expect((await subscribe(author, id)).extensions?.topic).toBe(`post-updated:${id}`);
  expect(codeOf(await subscribe(anonymous, id))).toBe('NOT_FOUND');
  expect(codeOf(await subscribe(anonymous, 'x'))).toBe('INVALID_ID');
  expect(codeOf(await subscribe(anonymous, author.userId))).toBe('WRONG_ID_TYPE');
});

test('a subscription is answered as live data only', async () => {
  const { id } = await aPost(graph, author);
  expect(codeOf(await graph.anonymously.run(SUBSCRIPTION, { id }))).toBe('BAD_USER_INPUT');
});
