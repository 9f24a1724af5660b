import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Context } from 'kit/context';
import { sql } from 'kit/database';
import { workerRedisUrl } from 'kit/testing/engines';
import { testStores } from 'kit/testing/stores';
import { until } from 'kit/testing/until';
import { type RunningSubgraph, startSubgraph } from 'kit/running';
import { gatewayViewer, systemViewer, type Viewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { lockKeys } from './key.actions.ts';
import { keysOf, sealSecret, signAccessToken, unsealSecret } from './key.loaders.ts';
import { rotateKeys, tidyKeys } from './rotation.actions.ts';

const stores = testStores();
const [USER, SESSION] = ['user_01h2xcejqtf2nbrexx3vqjhp41', 'session_01h2xcejqtf2nbrexx3vqjhp41'];
const WORD = 'a secret of the operator, long enough';

let running: RunningSubgraph | null = null;
const as = (viewer: Viewer): Context => {
  if (!running) throw new Error('nothing runs');
  return running.contextFor(viewer);
};
const ctx = () => as(systemViewer);

/** Starts the subgraph with these settings, in place of the one before. */
async function start(environment = {}): Promise<void> {
  await running?.stop();
  running = await startSubgraph(users, {
    databaseUrl: await stores.urlOf(users),
    environment: { LOG_LEVEL: 'silent', REDIS_URL: workerRedisUrl(), ...environment },
  });
}

beforeEach(() => start());
afterEach(async () => {
  await ctx().rows(sql`delete from key`);
  await ctx().rows(sql`delete from key_rotation`);
});
afterAll(() => running?.stop());

const published = async (): Promise<JSONWebKeySet> => {
  await keysOf(ctx(), { isFresh: true });
  return (await keysOf(as(gatewayViewer))).jwks as JSONWebKeySet;
};
const tokenOfNow = async (): Promise<string> => {
  await keysOf(ctx(), { isFresh: true });
  return signAccessToken(ctx(), USER, SESSION);
};
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const isGood = async (token: string): Promise<boolean> =>
  jwtVerify(token, createLocalJWKSet(await published()), { issuer: 'broadsheet', audience: 'broadsheet' }).then(
    () => true,
    () => false,
  );
/** As if so many seconds had passed since the keys were made. */
const passes = (seconds: number) =>
  ctx().rows(sql`
    update key set signs_from = signs_from - ${seconds} * interval '1 second', retires_at = retires_at - ${seconds} * interval '1 second'`);

test('a new key is published at once, signs after the overlap, and the old one goes when its tokens have ended', async () => {
  const old = await tokenOfNow();
  const { isResumed } = await rotateKeys(ctx(), { overlapSeconds: 600 });
  expect(isResumed).toBe(false);
  expect((await published()).keys).toHaveLength(2);
  expect(kidOf(await tokenOfNow())).toBe(kidOf(old));
  await passes(601);
  const later = await tokenOfNow();
  expect(kidOf(later)).not.toBe(kidOf(old));
  expect([await isGood(old), await isGood(later)]).toEqual([true, true]);
  await passes(17 * 60);
  expect([await isGood(old), await isGood(later)]).toEqual([false, true]);
  await tidyKeys(ctx());
  expect(await ctx().rows(sql`select 1 from key where purpose = 'access-token'`)).toHaveLength(1);
});

test('keys in foreign hands are replaced at once', async () => {
  const old = await tokenOfNow();
  await rotateKeys(ctx(), { isCompromised: true });
  expect(await isGood(old)).toBe(false);
  expect(await isGood(await tokenOfNow())).toBe(true);
});

test('keys in foreign hands are replaced though an earlier rotation was half done', async () => {
  const old = await tokenOfNow();
  await ctx().rows(sql`insert into key_rotation (id) values (gen_random_uuid())`);
  expect(await rotateKeys(ctx(), { isCompromised: true })).toMatchObject({ isResumed: false });
  expect([await isGood(old), await isGood(await tokenOfNow())]).toEqual([false, true]);
  expect(await ctx().rows(sql`select 1 from key_rotation where finished_at is null`)).toEqual([]);
});

test('a rotation that begins while keys are tidied up keeps its key for second factors', async () => {
  const waiting = sql`select 1 from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`;
  const work: Promise<unknown>[] = [];
  await ctx().change(async (tx) => {
    await lockKeys(tx);
    for (const begin of [() => rotateKeys(ctx()), () => tidyKeys(ctx())]) {
      work.push(begin());
      await until('it waits its turn', async () => (await ctx().rows(waiting)).length === work.length);
    }
  });
  await Promise.all(work);
  await passes(3600);
  await tidyKeys(ctx());
  expect(await ctx().rows(sql`select retires_at as "retiresAt" from key where purpose = 'second-factor'`)).toEqual([
    { retiresAt: null },
  ]);
});

test('two rotations at once are two rotations, one after the other, or one that both see', async () => {
  const before = (await published()).keys.length;
  await Promise.all([rotateKeys(ctx()), rotateKeys(ctx())]);
  const rotations = await ctx().rows<{ keys: number }>(sql`
    select (select count(*) from key k where k.rotation_id = r.id) as keys from key_rotation r`);
  expect(rotations.every(({ keys }) => keys === 3)).toBe(true);
  expect((await published()).keys).toHaveLength(before + rotations.length);
  expect(await ctx().rows(sql`select 1 from key_rotation where finished_at is null`)).toEqual([]);
});

test('nothing private is published', async () => {
  const allowed = ['alg', 'crv', 'e', 'kid', 'kty', 'n', 'use', 'x'];
  for (const algorithm of ['EdDSA', 'RS256']) {
    await start({ ACCESS_TOKEN_ALGORITHM: algorithm });
    for (const key of (await published()).keys) expect(allowed).toEqual(expect.arrayContaining(Object.keys(key)));
  }
});

test('another algorithm is another key, after the overlap, and the old tokens stay good', async () => {
  const old = await tokenOfNow();
  await start({ ACCESS_TOKEN_ALGORITHM: 'RS256' });
  await start({ ACCESS_TOKEN_ALGORITHM: 'RS256' });
  expect((await published()).keys.map(({ alg }) => alg)).toEqual(['RS256', 'EdDSA']);
  expect(decodeProtectedHeader(await tokenOfNow()).alg).toBe('EdDSA');
  await passes(601);
  const later = await tokenOfNow();
  expect(decodeProtectedHeader(later).alg).toBe('RS256');
  expect([await isGood(old), await isGood(later)]).toEqual([true, true]);
});

test('with a word of the operator’s no key stands in the database as it is', async () => {
  const token = await tokenOfNow();
  const plain = await ctx().rows<{ secret: { d?: string; value?: string } }>(sql`select secret from key`);
  await start({ KEY_ENCRYPTION_SECRET: WORD });
  const [stored] = await ctx().rows<{ text: string }>(sql`select string_agg(secret::text, '') as text from key`);
  for (const { secret } of plain) expect(stored?.text).not.toContain(secret.d ?? secret.value);
  expect(await isGood(token)).toBe(true);
  await rotateKeys(ctx());
  const kinds = await ctx().rows<{ kind: string }>(sql`
    select distinct case when secret ? 'sealed' then 'sealed' else 'plain' end as kind from key`);
  expect(kinds).toEqual([{ kind: 'sealed' }]);
});

test('the operator’s word changes, once both are named; without it nothing starts, and it says why', async () => {
  await start({ KEY_ENCRYPTION_SECRET: WORD });
  const token = await tokenOfNow();
  await expect(stores.start(users, { KEY_ENCRYPTION_SECRET: `another ${WORD}` })).rejects.toThrow(
    'KEY_ENCRYPTION_SECRET',
  );
  await expect(stores.start(users)).rejects.toThrow('KEY_ENCRYPTION_SECRET');
  await start({ KEY_ENCRYPTION_SECRET: `another ${WORD}`, KEY_ENCRYPTION_SECRET_PREVIOUS: WORD });
  await start({ KEY_ENCRYPTION_SECRET: `another ${WORD}` });
  expect(await isGood(token)).toBe(true);
});

test('what was sealed under a key opens after rotations, for what it was sealed for', async () => {
  const secret = Buffer.from('twenty bytes of it..');
  const sealed = await sealSecret(ctx(), secret, 'one thing');
  await rotateKeys(ctx());
  expect(await unsealSecret(ctx(), sealed, 'one thing')).toEqual(secret);
  await expect(unsealSecret(ctx(), sealed, 'another')).rejects.toThrow();
  const changed = Buffer.from(sealed.sealed);
  changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
  await expect(unsealSecret(ctx(), { ...sealed, sealed: changed }, 'one thing')).rejects.toThrow();
});
