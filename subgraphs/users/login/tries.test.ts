import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { users } from '../subgraph.ts';
import { mailsTo, mailTo, type KeptMail } from '../testing.ts';
import {
  aProtectedPerson,
  codeOf,
  codesOf,
  complete,
  elsewhere,
  HOME,
  logIn,
  type Protected,
} from './login.testing.ts';

const graph = testSubgraph(users);
const strict = testSubgraph(users, { LIMIT_SECOND_FACTOR_PER_HOUR: '3' });
const ABOUT = /Too many wrong codes/;

/** Codes that are not good, from somewhere else. */
async function guess(
  { secret }: Protected,
  on: typeof graph,
  token: string | undefined,
  times: number,
  from = elsewhere(5),
) {
  for (let n = 0; n < times; n++) await complete(on, token, 'TOTP', codeOf(secret, 40 + n), from).catch(() => null);
}
const challengeOf = async ({ username }: Protected, on = graph) =>
  (await logIn(on, username, elsewhere(5))).challenge?.token;

/** Those about used-up tries, once all mails have been sent. */
async function told({ email }: Protected, on = graph): Promise<KeptMail[]> {
  await until('all mails', async () => (await on.rows(sql`select 1 from mail where state = 'waiting'`)).length === 0);
  return (await mailsTo(on, email)).filter(({ subject }) => ABOUT.test(subject));
}

test('the owner hears of it when somebody with the password has used up a challenge, once in the hour', async () => {
  const person = await aProtectedPerson(graph);
  await guess(person, graph, await challengeOf(person), 4);
  expect(await told(person)).toEqual([]);
  const challenge = await challengeOf(person);
  await guess(person, graph, challenge, 5);
  const { text } = await mailTo(graph, person.email, ABOUT);
  expect(text).toContain(person.username);
  expect(text).toContain('Firefox');
  expect(text).toContain('change your password');
  await guess(person, graph, await challengeOf(person), 7);
  await Promise.all([1, 2].map(async () => guess(person, graph, await challengeOf(person), 5)));
  expect(await told(person)).toHaveLength(1);
  // It is no lock: a right code at the next challenge is let in.
  const next = await logIn(graph, person.username, HOME);
  expect(codesOf(await complete(graph, next.challenge?.token, 'TOTP', codeOf(person.secret, 1), HOME))).toEqual([]);
});

test('the owner hears of tries that are spread over many challenges and addresses', async () => {
  const person = await aProtectedPerson(strict);
  for (let n = 1; n <= 5; n++) {
    const { challenge } = await logIn(strict, person.username, elsewhere(n));
    await guess(person, strict, challenge?.token, 1, elsewhere(n));
  }
  await mailTo(strict, person.email, ABOUT);
  expect(await told(person, strict)).toHaveLength(1);
});

test('an hour that began a moment ago is no other hour; the one after the next is', async () => {
  const person = await aProtectedPerson(graph);
  await guess(person, graph, await challengeOf(person), 5);
  await mailTo(graph, person.email, ABOUT);
  const shift = (minutes: number) =>
    graph.rows(sql`
      update mail set queued_at = now() - ${minutes} * interval '1 minute', effect_key = 'second-factor-tries:' || ${person.userId} || ':'
        || (floor(extract(epoch from now()) / 3600)::bigint - 1)
      where template = 'secondFactorTries' and effect_key like ${`%${person.userId}%`} returning 1`);
  await shift(50);
  await guess(person, graph, await challengeOf(person), 5);
  expect(await told(person)).toHaveLength(1);
  await shift(70);
  await guess(person, graph, await challengeOf(person), 5);
  expect(await told(person)).toHaveLength(2);
});

test('whoever has not the password causes no mail', async () => {
  const person = await aProtectedPerson(graph);
  const challenge = (await challengeOf(person)) ?? '';
  const forged = `${challenge.split('.')[0]}.${'x'.repeat(43)}`;
  await guess(person, graph, forged, 8);
  for (let n = 0; n < 6; n++) await logIn(graph, person.username, elsewhere(5), 'not the password');
  expect(await told(person)).toEqual([]);
});
