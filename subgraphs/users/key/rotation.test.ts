import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { workerRedisUrl } from 'kit/testing/engines';
import { testEngines, testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { aProtectedPerson, codeOf, codesOf, complete, logIn, refresh, type Protected } from '../login/login.testing.ts';
import { users } from '../subgraph.ts';
import { keysOf } from './key.loaders.ts';
import { rotateKeys, tidyKeys } from './rotation.actions.ts';

const graph = testSubgraph(users);
const COMMAND = fileURLToPath(new URL('../../rotate-keys.ts', import.meta.url));

const ctx = () => graph.running().contextFor(systemViewer);
async function databaseUrl(): Promise<string> {
  const [row] = await graph.rows<{ name: string }>(sql`select current_database() as name`);
  const url = new URL(testEngines().postgresUrl);
  url.pathname = `/${row?.name ?? ''}`;
  return url.href;
}

async function command(...given: string[]) {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    LOG_LEVEL: 'silent',
    USERS_DATABASE_URL: await databaseUrl(),
    REDIS_URL: workerRedisUrl(),
  };
  const child = spawn(process.execPath, [COMMAND, ...given], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  return { child, exited: once(child, 'exit').then(([code]) => code as number | null), output: () => output };
}

const keysByPurpose = () =>
  graph.rows<{ purpose: string; count: number }>(sql`
    select purpose, count(*) from key where rotation_id is not null group by purpose order by purpose`);
const ONE_EACH = ['access-token', 'refresh-token', 'second-factor'].map((purpose) => ({ purpose, count: 1 }));

async function signsInWithCode(person: Protected): Promise<string[]> {
  await graph.rows(sql`update second_factor set last_step = null where user_id = ${toUuid(person.userId)}`);
  const { challenge } = await logIn(graph, person.username);
  return codesOf(await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret)));
}

test('a rotation that is killed in the middle goes on when it is begun again, and doubles nothing', async () => {
  const people = [await aProtectedPerson(graph), await aProtectedPerson(graph), await aProtectedPerson(graph)];
  const holder = new Client({ connectionString: await databaseUrl() });
  await holder.connect();
  // Somebody is at one of the rows that must be encrypted anew: there the command stands when it is killed.
  await holder.query('begin');
  await holder.query('select 1 from second_factor where user_id = $1 for update', [toUuid(people[1]?.userId ?? '')]);
  const killed = await command();
  await until('the new keys are there', async () => (await keysByPurpose()).length === 3, 30);
  killed.child.kill('SIGKILL');
  expect(await killed.exited).toBeNull();
  await holder.query('rollback');
  await holder.end();
  expect(await graph.rows(sql`select 1 from key_rotation where finished_at is null`)).toHaveLength(1);
  // Half done, everybody gets in.
  for (const person of people) expect(await signsInWithCode(person)).toEqual([]);

  const again = await command();
  expect([await again.exited, again.output()]).toEqual([0, expect.stringContaining('was half done')]);
  expect(await keysByPurpose()).toEqual(ONE_EACH);
  expect(await graph.rows(sql`select 1 from key_rotation where finished_at is null`)).toEqual([]);
  const [newest] = await graph.rows<{ id: string }>(sql`
    select id from key where purpose = 'second-factor' and rotation_id is not null`);
  expect(await graph.rows(sql`select distinct key_id as id from second_factor`)).toEqual([newest]);
  for (const person of people) expect(await signsInWithCode(person)).toEqual([]);
});

test('the command refuses an overlap that is too short', async () => {
  const refused = await command('--overlap-minutes', '0');
  expect(await refused.exited).toBe(1);
  expect(refused.output()).toContain('N is from 1 to 1440');
});

test('sessions go on over a rotation, in the grace of a refresh too, and old tokens still give themselves away', async () => {
  const person = await aProtectedPerson(graph);
  const { challenge } = await logIn(graph, person.username);
  const first = await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1));
  const second = await refresh(graph, first.refreshToken);
  await rotateKeys(ctx());
  await graph.rows(sql`update key set signs_from = now() where purpose = 'refresh-token' and signs_from > now()`);
  await keysOf(ctx(), { isFresh: true });
  expect((await refresh(graph, first.refreshToken)).refreshToken).toBe(second.refreshToken);
  const third = await refresh(graph, second.refreshToken);
  expect((await refresh(graph, second.refreshToken)).refreshToken).toBe(third.refreshToken);
  const fourth = await refresh(graph, third.refreshToken);
  expect(codesOf(fourth)).toEqual([]);
  expect(codesOf(await refresh(graph, first.refreshToken))).toEqual(['UNAUTHENTICATED']);
  expect(codesOf(await refresh(graph, fourth.refreshToken))).toEqual(['UNAUTHENTICATED']);
});

test('compromised keys end no session', async () => {
  const person = await aProtectedPerson(graph);
  const { challenge } = await logIn(graph, person.username);
  const first = await complete(graph, challenge?.token, 'TOTP', codeOf(person.secret, 1));
  await rotateKeys(ctx(), { isCompromised: true });
  await keysOf(ctx(), { isFresh: true });
  expect(codesOf(await refresh(graph, first.refreshToken))).toEqual([]);
});

test('secrets that cannot be opened stay as they are, hold up nobody else’s, and are told', async () => {
  const [broken, foreign, whole] = [
    await aProtectedPerson(graph),
    await aProtectedPerson(graph),
    await aProtectedPerson(graph),
  ];
  const ofPerson = ({ userId }: Protected) => sql`user_id = ${toUuid(userId)}`;
  await graph.rows(sql`update second_factor set secret = substr(secret, 2) where ${ofPerson(broken)}`);
  await graph.rows(sql`
    update second_factor set secret = (select secret from second_factor where ${ofPerson(whole)}) where ${ofPerson(foreign)}`);
  const both = sql`(${ofPerson(broken)} or ${ofPerson(foreign)})`;
  const kept = () => graph.rows(sql`select secret, key_id from second_factor where ${both} order by user_id`);
  const before = await kept();
  expect(await rotateKeys(ctx())).toMatchObject({ unopened: 2, resealed: expect.any(Number) as number });
  expect(await kept()).toEqual(before);
  expect(await graph.rows(sql`select 1 from key_rotation where finished_at is null`)).toEqual([]);
  expect(await signsInWithCode(whole)).toEqual([]);
  // The old key is kept for as long as anything is under it.
  await graph.rows(sql`update key set retires_at = now() where purpose = 'second-factor' and retires_at is not null`);
  await tidyKeys(ctx());
  const needed = await graph.rows(sql`select 1 from second_factor f join key k on k.id = f.key_id where ${both}`);
  expect(needed).toHaveLength(2);
  await graph.rows(sql`delete from second_factor where ${both}`);
  const { resealed } = await rotateKeys(ctx());
  expect(resealed).toBeGreaterThan(0);
  expect(await signsInWithCode(whole)).toEqual([]);
});
