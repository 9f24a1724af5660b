import { once } from 'node:events';
import { Client } from 'pg';
import { WebSocket } from 'ws';
import { aPerson, eventually, Frontend, publish, signIn, sleep } from './setup/client.ts';
import { follow } from './setup/follower.ts';
import { startGraph, type StartedGraph } from './setup/graph.ts';
import { startSecondBeside } from './setup/second.ts';

/** Through every door of the gateway: what a key with too small a scope meets, and what one with enough does. */

let graph: StartedGraph;
let admin: Frontend;

beforeAll(async () => {
  graph = await startGraph('in one process');
  admin = await signIn(graph.url, 'admin@example.org', 'administrator of the tests');
});
afterAll(async () => {
  expect(await graph.stop()).toBe(0);
});

/** A frontend that asks with a new key of the person's. */
async function aKeyOf(person: Frontend, ...scopes: string[]): Promise<Frontend & { id: string }> {
  const { secret, apiKey } = await person.change<{ secret: string; apiKey: { id: string } }>(
    'createApiKey',
    { name: 'a key', scopes },
    'secret apiKey { id }',
  );
  return Object.assign(new Frontend(graph.url, secret, person.userId), { id: apiKey.id });
}

type Answer = Awaited<ReturnType<Frontend['ask']>>;
const codesOf = ({ errors = [] }: Answer): unknown[] => errors.map(({ extensions }) => extensions?.['code']);
const refused = ['UNAUTHORIZED_FIELD_OR_TYPE'];

describe('a key', () => {
  let author: Frontend & { username: string };
  let post: { id: string };
  beforeAll(async () => {
    author = await aPerson(graph.url, 'author');
    post = await publish(author, 'Of keys', 'Text.');
  });

  test('reads posts with the scope, and is refused without', async () => {
    const query = 'query ($id: ID!) { post(id: $id) { title } }';
    const allowed = await aKeyOf(author, 'posts:read');
    expect(await allowed.data(query, { id: post.id })).toEqual({ post: { title: 'Of keys' } });
    const answer = await (await aKeyOf(author, 'comments:read')).ask(query, { id: post.id });
    expect([answer.data, codesOf(answer)]).toEqual([{ post: null }, refused]);
  });

  test('gets the part of a query that it has the scopes for', async () => {
    const query = '{ viewer { username email } posts(first: 1) { edges { node { id } } } }';
    const key = await aKeyOf(author, 'users:read');
    const answer = await key.ask<{ viewer: object; posts: null }>(query);
    expect(answer.data).toEqual(null);
    const nullable = await key.ask('{ viewer { username email } }');
    expect(nullable.data).toEqual({ viewer: { username: author.username, email: null } });
    expect(codesOf(nullable)).toEqual(refused);
  });

  test('of another type that is reached through an entity sees nothing without its scope', async () => {
    await author.change('addComment', { postId: post.id, markdown: 'A word.' }, 'comment { id }');
    const query = 'query ($id: ID!) { post(id: $id) { title comments(first: 1) { edges { node { html } } } } }';
    const both = await aKeyOf(author, 'posts:read', 'comments:read');
    expect(JSON.stringify(await both.data(query, { id: post.id }))).toContain('A word.');
    const one = await (await aKeyOf(author, 'posts:read')).ask(query, { id: post.id });
    expect(codesOf(one)).toEqual(refused);
    expect(JSON.stringify(one.data)).not.toContain('A word.');
    const node = 'query ($id: ID!) { node(id: $id) { id ... on Post { title } } }';
    expect(codesOf(await (await aKeyOf(author, 'posts:read')).ask(node, { id: post.id }))).toContain(refused[0]);
    const all = await aKeyOf(author, 'posts:read', 'comments:read', 'communities:read', 'users:read');
    expect(await all.data(node, { id: post.id })).toEqual({ node: { id: post.id, title: 'Of keys' } });
  });

  test('writes with the scope, and changes nothing without', async () => {
    const CREATE = `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { code } } }`;
    const input = { title: 'By a key', markdown: 'Text.' };
    const drafts = async () => {
      const { posts } = await author.data<{ posts: { edges: unknown[] } }>(
        'query ($id: ID) { posts(first: 100, filter: { authorId: $id, status: DRAFT }) { edges { node { id } } } }',
        { id: author.userId },
      );
      return posts.edges.length;
    };
    const before = await drafts();
    expect(codesOf(await (await aKeyOf(author, 'posts:read')).ask(CREATE, { input }))).toEqual(refused);
    expect(await drafts()).toBe(before);
    const { createPost } = await (await aKeyOf(author, 'posts:write')).data<{ createPost: object }>(CREATE, { input });
    expect(createPost).toMatchObject({ userErrors: [] });
    expect(await drafts()).toBe(before + 1);
  });

  test('follows what is live with the scope, and hears nothing without', async () => {
    const query = 'subscription ($id: ID!) { newComment(postId: $id) { html } }';
    const [allowed, narrow] = [await aKeyOf(author, 'comments:read'), await aKeyOf(author, 'posts:read')];
    const [live, deaf] = [allowed, narrow].map((key) => follow(() => key.socket(), query, { id: post.id }));
    await eventually(
      () => Promise.resolve(JSON.stringify(deaf?.errors)),
      (errors) => errors.includes(String(refused[0])),
    );
    await eventually(
      async () => {
        await author.change('addComment', { postId: post.id, markdown: 'Live.' }, 'comment { id }');
        await sleep(200);
        return live?.messages.length ?? 0;
      },
      (heard) => heard > 0,
    );
    expect(deaf?.messages).toEqual([]);
  });

  test('makes no key, changes no password and ends no session, whatever its scopes', async () => {
    const key = await aKeyOf(admin, 'admin', 'profile:write', 'users:read');
    const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }`;
    const input = { name: 'x', scopes: ['posts:read'] };
    expect(codesOf(await key.ask(CREATE, { input }))).toEqual(['FORBIDDEN']);
    expect(codesOf(await key.ask('{ apiKeys { id } }'))).toEqual(['FORBIDDEN']);
    expect(codesOf(await key.ask('mutation { logout { userErrors { code } } }'))).toEqual(['FORBIDDEN']);
    expect(codesOf(await admin.ask('{ apiKeys { id } }'))).toEqual([]);
  });

  test('of an administrator acts as one only with the scope', async () => {
    const query = '{ auditLog(first: 1) { edges { node { action } } } }';
    expect(codesOf(await (await aKeyOf(admin, 'admin')).ask(query))).toEqual([]);
    expect(codesOf(await (await aKeyOf(admin, 'moderation', 'posts:read')).ask(query))).toEqual(refused);
  });

  test.each([
    ['another secret', (key: string) => key.replace(/_[^_]{43}_/, `_${'a'.repeat(43)}_`)],
    ['a letter changed', (key: string) => key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['a piece', (key: string) => key.slice(0, -1)],
    ['nothing but the prefix', () => 'bsk_'],
  ])('with %s is refused as credentials that are not good', async (_, change) => {
    const key = await aKeyOf(author, 'posts:read');
    const forged = new Frontend(graph.url, change(key.token ?? ''));
    expect(codesOf(await forged.ask('{ viewer { id } }'))).toEqual(['UNAUTHENTICATED']);
  });

  test('is counted, and its owner sees when it was used', async () => {
    const key = await aKeyOf(author, 'users:read');
    for (let use = 0; use < 3; use++) await key.data('{ viewer { id } }');
    const { apiKeys } = await eventually(
      () =>
        author.data<{ apiKeys: { id: string; usesCount: number; lastUsedAt: string | null }[] }>(
          '{ apiKeys { id usesCount lastUsedAt } }',
        ),
      ({ apiKeys: keys }) => keys.find(({ id }) => id === key.id)?.usesCount === 3,
    );
    const mine = apiKeys.find(({ id }) => id === key.id);
    expect(Date.now() - Date.parse(mine?.lastUsedAt ?? '')).toBeLessThan(60_000);
  });
});

describe('at once', () => {
  const SECOND = 1000;
  const VIEWER = '{ viewer { id } }';
  const isIn = async (frontend: Frontend): Promise<boolean> => codesOf(await frontend.ask(VIEWER)).length === 0;

  /** A socket that is open and signed in; tells when and how it was closed. */
  async function anOpenSocket({ token }: Frontend): Promise<{ closed: () => number | null; socket: WebSocket }> {
    const socket = new WebSocket(graph.url.replace('http', 'ws'), 'graphql-transport-ws');
    let code: number | null = null;
    socket.once('close', (given) => (code = given));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token ?? ''}` } }));
    await once(socket, 'message');
    return { closed: () => code, socket };
  }

  test('who is suspended is out by every door within a second: session, socket, key, refresh and sign-in', async () => {
    const [person, other] = [await aPerson(graph.url, 'suspended'), await aPerson(graph.url, 'other')];
    const key = await aKeyOf(person, 'users:read');
    const [mine, ofKey, others] = [await anOpenSocket(person), await anOpenSocket(key), await anOpenSocket(other)];
    for (const one of [person, key, other]) expect(await isIn(one)).toBe(true);
    await admin.change('suspendUser', { userId: person.userId, reason: 'for spam' }, 'user { id }');
    const [startedAt, second] = [performance.now(), startSecondBeside(() => isIn(other))];
    for (const out of [() => isIn(person).then((is) => !is), () => isIn(key).then((is) => !is)])
      await eventually(out, Boolean);
    await eventually(
      () => Promise.resolve([mine.closed(), ofKey.closed()]),
      (codes) => codes.every((one) => one === 4403),
    );
    const took = performance.now() - startedAt;
    expect(took).toBeLessThan(0.5 * SECOND + (await second()));
    expect(others.closed()).toBeNull();
    expect(await isIn(other)).toBe(true);
    others.socket.terminate();
    const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { code message } } }';
    const login = (password: string) =>
      new Frontend(graph.url).ask(LOGIN, { input: { identifier: person.username, password } });
    expect(await login('a password of the tests')).toMatchObject({
      data: {
        login: {
          accessToken: null,
          userErrors: [{ code: 'SUSPENDED', message: expect.stringContaining('for spam') as string }],
        },
      },
    });
    await admin.change('reinstateUser', { userId: person.userId }, 'user { id }');
    await eventually(() => isIn(key), Boolean);
    expect(await isIn(person)).toBe(false);
    expect(await isIn(await signIn(graph.url, person.username))).toBe(true);
  });

  test('a key that is revoked is out, by its socket too; one that is rotated stays for a day', async () => {
    const person = await aPerson(graph.url, 'keys');
    const [revoked, rotated] = [await aKeyOf(person, 'users:read'), await aKeyOf(person, 'users:read')];
    const [ofRevoked, ofRotated] = [await anOpenSocket(revoked), await anOpenSocket(rotated)];
    await person.change('revokeApiKey', { id: revoked.id }, 'apiKey { id }');
    const { secret } = await person.change<{ secret: string }>('rotateApiKey', { id: rotated.id }, 'secret');
    const [startedAt, second] = [performance.now(), startSecondBeside(() => isIn(person))];
    await eventually(
      () => Promise.resolve(ofRevoked.closed()),
      (code) => code === 4403,
    );
    await eventually(async () => !(await isIn(revoked)), Boolean);
    const took = performance.now() - startedAt;
    expect(took).toBeLessThan(0.5 * SECOND + (await second()));
    await sleep(1.2 * SECOND);
    expect(ofRotated.closed()).toBeNull();
    ofRotated.socket.terminate();
    expect(await isIn(rotated)).toBe(true);
    expect(await isIn(new Frontend(graph.url, secret))).toBe(true);
  });

  test('an administrator who is none any more hears nothing more on a socket that was open', async () => {
    const person = await aPerson(graph.url, 'demoted');
    const author = await aPerson(graph.url, 'watched');
    const post = await publish(author, 'Watched', 'Text.');
    await admin.change('setUserRole', { userId: person.userId, role: 'admin' }, 'user { role }');
    const query = 'subscription ($id: ID!) { realtimeAnalytics(postId: $id) { up } }';
    const live = follow(() => person.socket(), query, { id: post.id });
    const note = () => author.change('trackEvent', { postId: post.id, kind: 'LIKE' }, 'accepted');
    await eventually(
      async () => {
        await note();
        await sleep(300);
        return live.messages.length;
      },
      (heard) => heard > 0,
    );
    await admin.change('setUserRole', { userId: person.userId, role: 'user' }, 'user { role }');
    // What was on its way may still come.
    let heard = -1;
    while (heard !== live.messages.length) {
      heard = live.messages.length;
      await sleep(SECOND);
    }
    for (let round = 0; round < 4; round++) {
      await note();
      await sleep(500);
    }
    expect(live.messages.length).toBe(heard);
  });

  test('what administrators have done is in the audit log', async () => {
    const person = await aPerson(graph.url, 'logged');
    await admin.change('setUserRole', { userId: person.userId, role: 'moderator', reason: 'helps' }, 'user { role }');
    const query = `query ($id: ID!) { auditLog(filter: { subjectId: $id }) {
      edges { node { action reason via address actor { username } } } } }`;
    const { auditLog } = await eventually(
      () => admin.data<{ auditLog: { edges: { node: object }[] } }>(query, { id: person.userId }),
      ({ auditLog: log }) => log.edges.length > 0,
    );
    expect(auditLog.edges.map(({ node }) => node)).toEqual([
      {
        action: 'user.setRole',
        reason: 'user to moderator. helps',
        via: 'session',
        address: '127.0.0.1',
        actor: { username: 'admin' },
      },
    ]);
  });
});

test('nothing readable of a key is in any database', async () => {
  const person = await aPerson(graph.url, 'hidden');
  const key = await aKeyOf(person, 'users:read');
  await key.data('{ viewer { id } }');
  const secret = key.token?.split('_')[2] ?? '';
  expect(secret).toHaveLength(43);
  for (const connectionString of Object.values(graph.databaseUrls)) {
    const client = new Client({ connectionString });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of rows) {
      const { rows: found } = await client.query(`select 1 from ${name} t where t::text like '%' || $1 || '%'`, [
        secret,
      ]);
      expect([name, found.length]).toEqual([name, 0]);
    }
    await client.end();
  }
});
