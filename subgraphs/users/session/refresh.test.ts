import { sql } from 'kit/database';
import { toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { codesOf, elsewhere, HOME, logIn, refresh, sessionOf } from '../login/login.testing.ts';
import { users } from '../subgraph.ts';
import { aPerson, mailsTo, mailTo } from '../testing.ts';

const graph = testSubgraph(users);
const ENDED = ['UNAUTHENTICATED'];
const about = 'ended for safety';
/** As if the last refresh had been a minute ago: what is older than the grace is a reuse. */
const graceIsOver = (session: string) =>
  graph.rows(sql`update session set rotated_at = now() - interval '1 minute' where id = ${toUuid(session)}`);

test('the reuse of an old token ends the family, and its owner is mailed once', async () => {
  const person = await aPerson(graph);
  const first = await logIn(graph, person.username);
  const second = await refresh(graph, first.refreshToken);
  const third = await refresh(graph, second.refreshToken);
  expect(codesOf(await refresh(graph, first.refreshToken, elsewhere(66)))).toEqual(ENDED);
  expect(codesOf(await refresh(graph, third.refreshToken))).toEqual(ENDED);
  expect(codesOf(await refresh(graph, first.refreshToken, elsewhere(66)))).toEqual(ENDED);
  await mailTo(graph, person.email, about);
  expect((await mailsTo(graph, person.email)).filter(({ subject }) => subject.includes(about))).toHaveLength(1);
});

test('only the family of the token ends, and a token that nobody repeats ends nothing', async () => {
  const person = await aPerson(graph);
  const [one, other] = [await logIn(graph, person.username), await logIn(graph, person.username)];
  const next = await refresh(graph, one.refreshToken);
  await refresh(graph, next.refreshToken);
  expect(codesOf(await refresh(graph, one.refreshToken))).toEqual(ENDED);
  let { refreshToken } = other;
  for (let n = 0; n < 5; n++) {
    const answer = await refresh(graph, refreshToken);
    expect(codesOf(answer)).toEqual([]);
    ({ refreshToken } = answer);
  }
});

test.each([1, 2, 5])('a token %d generations old ends the family, however long ago', async (generations) => {
  const first = await logIn(graph, (await aPerson(graph)).username);
  let { refreshToken } = first;
  for (let n = 0; n < generations; n++) ({ refreshToken } = await refresh(graph, refreshToken));
  await graceIsOver(sessionOf(first));
  expect(codesOf(await refresh(graph, first.refreshToken))).toEqual(ENDED);
  expect(codesOf(await refresh(graph, refreshToken))).toEqual(ENDED);
});

test('whoever knows no more than a session’s id cannot end it', async () => {
  const { refreshToken } = await logIn(graph, (await aPerson(graph)).username);
  const [session = '', value = '', mark = ''] = String(refreshToken).split('.');
  const others = (await logIn(graph, (await aPerson(graph)).username)).refreshToken?.split('.') ?? [];
  const forged = [
    session,
    `${session}.`,
    `${session}.${'A'.repeat(43)}`,
    `${session}.${'A'.repeat(43)}.${mark}`,
    `${session}.${others[1]}.${others[2]}`,
    `${session}.${value}.${'A'.repeat(22)}`,
    `${session}.${value}`,
    `${refreshToken}.x`,
  ];
  for (const token of forged) expect(codesOf(await refresh(graph, token))).toEqual(ENDED);
  expect(codesOf(await refresh(graph, refreshToken))).toEqual([]);
});

test('twenty refreshes at once, from many places, leave one token that is good', async () => {
  const first = await logIn(graph, (await aPerson(graph)).username);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => refresh(graph, first.refreshToken, elsewhere(n))),
  );
  expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
  expect(answers.every((answer) => codesOf(answer).length === 0)).toBe(true);
  const [row] = await graph.rows<{ generation: number }>(sql`
    select generation from session where id = ${toUuid(sessionOf(first))}`);
  expect(row).toEqual({ generation: 1 });
  expect(codesOf(await refresh(graph, answers[0]?.refreshToken ?? null))).toEqual([]);
});

test('twenty at once with a token that is too old end the family, with one mail', async () => {
  const person = await aPerson(graph);
  const first = await logIn(graph, person.username);
  const second = await refresh(graph, first.refreshToken);
  await graceIsOver(sessionOf(first));
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(graph, first.refreshToken)));
  expect(answers.every((answer) => codesOf(answer)[0] === 'UNAUTHENTICATED')).toBe(true);
  expect(codesOf(await refresh(graph, second.refreshToken))).toEqual(ENDED);
  const queued = await graph.rows(sql`select 1 from mail where effect_key = ${`session-reuse:${sessionOf(first)}`}`);
  expect(queued).toHaveLength(1);
});

test('a refresh moves the session to where it was refreshed from, and prolongs it', async () => {
  const first = await logIn(graph, (await aPerson(graph)).username, HOME);
  const id = toUuid(sessionOf(first));
  await graph.rows(sql`update session set expires_at = now() + interval '1 minute' where id = ${id}`);
  await refresh(graph, first.refreshToken, { address: '203.0.113.9', userAgent: 'curl/8' });
  const [row] = await graph.rows<object>(sql`
    select address, device, expires_at > now() + interval '6 days' as "isProlonged" from session where id = ${id}`);
  expect(row).toEqual({ address: '203.0.113.9', device: 'curl', isProlonged: true });
});
