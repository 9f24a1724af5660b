import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { gatewayViewer, systemViewer, userViewer } from 'kit/viewer';
import { actsOn, aPersonOfRole, REINSTATE, SET_ROLE, SUSPEND } from '../role/role.testing.ts';
import { users } from '../subgraph.ts';
import { aPerson, type TestPerson } from '../testing.ts';
import { remindOfOldKeys } from './apikey.jobs.ts';
import { aKey, changeKey, CREATE_KEY, REVOKE_KEY, ROTATE_KEY } from './apikey.testing.ts';

const graph = testSubgraph(users, { LIMIT_API_KEYS: '5' });

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

interface State {
  readonly userId: string;
  readonly role: string;
  readonly scopes: readonly string[];
}

/** What the gateway is told of a key. */
async function stateOf(secret: string): Promise<State | null> {
  const query = 'query ($hash: String!) { apiKeyState(hash: $hash) { userId role scopes } }';
  const data = await graph.as(gatewayViewer).data<{ apiKeyState: State | null }>(query, { hash: hashOf(secret) });
  return data.apiKeyState;
}

const keysOf = async (person: TestPerson) =>
  (
    await graph
      .as(person)
      .data<{ apiKeys: { id: string; usesCount: number; lastUsedAt: string | null }[] }>(
        '{ apiKeys { id usesCount lastUsedAt } }',
      )
  ).apiKeys;

test('a key is shown once, tells its form, and only its hash is stored', async () => {
  const person = await aPerson(graph);
  const { id, secret } = await aKey(graph, person, 'posts:read');
  const [, body = '', checksum] = /^(bsk_[0-9a-z]{26}_[0-9A-Za-z]{43})_([0-9a-f]{8})$/.exec(secret) ?? [];
  expect(crc32(body).toString(16).padStart(8, '0')).toBe(checksum);
  expect(secret).toContain(id.slice('apikey_'.length));
  const [row] = await graph.rows<{ text: string; hash: string }>(
    sql`select k::text as text, encode(hash, 'hex') as hash from api_key k where id = ${toUuid(id)}`,
  );
  expect(row?.hash).toBe(createHash('sha256').update(secret).digest('hex'));
  expect(row?.text).not.toContain(body.split('_')[2]);
  expect(await stateOf(secret)).toEqual({ userId: person.userId, role: 'user', scopes: ['posts:read'] });
  expect(await stateOf(`${secret}0`)).toBeNull();
});

test('what was done with keys is put down, without their secrets', async () => {
  const person = await aPerson(graph);
  const { id, secret } = await aKey(graph, person, 'posts:read', 'comments:write');
  const { secret: next } = await changeKey(graph, person, ROTATE_KEY, { id });
  await changeKey(graph, person, REVOKE_KEY, { id });
  const acts = await actsOn(graph, id);
  expect(acts.map(({ action }) => action).sort()).toEqual(['apiKey.create', 'apiKey.revoke', 'apiKey.rotate']);
  expect(acts.every(({ actorId }) => actorId === person.userId)).toBe(true);
  for (const one of [secret, next]) expect(JSON.stringify(acts)).not.toContain(String(one).split('_')[2]);
});

test.each([
  [{ scopes: [] }, 'scopes: BAD_USER_INPUT'],
  [{ scopes: ['posts:read', 'posts:everything'] }, 'scopes: BAD_USER_INPUT'],
  [{ scopes: ['__proto__'] }, 'scopes: BAD_USER_INPUT'],
  [{ scopes: ['admin'] }, 'scopes: FORBIDDEN'],
  [{ scopes: ['moderation'] }, 'scopes: FORBIDDEN'],
  [{ name: ' ' }, 'name: BAD_USER_INPUT'],
  [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt: BAD_USER_INPUT'],
  [{ expiresAt: '2999-01-01T00:00:00Z' }, 'expiresAt: BAD_USER_INPUT'],
])('a key with %o is not made: %s', async (more, expected) => {
  const person = await aPerson(graph);
  const input = { name: 'a key', scopes: ['posts:read'], ...more };
  const { secret, userErrors } = await changeKey(graph, person, CREATE_KEY, input);
  expect(secret).toBeNull();
  expect(userErrors.map(({ field, code }) => `${field?.join('.')}: ${code}`)).toEqual([expected]);
  expect(await keysOf(person)).toEqual([]);
});

test('a key of a moderator acts as one only with the scope, and never for more than its owner is now', async () => {
  const admin = await aPersonOfRole(graph, 'admin');
  const owner = await aPersonOfRole(graph, 'admin');
  const plain = await aKey(graph, owner, 'posts:write');
  const full = await aKey(graph, owner, 'admin');
  expect(await stateOf(plain.secret)).toMatchObject({ role: 'user', scopes: ['posts:read', 'posts:write'] });
  expect(await stateOf(full.secret)).toMatchObject({ role: 'admin', scopes: ['admin', 'moderation'] });
  const demote = (role: string) => graph.as(admin).data(SET_ROLE, { input: { userId: owner.userId, role } });
  await demote('moderator');
  expect(await stateOf(full.secret)).toMatchObject({ role: 'moderator', scopes: ['moderation'] });
  await demote('user');
  expect(await stateOf(full.secret)).toMatchObject({ role: 'user', scopes: [] });
  expect(await stateOf(plain.secret)).toMatchObject({ role: 'user', scopes: ['posts:read', 'posts:write'] });
});

test('after a rotation the secret before is good for a day, and the one before that is not', async () => {
  const person = await aPerson(graph);
  const first = await aKey(graph, person, 'posts:read');
  const second = await changeKey(graph, person, ROTATE_KEY, { id: first.id });
  expect(second.apiKey?.previousUntil).not.toBeNull();
  for (const secret of [first.secret, second.secret ?? '']) {
    expect(await stateOf(secret)).toMatchObject({ userId: person.userId });
  }
  const third = await changeKey(graph, person, ROTATE_KEY, { id: first.id });
  expect(await stateOf(first.secret)).toBeNull();
  expect(await stateOf(second.secret ?? '')).not.toBeNull();
  await graph.rows(sql`update api_key set previous_until = now() - interval '1 second' where id = ${toUuid(first.id)}`);
  expect(await stateOf(second.secret ?? '')).toBeNull();
  expect(await stateOf(third.secret ?? '')).not.toBeNull();
});

test('a key that was revoked, has ended, or whose owner is suspended is not good', async () => {
  const [admin, person] = [await aPersonOfRole(graph, 'admin'), await aPerson(graph)];
  const [revoked, ended, suspended] = [
    await aKey(graph, person, 'posts:read'),
    await aKey(graph, person, 'posts:read'),
    await aKey(graph, person, 'posts:read'),
  ];
  const again = await changeKey(graph, person, ROTATE_KEY, { id: revoked.id });
  for (const _ of [1, 2]) {
    const { apiKey } = await changeKey(graph, person, REVOKE_KEY, { id: revoked.id });
    expect(apiKey?.revokedAt).not.toBeNull();
  }
  expect(await stateOf(revoked.secret)).toBeNull();
  expect(await stateOf(again.secret ?? '')).toBeNull();
  expect(await stateOf(ended.secret)).not.toBeNull();
  await graph.rows(sql`update api_key set expires_at = now() where id = ${toUuid(ended.id)}`);
  expect(await stateOf(ended.secret)).toBeNull();
  await graph.as(admin).data(SUSPEND, { input: { userId: person.userId, reason: 'for spam' } });
  expect(await stateOf(suspended.secret)).toBeNull();
  await graph.as(admin).data(REINSTATE, { input: { userId: person.userId } });
  expect(await stateOf(suspended.secret)).not.toBeNull();
});

test('another’s key does not exist', async () => {
  const [person, other] = [await aPerson(graph), await aPerson(graph)];
  const { id, secret } = await aKey(graph, person, 'posts:read');
  expect(await keysOf(other)).toEqual([]);
  for (const mutation of [ROTATE_KEY, REVOKE_KEY]) {
    const { userErrors } = await changeKey(graph, other, mutation, { id });
    expect(userErrors).toEqual([{ field: ['id'], code: 'NOT_FOUND' }]);
  }
  expect(await stateOf(secret)).not.toBeNull();
  expect((await keysOf(person)).map((key) => key.id)).toEqual([id]);
});

test('one has five keys at most, also when many are asked for at once', async () => {
  const person = await aPerson(graph);
  const made = await Promise.all(
    Array.from({ length: 8 }, () => changeKey(graph, person, CREATE_KEY, { name: 'x', scopes: ['posts:read'] })),
  );
  expect(made.filter(({ secret }) => secret != null)).toHaveLength(5);
  expect(made.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual([
    'CONFLICT',
    'CONFLICT',
    'CONFLICT',
  ]);
  await changeKey(graph, person, REVOKE_KEY, { id: made.find(({ apiKey }) => apiKey)?.apiKey?.id });
  await aKey(graph, person, 'posts:read');
});

test('uses are added up, whichever gateway tells of them', async () => {
  const person = await aPerson(graph);
  const { id } = await aKey(graph, person, 'posts:read');
  const NOTE = 'mutation ($input: NoteApiKeyUsesInput!) { noteApiKeyUses(input: $input) }';
  const note = (...uses: object[]) => graph.as(gatewayViewer).data(NOTE, { input: { uses } });
  expect(await keysOf(person)).toEqual([{ id, usesCount: 0, lastUsedAt: null }]);
  await Promise.all([note({ id, count: 3 }, { id, count: 2 }), note({ id, count: 4 }), note({ id, count: -7 })]);
  expect(await keysOf(person)).toEqual([{ id, usesCount: 9, lastUsedAt: expect.any(String) as string }]);
  const { errors } = await graph.as(person).run(NOTE, { input: { uses: [{ id, count: 1 }] } });
  expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
});

test('the owner of a secret of 90 days is reminded of it once, and again only 90 days after it was changed', async () => {
  const person = await aPerson(graph);
  const [old, fresh, revoked] = [
    await aKey(graph, person, 'posts:read'),
    await aKey(graph, person, 'posts:read'),
    await aKey(graph, person, 'posts:read'),
  ];
  await changeKey(graph, person, REVOKE_KEY, { id: revoked.id });
  const age = (id: string, days: number) =>
    graph.rows(sql`update api_key set rotated_at = now() - ${days} * interval '1 day' where id = ${toUuid(id)}`);
  await age(old.id, 91);
  await age(fresh.id, 89);
  await age(revoked.id, 91);
  const remind = () => remindOfOldKeys(graph.running().contextFor(systemViewer));
  const mails = () =>
    graph.rows(sql`select 1 from mail where template = 'apiKeyReminder' and user_id = ${toUuid(person.userId)}`);
  await Promise.all([remind(), remind()]);
  await remind();
  expect(await mails()).toHaveLength(1);
  await changeKey(graph, person, ROTATE_KEY, { id: old.id });
  await remind();
  expect(await mails()).toHaveLength(1);
  await age(old.id, 91);
  await remind();
  expect(await mails()).toHaveLength(2);
});

describe('past the gateway', () => {
  const asKey = (person: TestPerson, ...scopes: string[]) => ({
    ...userViewer(person.userId),
    scopes,
    keyId: 'apikey_x',
  });
  const codeOf = async (viewer: Parameters<typeof graph.as>[0], query: string, variables = {}) => {
    const { data, errors } = await graph.as(viewer).run(query, variables);
    return errors ? String(errors[0]?.extensions?.['code']) : Object.keys(data ?? {}).join();
  };

  test('a key reads what its scopes say, and not what they do not', async () => {
    const person = await aPerson(graph);
    expect(await codeOf(asKey(person, 'users:read'), '{ viewer { username } }')).toBe('viewer');
    expect(await codeOf(asKey(person, 'posts:read'), '{ viewer { username } }')).toBe('FORBIDDEN');
    expect(await codeOf(asKey(person), '{ viewer { username } }')).toBe('FORBIDDEN');
    expect(await codeOf(asKey(person, 'users:read'), '{ viewer { email } }')).toBe('FORBIDDEN');
    expect(await codeOf(asKey(person, 'users:read', 'profile:read'), '{ viewer { email } }')).toBe('viewer');
  });

  test('a key changes nothing without the scope, under no alias and in no fragment', async () => {
    const person = await aPerson(graph);
    const CHANGE = 'mutation { a: updateProfile(input: { bio: "x" }) { userErrors { code } } }';
    expect(await codeOf(asKey(person, 'users:read'), CHANGE)).toBe('FORBIDDEN');
    const HIDDEN =
      'mutation { ...F } fragment F on Mutation { b: updateProfile(input: { bio: "x" }) { user { bio } } }';
    expect(await codeOf(asKey(person, 'profile:read'), HIDDEN)).toBe('FORBIDDEN');
    expect(await codeOf(asKey(person, 'profile:write'), HIDDEN)).toBe('b');
  });

  test.each(['apiKeys { id }', 'jsonWebKeySet'])('what declares no scope is closed to every key: %s', async (field) => {
    const person = await aPersonOfRole(graph, 'admin');
    const everything = { ...asKey(person, 'admin', 'moderation', 'profile:read', 'users:read'), role: 'admin' };
    expect(await codeOf(everything, `{ ${field} }`)).toBe('FORBIDDEN');
  });

  test('no key makes another', async () => {
    const person = await aPerson(graph);
    const input = { name: 'x', scopes: ['posts:read'] };
    expect(await codeOf(asKey(person, 'profile:write', 'users:read'), CREATE_KEY, { input })).toBe('FORBIDDEN');
    expect(await codeOf(person, CREATE_KEY, { input })).toBe('createApiKey');
  });

  test('by the entity door a key sees what its scopes say', async () => {
    const person = await aPerson(graph);
    const READ = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { username email } } }';
    const r = [{ __typename: 'User', id: person.userId }];
    expect(await codeOf(asKey(person, 'users:read'), READ, { r })).toBe('FORBIDDEN');
    expect(await codeOf(asKey(person, 'profile:read'), READ, { r })).toBe('_entities');
  });
});
