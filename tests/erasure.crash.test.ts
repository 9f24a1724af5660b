import { Client } from 'pg';
import { addressOf, countIn, leave, mailTo, neighbours, receiptOf, rowsIn, uuidOf } from './erasure.testing.ts';
import { filesIn, tokenIn } from './erasure.archive.testing.ts';
import { aPerson, databasesOf, eventually, Frontend, sleep } from './setup/client.ts';
import { startGraph, type StartedGraph } from './setup/graph.ts';

const EACH = 400;
const HALF = EACH / 2;

/** The whole graph as an operator runs it, and a process of its own to kill. */
let graph: StartedGraph;
beforeAll(async () => {
  graph = await startGraph('in one process', { DELETION_GRACE_DAYS: '0', DELETION_SETTLE_SECONDS: '0' });
  databasesOf.set(graph.url, graph.databaseUrls);
});
afterAll(async () => {
  await graph.stop();
});

const inEngagement = <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  rowsIn<Row>(graph.databaseUrls['engagement'] ?? '', text, values);

interface Progress {
  readonly step: number;
  readonly counts: Readonly<Record<string, number>>;
}

const progress = async (): Promise<Progress | undefined> =>
  (await inEngagement<Progress>(`select step, counts from rights_task where kind = 'ERASE'`))[0];

/** Keeps a row until it is let go: whoever wants it waits. */
async function hold(statement: string, value: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: graph.databaseUrls['engagement'] });
  await client.connect();
  await client.query('begin');
  const { rowCount } = await client.query(statement, [value]);
  expect(rowCount).toBe(1);
  return () => client.end();
}

/** Keeps a whole table; answers when somebody waits for it, and how to let it go. */
async function holdTable(subgraph: string, table: string, mode: string) {
  const client = new Client({ connectionString: graph.databaseUrls[subgraph] });
  await client.connect();
  await client.query(`begin; lock table ${table} in ${mode} mode`);
  const isWanted = () =>
    eventually(
      () =>
        client
          .query(`select 1 from pg_locks where relation = $1::regclass and not granted`, [table])
          .then(({ rows }) => rows.length),
      (count) => count > 0,
    );
  return { isWanted, release: () => client.end() };
}

/** The archive that the one mail to a person leads to, over HTTP as their browser gets it. */
async function archiveOf(person: { readonly username: string }) {
  const token = tokenIn(await mailTo(graph, addressOf(person), /Your data/));
  const response = await fetch(new URL('/data-export/archive', graph.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  expect(response.status).toBe(200);
  return filesIn(Buffer.from(await response.arrayBuffer())).files;
}

test('SIGKILL while one archive is gathered and another is written: each goes on, once, and is told of once', async () => {
  const [written, gathered] = [await aPerson(graph.url, 'written'), await aPerson(graph.url, 'gathered')];
  await inEngagement(
    `insert into comment (id, post_id, depth, author_id, markdown, html, created_at)
     select gen_random_uuid(), gen_random_uuid(), 1, $1, 'note', '<p>note</p>', now() from generate_series(1, ${EACH})`,
    [uuidOf(gathered.userId ?? '')],
  );
  const chunks = await holdTable('users', 'data_export_chunk', 'exclusive');
  await written.change('requestDataExport', {}, 'dataExport { id }');
  await chunks.isWanted();
  // After the comments come the votes: half of the subgraph's parts are on their way, or there.
  const votes = await holdTable('engagement', 'vote', 'access exclusive');
  await gathered.change('requestDataExport', {}, 'dataExport { id }');
  await votes.isWanted();
  const restarted = graph.killAndRestart('all');
  await Promise.all([chunks.release(), votes.release()]);
  await restarted;

  expect((await archiveOf(written))['users/profile.json']).toMatchObject([{ id: written.userId }]);
  const comments = (await archiveOf(gathered))['engagement/comments.json'] ?? [];
  expect(comments).toHaveLength(EACH);
  expect(new Set(comments.map((row) => row['id'])).size).toBe(EACH);
  const inUsers = (text: string) => rowsIn(graph.databaseUrls['users'] ?? '', text);
  await eventually(
    () => inUsers(`select 1 from mail where template = 'exportReady' and state = 'sent'`),
    (sent) => sent.length === 2,
  );
  // Time for what must not come again.
  await sleep(1500);
  expect(await inUsers('select status from data_export')).toEqual([{ status: 'READY' }, { status: 'READY' }]);
  expect(await inUsers(`select state from mail where template = 'exportReady'`)).toEqual([
    { state: 'sent' },
    { state: 'sent' },
  ]);
  expect(await inUsers(`select 1 from mailbox where subject ~ 'Your data'`)).toHaveLength(2);
  expect(await inUsers('select 1 from data_export_part')).toEqual([]);
  const counts = await inUsers(
    `select (counts->>'engagement/comments.json')::int as count from data_export_source where subgraph = 'engagement' order by 1`,
  );
  expect(counts).toEqual([{ count: 0 }, { count: EACH }]);
});

test('SIGKILL in the middle of a saga: it goes on with the next batch, and nothing is counted or told twice', async () => {
  const { leaver, other, othersPost } = await neighbours(graph, 'crash');
  const [leaverUuid, postUuid] = [uuidOf(leaver.userId ?? ''), uuidOf(othersPost)];
  await inEngagement(
    `insert into comment (id, post_id, depth, author_id, markdown, html, created_at)
     select gen_random_uuid(), $1, 1, $2, 'word', '<p>word</p>', now() from generate_series(1, ${EACH})`,
    [postUuid, leaverUuid],
  );
  await inEngagement(`update post_counter set comments = comments + ${EACH} where post_id = $1`, [postUuid]);
  await inEngagement(
    `with targets as (select gen_random_uuid() as id from generate_series(1, ${EACH})),
      counters as (insert into post_counter (post_id, up, score) select id, 3, 3 from targets)
     insert into vote (target_id, voter_id, value, voted_at) select id, $1, 1, now() from targets`,
    [leaverUuid],
  );
  const heldVote = await hold(
    `select 1 from vote where voter_id = $1 order by target_id desc limit 1 for update`,
    leaverUuid,
  );
  const heldComment = await hold(
    `select 1 from comment where author_id = $1 order by id desc limit 1 for update`,
    leaverUuid,
  );
  const token = await leave(leaver, 'ERASE');

  // Twice: among the votes and, later, among the comments. A row that the test holds keeps the saga in the middle.
  for (const [name, release] of [
    ['votes on posts', heldVote],
    ['comments', heldComment],
  ] as const) {
    await eventually(
      async () => (await progress())?.counts[name] ?? 0,
      (count) => count >= HALF,
      40_000,
    );
    const restarted = graph.killAndRestart('all');
    await sleep(300);
    const there = await progress();
    expect(there?.counts[name]).toBeGreaterThanOrEqual(HALF);
    // All but the one that is held, at most.
    expect(there?.counts[name]).toBeLessThanOrEqual(EACH);
    await restarted;
    await release();
  }
  const receipt = await eventually(
    () => receiptOf(other, token).catch(() => null),
    (found) => found?.status === 'DONE',
    90_000,
  );
  if (!receipt) throw new Error('no receipt');
  expect(receipt.steps).toHaveLength(10);
  expect(countIn(receipt, 'engagement', 'comments')).toBe(EACH + 1);
  expect(countIn(receipt, 'engagement', 'votes on posts')).toBe(EACH + 1);
  const [sums] = await inEngagement(
    `select (select count(*)::int from post_counter where up = 2 and score = 2) as lowered,
      (select comments from post_counter where post_id = $1) as comments,
      (select count(*)::int from comment where author_id = $2 or markdown = 'word') as left,
      (select count(*)::int from comment where deleted_at is not null) as tombstones`,
    [postUuid, leaverUuid],
  );
  expect(sums).toEqual({ lowered: EACH, comments: 2, left: 0, tombstones: EACH + 1 });
  await mailTo(graph, addressOf(leaver), /is deleted/);
  await sleep(2000);
  const mails = await rowsIn(
    graph.databaseUrls['users'] ?? '',
    `select state from mail where template = 'deletionDone'`,
  );
  expect(mails).toEqual([{ state: 'sent' }]);
  expect(await new Frontend(graph.url).data('{ __typename }')).toEqual({ __typename: 'Query' });
}, 240_000);
