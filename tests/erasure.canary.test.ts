import { randomBytes } from 'node:crypto';
import { deleteIndexes, enginesFor } from '../subgraphs/search/search/engine/engines.testing.ts';
import { startMailServer, type TestMailServer } from '../subgraphs/users/mail/smtp.testing.ts';
import { privacyOf } from './access/columns.ts';
import { textColumns } from './access/plant.ts';
import { documentsWith, keysWith, rowsWith, type SpokenGraph, startSpokenGraph } from './erasure.canary.testing.ts';
import { leave, receiptOf, rowsIn, uuidOf } from './erasure.testing.ts';
import { aPerson, eventually, Frontend, PASSWORD, publish, signIn, sleep } from './setup/client.ts';

/** Letters that look like no others and that no stemmer takes off: it stays whole in a name, a slug, a tag and an index. */
const MARK = `zq${[...randomBytes(6)].map((byte) => 'bfhjkptz'[byte % 8]).join('')}x`;
const word = (what: string): string => `${MARK}${what}7`;

const [, onElasticsearch] = enginesFor('canary')[1] ?? [];

let graph: SpokenGraph;
let mails: TestMailServer;
beforeAll(async () => {
  mails = await startMailServer();
  graph = await startSpokenGraph({
    MAIL_URL: mails.url,
    DELETION_GRACE_DAYS: '0',
    DELETION_SETTLE_SECONDS: '0',
    ...onElasticsearch,
  });
}, 120_000);
afterAll(async () => {
  await graph.stop();
  await mails.stop();
  await deleteIndexes(onElasticsearch ?? {});
}, 30_000);

const rows = (subgraph: string, text: string, values: readonly unknown[] = []) =>
  rowsIn(graph.databaseUrls[subgraph] ?? '', text, values);

/** Columns that hold nothing of a person’s own words, and why no mark can stand in them. */
const NOT_THEIRS: Readonly<Record<string, string>> = {
  'users.user.password_hash': 'a hash',
  'users.session.current_hash': 'a hash',
  'users.session.previous_hash': 'a hash',
  'users.token.hash': 'a hash',
  'users.api_key.hash': 'a hash',
  'users.api_key.previous_hash': 'a hash',
  'users.mail.address_hash': 'a hash',
  'users.mail.address': 'emptied once it is sent',
  'users.mail.data': 'emptied once it is sent',
  'users.mailbox.address': 'of development: there is a mail server here',
  'users.mailbox.subject': 'of development: there is a mail server here',
  'users.mailbox.text': 'of development: there is a mail server here',
  'users.mailbox.html': 'of development: there is a mail server here',
  'users.mail_suppression.address_hash': 'a hash',
  'users.recovery_code.code_hash': 'a hash',
  'users.second_factor.secret': 'sealed',
  'users.sign_in_challenge.secret_hash': 'a hash',
  'users.data_export_part.body': 'in the archive already',
  'users.data_export_chunk.bytes': 'compressed: checked by counting',
  'users.deletion.receipt_hash': 'a hash',
  'users.deletion.username': 'there only from closing to the last step',
  'users.deletion.address': 'there only from closing to the last step',
  'insights.audit_entry.origin': 'sealed under a key that goes',
  'insights.audit_entry.reason': 'sealed under a key that goes',
  'insights.audit_person.secret': 'a key: checked by counting',
  'users.mail_suppression.reason': 'a code',
  'users.mail_secret.secret': 'the site’s',
  'users.key.secret': 'the site’s',
  'insights.viewer_key.secret': 'the site’s',
  'insights.tracked_event.viewer': 'a keyed hash: checked by counting',
  'insights.post_viewer.viewer': 'a keyed hash: checked by counting',
};

interface Leaver {
  readonly person: Frontend;
  readonly username: string;
  readonly posts: readonly string[];
}

/** A person with a word of their own in whatever can be written, by whatever leads there. */
async function plant(other: Frontend): Promise<Leaver> {
  const username = `${MARK}name`;
  const address = `${MARK}mail@example.org`;
  const visitor = new Frontend(graph.url);
  await visitor.change('register', { username, email: address, password: PASSWORD, name: word('shown') }, '');
  const sent = await eventually(
    async () => mails.to(address)[0]?.raw ?? '',
    (text) => text !== '',
    20_000,
  );
  await visitor.change('verifyEmail', { token: /#token=3?D?([\w-]{43})/.exec(sent)?.[1] }, '');
  // By hand, for the sake of the user agent.
  await fetch(graph.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': `${word('agent')}/1.0` },
    body: JSON.stringify({
      query: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
      variables: { input: { identifier: username, password: PASSWORD } },
    }),
  });
  const person = await signIn(graph.url, username);
  await person.change('updateProfile', { bio: word('bio') }, 'user { id }');
  await person.change('createApiKey', { name: word('key'), scopes: ['posts:read'] }, 'apiKey { id }');
  await person.change('changeEmail', { newEmail: `${word('newmail')}@example.org`, password: PASSWORD }, '');
  await person.change(
    'createCommunity',
    { name: word('Club'), description: word('about'), rules: word('rules') },
    'community { id }',
  );
  const { post } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('title'), markdown: word('body'), tags: [word('tag')] },
    'post { id }',
  );
  await person.change(
    'updatePost',
    { id: post.id, version: 1, title: word('newtitle'), markdown: word('newbody'), reason: word('reason') },
    'post { id }',
  );
  await person.change('publishPost', { id: post.id }, 'post { id }');
  const { post: draft } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('draft'), markdown: word('draftbody'), idempotencyKey: word('once') },
    'post { id }',
  );
  const { post: deleted } = await person.change<{ post: { id: string } }>(
    'createPost',
    { title: word('deleted'), markdown: word('deletedbody') },
    'post { id }',
  );
  await person.change('deletePost', { id: deleted.id }, '');
  const othersPost = (await publish(other, 'Somebody else', 'Stays.')).id;
  await eventually(
    async () =>
      (await person.ask<{ post: { counts: object | null } }>(`{ post(id: "${othersPost}") { counts { up } } }`)).data,
    (data) => data?.post.counts != null,
  );
  for (const markdown of [word('comment'), word('gonecomment')]) {
    const { comment } = await person.change<{ comment: { id: string } }>(
      'addComment',
      { postId: othersPost, markdown },
      'comment { id }',
    );
    if (markdown === word('gonecomment')) await person.change('deleteComment', { id: comment.id }, 'comment { id }');
  }
  await person.change('vote', { targetId: othersPost, value: 'UP' }, 'counts { up }');
  await person.change('bookmarkPost', { postId: othersPost }, 'post { id }');
  await person.change('followUser', { userId: other.userId }, 'user { id }');
  await other.change('followUser', { userId: person.userId }, 'user { id }');
  const third = await aPerson(graph.url, 'blocked');
  await person.change('blockUser', { userId: third.userId }, '');
  await third.change('muteUser', { userId: person.userId }, '').catch(() => undefined);
  await eventually(
    () => rows('insights', 'select 1 from post_access where post_id = $1', [uuidOf(othersPost)]),
    (found) => found.length === 1,
  );
  await person.change('trackEvent', { postId: othersPost, kind: 'VIEW' }, 'accepted');
  await person.change('requestDataExport', {}, 'dataExport { id }');
  await plantBySql(person, post.id);
  return { person, username, posts: [post.id, draft.id, deleted.id] };
}

/** Where only accidents lead: events that failed, jobs that ended, imports of an administrator who is none any more. */
async function plantBySql(person: Frontend, postId: string): Promise<void> {
  const [id, uuid] = [person.userId ?? '', uuidOf(person.userId ?? '')];
  const json = JSON.stringify({ userId: id, text: word('accident') });
  for (const subgraph of Object.keys(graph.databaseUrls)) {
    await rows(
      subgraph,
      `insert into dead_letter (event_id, producer, envelope, error, attempts)
       values (gen_random_uuid(), 'planted', $1, $2, 5)`,
      [json, word('error')],
    );
    await rows(
      subgraph,
      `insert into job.job (name, state, data, output) select name, 'completed', $1, $1 from job.queue limit 1`,
      [json],
    );
    await rows(
      subgraph,
      `insert into outbox (id, type, version, aggregate_id, payload, actor_id, request_id, sent_at, awaiting)
       values (gen_random_uuid(), 'planted', 1, $1, $2, $1, $3, now(), '{}')`,
      [id, json, word('request')],
    );
    await rows(
      subgraph,
      `insert into idempotency (actor_id, operation, key, request_hash, answer) values ($1, 'planted', $2, $3, $4)`,
      [id, word('key'), word('hash'), json],
    );
  }
  await rows('content', `update post set imported_from = $1 where id = $2`, [word('origin'), uuidOf(postId)]);
  await rows('content', `insert into post_import (author_id, imported_from, post_id) values ($1, $2, $3)`, [
    uuid,
    word('origin'),
    uuidOf(postId),
  ]);
  await rows('users', `insert into suspension (user_id, until, reason) values ($1, now(), $2)`, [
    uuid,
    word('suspended'),
  ]);
  for (const table of ['session', 'sign_in']) {
    await rows('users', `update ${table} set address = $1, place = $2 where user_id = $3`, [
      word('address'),
      json,
      uuid,
    ]);
  }
  await rows('users', `update sign_in set network = $1 where user_id = $2`, [word('network'), uuid]);
  await rows(
    'users',
    `insert into token (hash, purpose, user_id, data, expires_at) values ($1, 'planted', $2, $3, now())`,
    [randomBytes(32), uuid, json],
  );
}

/** Classified columns in which no mark stands: what was forgotten to be planted, or to be said. */
async function unplanted(): Promise<string[]> {
  const columns = await textColumns(graph.databaseUrls);
  const bare: string[] = [];
  for (const column of columns) {
    const name = `${column.subgraph}.${column.table}.${column.column}`;
    const privacy = column.schema === 'job' && !/^(data|output)$/.test(column.column) ? 'internal' : privacyOf(column);
    const isPersonal =
      privacy === 'private' || (privacy === 'public' && column.table === 'user' && column.column !== 'role');
    // Ids are searched for apart.
    if (!isPersonal || NOT_THEIRS[name] !== undefined || /\.(actor|aggregate)_id$/.test(name)) continue;
    const written = column.type === 'bytea' ? `encode("${column.column}", 'escape')` : `"${column.column}"::text`;
    const found = await rows(
      column.subgraph,
      `select 1 from "${column.schema}"."${column.table}" where ${written} ilike $1 limit 1`,
      [`%${MARK}%`],
    );
    if (found.length === 0) bare.push(name);
  }
  return bare;
}

async function foundBy(reader: Frontend, query: string, count: number): Promise<void> {
  const { search } = await reader.data<{ search: { edges: unknown[] } }>(
    'query ($q: String!) { search(query: $q) { edges { cursor } } }',
    { q: query },
  );
  expect(search.edges).toHaveLength(count);
}

test('after ERASE no word, name or id of the person is in any table, key, index or log', async () => {
  const other = await aPerson(graph.url, 'stays');
  const { person, username } = await plant(other);
  await eventually(
    () => rows('search', `select 1 from term where word like $1`, [`${MARK}%`]),
    (found) => found.length > 5,
  );
  await eventually(
    async () => mails.to(`${MARK}mail@example.org`).filter(({ raw }) => raw.includes('data-export')).length,
    (count) => count === 1,
    30_000,
  );
  await sleep(1500);
  // The twin of all that follows: before, it is everywhere it can be.
  expect(await unplanted()).toEqual([]);
  const [id, uuid] = [person.userId ?? '', uuidOf(person.userId ?? '')];
  expect((await keysWith([MARK, id])).length).toBeGreaterThan(3);
  if (onElasticsearch) {
    await foundBy(other, word('newtitle'), 1);
    expect((await documentsWith(onElasticsearch, [MARK])).length).toBeGreaterThan(2);
  }

  const again = await signIn(graph.url, username);
  const token = await leave(again, 'ERASE');
  await eventually(
    () => receiptOf(other, token),
    (receipt) => receipt?.status === 'DONE',
    60_000,
  );
  await eventually(
    async () => mails.to(`${MARK}mail@example.org`).filter(({ raw }) => raw.includes('is deleted')).length,
    (count) => count === 1,
    20_000,
  );
  await sleep(2500);
  expect(await rowsWith(graph.databaseUrls, [MARK])).toEqual([]);
  expect(await rowsWith(graph.databaseUrls, [id, uuid])).toEqual([]);
  expect(await keysWith([MARK, id])).toEqual([]);
  expect(graph.said()).not.toContain(MARK);
  for (const [subgraph, table] of [
    ['insights', 'tracked_event'],
    ['insights', 'post_viewer'],
    ['users', 'data_export_chunk'],
  ] as const) {
    expect([table, await rows(subgraph, `select 1 from ${table}`)]).toEqual([table, []]);
  }
  expect(await rows('insights', 'select 1 from audit_person where user_id = $1', [uuid])).toEqual([]);
  if (onElasticsearch) expect(await documentsWith(onElasticsearch, [MARK, id, uuid])).toEqual([]);
  await foundBy(other, word('newtitle'), 0);
}, 240_000);
