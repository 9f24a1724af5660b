import { sql } from 'kit/database';
import { type Id, newId, toUuid } from 'kit/ids';
import { ensureMonthlyPartitions, lowestUuid } from 'kit/partitions';
import { testSubgraph } from 'kit/testing/subgraph';
import { anonymous, systemViewer, userViewer } from 'kit/viewer';
import { aPost, aPrivateCommunity, eventually } from '../insights.testing.ts';
import { insights } from '../subgraph.ts';
import { forgetPastViewers } from './track.keys.ts';

const graph = testSubgraph(insights);

const TRACK = `mutation ($input: TrackEventInput!) { trackEvent(input: $input) { accepted userErrors { field code } } }`;

interface Tracked {
  readonly trackEvent: { accepted: boolean | null; userErrors: { field: string[] | null; code: string }[] };
}

const reader = () => graph.as(userViewer(newId('user')));
const trackAs = async (asking: typeof graph.anonymously, input: object) =>
  (await asking.data<Tracked>(TRACK, { input })).trackEvent;

/** As the gateway would send it for somebody at this address. */
async function trackFrom(address: string, userAgent: string, input: object) {
  const hop = { viewer: anonymous, requestId: crypto.randomUUID(), client: { address, userAgent }, after: [] };
  const { data, errors } = await graph.running().execute({ query: TRACK, variables: { input } }, hop);
  return { tracked: (data as Tracked | null | undefined)?.trackEvent ?? null, errors };
}

const accepted = { accepted: true, userErrors: [] };
const notCounted = { accepted: false, userErrors: [] };

interface Sums {
  readonly views: number;
  readonly uniqueViewers: number;
  readonly likes: number;
  readonly dislikes: number;
  readonly comments: number;
  readonly shares: number;
  readonly bookmarks: number;
}

const storedSums = async (postId: Id) =>
  (
    await graph.rows<Sums>(sql`
      select views, unique_viewers as "uniqueViewers", likes, dislikes, comments, shares, bookmarks
      from post_total where post_id = ${toUuid(postId)}`)
  )[0];

/** What the sums must be, from nothing but the raw rows. */
const recomputedSums = async (postId: Id) =>
  (
    await graph.rows<Sums>(sql`
      select count(*) filter (where kind = 'VIEW') as views,
        count(distinct viewer) filter (where kind = 'VIEW') as "uniqueViewers",
        count(*) filter (where kind = 'LIKE') as likes, count(*) filter (where kind = 'DISLIKE') as dislikes,
        count(*) filter (where kind = 'COMMENT') as comments, count(*) filter (where kind = 'SHARE') as shares,
        count(*) filter (where kind = 'BOOKMARK') as bookmarks
      from tracked_event where post_id = ${toUuid(postId)}`)
  )[0];

const hoursDiffer = (postId: Id) =>
  graph.rows(sql`
    with raw as (select post_id, date_trunc('hour', tracked_at, 'UTC') as hour, kind, count(*) as count
                 from tracked_event where post_id = ${toUuid(postId)} group by 1, 2, 3),
      kept as (select * from post_hour where post_id = ${toUuid(postId)})
    (select * from raw except select * from kept) union all (select * from kept except select * from raw)`);

async function expectSumsOfRows(postId: Id): Promise<void> {
  expect(await storedSums(postId)).toEqual(await recomputedSums(postId));
  expect(await hoursDiffer(postId)).toEqual([]);
}

test('every kind of event is counted, by anyone who sees the post', async () => {
  const postId = await aPost(graph);
  for (const kind of ['VIEW', 'LIKE', 'DISLIKE', 'COMMENT', 'SHARE', 'SHARE', 'BOOKMARK']) {
    expect(await trackAs(graph.anonymously, { postId, kind })).toEqual(accepted);
  }
  expect(await trackAs(reader(), { postId, kind: 'VIEW', seconds: 42 })).toEqual(accepted);
  expect(await storedSums(postId)).toEqual({
    ...{ views: 2, uniqueViewers: 2, likes: 1, dislikes: 1, comments: 1, shares: 2, bookmarks: 1 },
  });
  await expectSumsOfRows(postId);
});

test('a view counts once in 30 minutes for one viewer, and again afterwards', async () => {
  const postId = await aPost(graph);
  const person = reader();
  expect(await trackAs(person, { postId, kind: 'VIEW' })).toEqual(accepted);
  expect(await trackAs(person, { postId, kind: 'VIEW' })).toEqual(notCounted);
  await graph.rows(
    sql`update post_viewer set counted_at = counted_at - interval '29 minutes' where post_id = ${toUuid(postId)}`,
  );
  expect(await trackAs(person, { postId, kind: 'VIEW' })).toEqual(notCounted);
  await graph.rows(
    sql`update post_viewer set counted_at = counted_at - interval '1 minute' where post_id = ${toUuid(postId)}`,
  );
  expect(await trackAs(person, { postId, kind: 'VIEW' })).toEqual(accepted);
  expect(await storedSums(postId)).toMatchObject({ views: 2, uniqueViewers: 1 });
  await expectSumsOfRows(postId);
});

test('those not signed in are told apart by address and user agent, of which nothing is stored', async () => {
  const postId = await aPost(graph);
  const view = { postId, kind: 'VIEW' };
  expect((await trackFrom('192.0.2.10', 'Netscape', view)).tracked).toEqual(accepted);
  expect((await trackFrom('192.0.2.10', 'Netscape', view)).tracked).toEqual(notCounted);
  expect((await trackFrom('192.0.2.10', 'Lynx', view)).tracked).toEqual(accepted);
  expect((await trackFrom('192.0.2.11', 'Netscape', view)).tracked).toEqual(accepted);
  const userId = newId('user');
  expect(await trackAs(graph.as(userViewer(userId)), { ...view, idempotencyKey: 'once' })).toEqual(accepted);
  const stored = await graph.rows<{ row: string }>(sql`
    select e::text as row from tracked_event e union all select v::text from post_viewer v
    union all select p::text from post_total p union all select k::text from viewer_key k`);
  const text = stored.map(({ row }) => row).join('\n');
  const hexOf = (plain: string) => Buffer.from(plain).toString('hex');
  for (const secret of ['192.0.2.10', 'Netscape', userId, toUuid(userId)]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(hexOf(secret));
  }
});

test('the keys of past days are thrown away with what they told apart, persons stay known', async () => {
  const postId = await aPost(graph);
  await trackAs(graph.anonymously, { postId, kind: 'VIEW' });
  await trackAs(reader(), { postId, kind: 'VIEW' });
  await graph.rows(
    sql`insert into viewer_key (name, secret, made_at) values ('2026-01-01', 'x', now() - interval '3 days')`,
  );
  await graph.rows(
    sql`update post_viewer set counted_at = now() - interval '3 days' where post_id = ${toUuid(postId)}`,
  );
  await forgetPastViewers(graph.running().contextFor(systemViewer));
  const keys = await graph.rows<{ name: string }>(sql`select name from viewer_key order by name`);
  expect(keys.map(({ name }) => name)).toEqual([new Date().toISOString().slice(0, 10), 'persons']);
  const viewers = await graph.rows(
    sql`select is_person as "isPerson" from post_viewer where post_id = ${toUuid(postId)}`,
  );
  expect(viewers).toEqual([{ isPerson: true }]);
});

test('a post one may not see is not there: unknown, deleted, another one’s draft, in a private community', async () => {
  const community = await aPrivateCommunity(graph);
  const authorId = newId('user');
  const deleted = await aPost(graph);
  await graph.deliver('content', 'post.deleted', { postId: deleted, authorId, communityId: null });
  const invisible = {
    unknown: newId('post'),
    deleted,
    draft: await aPost(graph, { status: 'DRAFT' }),
    private: await aPost(graph, { communityId: community.id }),
  };
  const notThere = { accepted: null, userErrors: [{ field: ['postId'], code: 'NOT_FOUND' }] };
  for (const postId of Object.values(invisible)) {
    expect(await trackAs(reader(), { postId, kind: 'VIEW' })).toEqual(notThere);
    expect(await trackAs(graph.anonymously, { postId, kind: 'VIEW' })).toEqual(notThere);
    expect(await recomputedSums(postId)).toMatchObject({ views: 0 });
  }
  expect(await trackAs(community.member, { postId: invisible.private, kind: 'VIEW' })).toEqual(accepted);
});

test('50 at once on one post: sums equal rows', async () => {
  const postId = await aPost(graph);
  const kinds = ['VIEW', 'LIKE', 'DISLIKE', 'COMMENT', 'SHARE'];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => trackAs(reader(), { postId, kind: kinds[n % kinds.length] })),
  );
  expect(answers).toEqual(Array.from({ length: 50 }, () => accepted));
  expect(await storedSums(postId)).toMatchObject({
    views: 10,
    uniqueViewers: 10,
    likes: 10,
    dislikes: 10,
    comments: 10,
    shares: 10,
  });
  await expectSumsOfRows(postId);
});

test('50 views of one viewer at once are one view', async () => {
  const postId = await aPost(graph);
  const person = reader();
  const answers = await Promise.all(Array.from({ length: 50 }, () => trackAs(person, { postId, kind: 'VIEW' })));
  expect(answers.filter(({ accepted: isAccepted }) => isAccepted)).toHaveLength(1);
  expect(await storedSums(postId)).toMatchObject({ views: 1, uniqueViewers: 1 });
  await expectSumsOfRows(postId);
});

test('many readers on many posts at once wait for nobody in a circle', async () => {
  const posts = await Promise.all(Array.from({ length: 5 }, () => aPost(graph)));
  const people = Array.from({ length: 8 }, reader);
  await Promise.all(
    people.flatMap((person, n) =>
      [...posts.slice(n % 5), ...posts.slice(0, n % 5)].map((postId) => trackAs(person, { postId, kind: 'VIEW' })),
    ),
  );
  for (const postId of posts) {
    expect(await storedSums(postId)).toMatchObject({ views: 8 });
    await expectSumsOfRows(postId);
  }
});

test('a repeat with the same key does nothing and answers the same; keys of two who are not signed in are two', async () => {
  const postId = await aPost(graph);
  const person = reader();
  const like = { postId, kind: 'LIKE', idempotencyKey: 'like-1' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => trackAs(person, like)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(accepted)]));
  expect(await storedSums(postId)).toMatchObject({ likes: 1 });
  expect(await trackAs(person, { ...like, kind: 'SHARE' })).toEqual({
    accepted: null,
    userErrors: [{ field: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' }],
  });
  expect((await trackFrom('192.0.2.20', 'a', like)).tracked).toEqual(accepted);
  expect((await trackFrom('192.0.2.21', 'a', { ...like, kind: 'DISLIKE' })).tracked).toEqual(accepted);
  expect(await storedSums(postId)).toMatchObject({ likes: 2, dislikes: 1 });
});

test('what fails in the middle leaves nothing behind, and its repeat counts once', async () => {
  const postId = await aPost(graph);
  const view = { postId, kind: 'VIEW', idempotencyKey: 'again' };
  const person = reader();
  await graph.rows(
    sql`create function fail() returns trigger language plpgsql as $$ begin raise exception 'disk on fire'; end $$`,
  );
  await graph.rows(sql`create trigger fail before insert on post_hour for each row execute function fail()`);
  const { errors } = await person.run(TRACK, { input: view });
  expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  expect(JSON.stringify(errors)).not.toContain('fire');
  await graph.rows(sql`drop function fail cascade`);
  expect(await storedSums(postId)).toBeUndefined();
  expect(await recomputedSums(postId)).toMatchObject({ views: 0 });
  expect(await trackAs(person, view)).toEqual(accepted);
  expect(await trackAs(person, view)).toEqual(accepted);
  expect(await storedSums(postId)).toMatchObject({ views: 1, uniqueViewers: 1 });
  await expectSumsOfRows(postId);
});

test('connections that die in the middle double nothing when clients try again', async () => {
  const postId = await aPost(graph);
  const clients = Array.from({ length: 50 }, (_, n) => ({
    person: reader(),
    input: { postId, kind: 'VIEW', idempotencyKey: `k${n}` },
  }));
  const untilDone = ({ person, input }: (typeof clients)[number]) =>
    eventually(
      () => person.run(TRACK, { input }),
      ({ errors }) => errors === undefined,
    );
  const all = Promise.all(clients.map(untilDone));
  let killed = 0;
  while (killed < 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const victims = await graph
      .rows(
        sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and query like '%post_total%'`,
      )
      .catch(() => []);
    killed += victims.length;
  }
  for (const { data } of await all) expect(data).toEqual({ trackEvent: accepted });
  expect(await storedSums(postId)).toMatchObject({ views: 50, uniqueViewers: 50 });
  await expectSumsOfRows(postId);
  const { pool } = graph.running().contextFor(systemViewer).services.database;
  const isWhole = await eventually(
    async () => pool.idleCount === pool.totalCount,
    (is) => is,
  );
  expect(isWhole).toBe(true);
});

test('an event is stored in the month of its id, next month’s too', async () => {
  const now = new Date();
  const months = [0, 1, 2].map((offset) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)));
  for (const [offset, start] of months.entries()) {
    for (const at of offset === 0 ? [start] : [new Date(start.getTime() - 1), start]) {
      const [row] = await graph.rows<{ partition: string }>(sql`
        insert into tracked_event (id, post_id, kind, viewer, tracked_at)
        values (${lowestUuid(at).replace(/0{12}$/, '00000000000b')}, ${toUuid(newId('post'))}, 'VIEW', 'x', ${at})
        returning tableoid::regclass::text as partition`);
      expect(row?.partition).toBe(`tracked_event_${at.toISOString().slice(0, 7).replace('-', '_')}`);
    }
  }
});

test('the daily job makes the months that come, whenever it runs', async () => {
  const system = graph.running().contextFor(systemViewer);
  await ensureMonthlyPartitions(system, 'tracked_event', new Date('2031-12-31T23:59:59.999Z'));
  await ensureMonthlyPartitions(system, 'tracked_event', new Date('2032-01-01T00:00:00.000Z'));
  const [row] = await graph.rows<{ partition: string }>(sql`
    insert into tracked_event (id, post_id, kind, viewer, tracked_at)
    values (${lowestUuid(new Date('2032-04-30T23:59:59.999Z'))}, ${toUuid(newId('post'))}, 'VIEW', 'x', now())
    returning tableoid::regclass::text as partition`);
  expect(row?.partition).toBe('tracked_event_2032_04');
  const jobs = await graph.rows<{ name: string; cron: string }>(
    sql`select name, cron from job.schedule where name like 'track.%' order by name`,
  );
  expect(jobs).toEqual([
    { name: 'track.forget', cron: '33 3 * * *' },
    { name: 'track.partitions', cron: '23 3 * * *' },
  ]);
});

test('input that cannot be meant is refused with its code and stores nothing', async () => {
  const postId = await aPost(graph);
  const like = { postId, kind: 'LIKE' };
  const refused: [object, string, string][] = [
    [{ ...like, postId: '' }, 'postId', 'INVALID_ID'],
    [{ ...like, postId: 'nonsense' }, 'postId', 'INVALID_ID'],
    [{ ...like, postId: '\u0000' }, 'postId', 'INVALID_ID'],
    [{ ...like, postId: `post_${'a'.repeat(100_000)}` }, 'postId', 'INVALID_ID'],
    [{ ...like, postId: "post_'; drop table tracked_event; --" }, 'postId', 'INVALID_ID'],
    [{ ...like, postId: newId('user') }, 'postId', 'WRONG_ID_TYPE'],
    [{ ...like, seconds: -1 }, 'seconds', 'BAD_USER_INPUT'],
    [{ ...like, seconds: 86_401 }, 'seconds', 'BAD_USER_INPUT'],
    [{ ...like, seconds: 1e9 }, 'seconds', 'BAD_USER_INPUT'],
    [{ ...like, idempotencyKey: '' }, 'idempotencyKey', 'BAD_USER_INPUT'],
    [{ ...like, idempotencyKey: 'x'.repeat(201) }, 'idempotencyKey', 'BAD_USER_INPUT'],
    [{ ...like, idempotencyKey: 'a\u0000b' }, 'idempotencyKey', 'BAD_USER_INPUT'],
  ];
  for (const [input, field, code] of refused) {
    expect(await trackAs(reader(), input)).toEqual({ accepted: null, userErrors: [{ field: [field], code }] });
  }
  for (const input of [{ ...like, kind: 'STARE' }, { postId }, { ...like, seconds: 1.5 }, { ...like, seconds: 1e10 }]) {
    expect((await reader().run(TRACK, { input })).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  expect(await storedSums(postId)).toBeUndefined();
  expect(await trackAs(reader(), { ...like, seconds: 86_400, idempotencyKey: '🗝'.repeat(200) })).toEqual(accepted);
});
