import { Redis } from 'ioredis';
import { workerRedisUrl } from 'kit/testing/engines';
import { addressOf, mailTo, neighbours, type RightsGraph, startRightsGraph, uuidOf, words } from './erasure.testing.ts';
import { download, exportOf, filesIn, tokenIn } from './erasure.archive.testing.ts';
import { aPerson, eventually, Frontend } from './setup/client.ts';

let graph: RightsGraph;
beforeAll(async () => {
  graph = await startRightsGraph();
});
afterAll(() => graph.stop());

const EVERY_FILE = [
  'content/communities.json',
  'content/earlier-versions.json',
  'content/posts.json',
  'engagement/bookmarks.json',
  'engagement/comments.json',
  'engagement/votes.json',
  'insights/audit.json',
  'insights/events.json',
  'insights/sentiments.json',
  'search/documents.json',
  'users/profile.json',
  'users/sessions.json',
];

test('an archive has what each subgraph knows of its person, and nothing of others', async () => {
  const { leaver, other, ownPost, draft, othersPost, comments } = await neighbours(graph, 'full');
  await leaver.change('createCommunity', { name: 'Fullcommunity', description: 'mine' }, 'community { id }');
  await leaver.change('createApiKey', { name: 'of mine', scopes: ['posts:read'] }, 'apiKey { id }');
  const archive = await download(graph, await exportOf(graph, leaver, addressOf(leaver)));
  const { files, text } = filesIn(archive ?? Buffer.alloc(0));
  expect(Object.keys(files)).toEqual(expect.arrayContaining(EVERY_FILE));
  expect(files['users/profile.json']).toMatchObject([
    { id: leaver.userId, email: addressOf(leaver), bio: words('full', 'bio') },
  ]);
  expect(files['users/following.json']).toMatchObject([{ userId: other.userId }]);
  expect(files['users/followers.json']).toMatchObject([{ userId: other.userId }]);
  expect(files['users/sessions.json']).toHaveLength(1);
  expect(files['content/posts.json']).toMatchObject([
    { id: ownPost, status: 'PUBLISHED' },
    { id: draft, status: 'DRAFT', markdown: words('full', 'draftbody') },
  ]);
  expect(files['content/earlier-versions.json']).toMatchObject([
    { postId: ownPost, number: 1, reason: words('full', 'reason') },
  ]);
  expect(files['content/communities.json']).toMatchObject([
    { name: 'Fullcommunity', role: 'owner', own: { description: 'mine' } },
  ]);
  expect(files['engagement/comments.json']).toMatchObject([{ id: comments.leavers, postId: othersPost }]);
  expect(files['engagement/votes.json']?.map((vote) => vote['targetId']).sort()).toEqual(
    [othersPost, comments.root, comments.answer].sort(),
  );
  expect(files['engagement/bookmarks.json']).toMatchObject([{ postId: othersPost }]);
  expect(files['insights/events.json']).toMatchObject([
    { postId: othersPost, kind: 'VIEW' },
    { postId: othersPost, kind: 'LIKE' },
  ]);
  expect(files['insights/sentiments.json']?.map((row) => row['id']).sort()).toEqual([ownPost, comments.leavers].sort());
  expect(files['insights/audit.json']).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: 'apiKey.create', isActor: true, via: 'session' })]),
  );
  expect(files['search/documents.json']?.map((document) => document['id'])).toEqual(
    expect.arrayContaining([leaver.userId, ownPost, comments.leavers]),
  );
  for (const foreign of [addressOf(other), 'An answer that stays', 'A post of somebody who stays']) {
    expect(text).not.toContain(foreign);
  }
  expect(text).not.toMatch(/argon2|password_?hash|"hash"|secret"/i);
});

test('on the way to the archive nothing of it is left behind', async () => {
  const person = await aPerson(graph.url, 'wayside');
  await exportOf(graph, person, addressOf(person));
  const redis = new Redis(workerRedisUrl());
  const isLeft = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const subgraph of ['content', 'engagement', 'search', 'insights']) {
      const entries = await redis.xrange(`bus:${subgraph}`, '-', '+');
      if (entries.some(([, fields]) => fields.join().includes(`${subgraph}-data.gathered`)))
        found.push(`bus:${subgraph}`);
      const rows = await graph.rows(subgraph, `select 1 from outbox where type = $1`, [`${subgraph}-data.gathered`]);
      if (rows.length > 0) found.push(`outbox of ${subgraph}`);
    }
    const parts = await graph.rows('users', 'select 1 from data_export_part');
    return parts.length > 0 ? [...found, 'parts'] : found;
  };
  await eventually(isLeft, (found) => found.length === 0);
  redis.disconnect();
});

test('a person who has done nothing gets an archive that says so', async () => {
  const person = await aPerson(graph.url, 'blank');
  const { files } = filesIn(
    (await download(graph, await exportOf(graph, person, addressOf(person)))) ?? Buffer.alloc(0),
  );
  expect(files['users/profile.json']).toHaveLength(1);
  for (const path of EVERY_FILE.filter((one) => !/profile|sessions|documents|audit/.test(one))) {
    expect([path, files[path]]).toEqual([path, []]);
  }
});

test('thousands of rows are in it, each once', async () => {
  const { leaver, othersPost } = await neighbours(graph, 'heavy');
  await graph.rows(
    'engagement',
    `insert into comment (id, post_id, depth, author_id, markdown, html, created_at)
     select gen_random_uuid(), $1, 1, $2, 'number ' || n || repeat(' words', 60), '', now() from generate_series(1, 6000) n`,
    [uuidOf(othersPost), uuidOf(leaver.userId ?? '')],
  );
  await graph.rows(
    'engagement',
    `insert into vote (target_id, voter_id, value, voted_at) select gen_random_uuid(), $1, 1, now() from generate_series(1, 6000)`,
    [uuidOf(leaver.userId ?? '')],
  );
  const { files } = filesIn(
    (await download(graph, await exportOf(graph, leaver, addressOf(leaver)))) ?? Buffer.alloc(0),
  );
  const comments = files['engagement/comments.json'] ?? [];
  expect(comments).toHaveLength(6001);
  expect(new Set(comments.map((row) => row['id'])).size).toBe(6001);
  expect(files['engagement/votes.json']).toHaveLength(6003);
});

test('the link is good for its person until it expires, and nobody else has one', async () => {
  const [person, stranger] = [await aPerson(graph.url, 'owner'), await aPerson(graph.url, 'stranger')];
  const token = await exportOf(graph, person, addressOf(person));
  expect(await download(graph, token)).toBeInstanceOf(Buffer);
  expect(await download(graph, token)).toBeInstanceOf(Buffer);
  for (const wrong of ['', 'x', token.slice(0, -1), `${token}x`, token.toUpperCase(), 'x'.repeat(100_000)]) {
    expect(await download(graph, wrong)).toBeNull();
  }
  const list = '{ dataExports { id status expiresAt } }';
  expect((await stranger.data<{ dataExports: unknown[] }>(list)).dataExports).toEqual([]);
  expect((await person.data<{ dataExports: unknown[] }>(list)).dataExports).toMatchObject([{ status: 'READY' }]);
  expect((await new Frontend(graph.url).ask(list)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  // The gateway's own door is not there for clients, whoever they are.
  const piece = await stranger.ask(`{ dataExportPiece(token: "${token}", piece: 0) { base64 } }`);
  expect(piece.data ?? null).toBeNull();
  expect(piece.errors).toHaveLength(1);
  const byRoute = (body: object) =>
    fetch(new URL('/data-export/archive', graph.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const got = await byRoute({ token });
  expect(got.headers.get('content-type')).toBe('application/zip');
  expect(filesIn(Buffer.from(await got.arrayBuffer())).files['users/profile.json']).toMatchObject([
    { id: person.userId },
  ]);
  expect((await byRoute({ token: 'x' })).status).toBe(404);
  expect((await byRoute({})).status).toBe(400);
  await graph.rows('users', `update data_export set expires_at = now() where user_id = $1`, [
    uuidOf(person.userId ?? ''),
  ]);
  expect(await download(graph, token)).toBeNull();
  expect((await byRoute({ token })).status).toBe(404);
});

test('asked for twice at once it is one archive', async () => {
  const person = await aPerson(graph.url, 'hasty');
  const asked = await Promise.all(
    Array.from({ length: 5 }, () =>
      person.change<{ dataExport: { id: string } }>('requestDataExport', {}, 'dataExport { id }'),
    ),
  );
  expect(new Set(asked.map(({ dataExport }) => dataExport.id)).size).toBe(1);
  await mailTo(graph, addressOf(person), /Your data/);
  const rows = await graph.rows('users', 'select 1 from mail where effect_key = $1', [
    `export-ready:${asked[0]?.dataExport.id}`,
  ]);
  expect(rows).toHaveLength(1);
  expect(tokenIn(await mailTo(graph, addressOf(person), /Your data/))).not.toBe('');
});

test('nobody who is not signed in can ask for one', async () => {
  const answer = await new Frontend(graph.url).ask(
    'mutation { requestDataExport(input: {}) { dataExport { id } userErrors { code } } }',
  );
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});
