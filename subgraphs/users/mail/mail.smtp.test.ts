import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, tokenIn, VERIFY } from '../testing.ts';
import { queueMail } from './mail.actions.ts';
import { sendMail } from './mail.delivery.ts';
import { mailSweep } from './mail.jobs.ts';
import { startMailServer, type TestMailServer } from './smtp.testing.ts';

let behaviour: (to: string) => number | 'hang up' | null = () => null;
let recipients: (to: string) => number = () => 250;
const texts: string[] = [];
const server: TestMailServer = await startMailServer({
  rcpt: (to) => recipients(to),
  data: (to) => {
    texts.push(to);
    return behaviour(to);
  },
});
const graph = testSubgraph(users, {
  MAIL_URL: server.url,
  MAIL_FROM: 'The Site <site@example.org>',
  PUBLIC_URL: 'https://site.example/',
  SITE_NAME: 'The Site',
});
const strict = testSubgraph(users, { MAIL_URL: server.url, LIMIT_MAILS_PER_ADDRESS_PER_HOUR: '2' });

afterAll(() => server.stop());
afterEach(() => {
  behaviour = () => null;
  recipients = () => 250;
});

const outcomeOf = async (userId: string, template = 'verification') =>
  (
    await graph.rows<{ state: string; outcome: string | null; data: object; address: string | null; tries: number }>(
      sql`select state, outcome, data, address, tries from mail where effect_key = ${`${template}:${userId}`}`,
    )
  )[0];
const settled = (userId: string, template?: string) =>
  until('the mail is settled', async () => {
    const mail = await outcomeOf(userId, template);
    return mail && mail.outcome !== null && !['claimed', 'handing over'].includes(mail.state) ? mail : null;
  });

test('a mail arrives whole: from, to, subject, text, HTML, a link to the configured origin that works once', async () => {
  const { username, email, userId } = await anUnverifiedPerson(graph);
  const { raw } = await until('the mail', () => server.to(email)[0]);
  expect(raw).toMatch(/^From: The Site <site@example\.org>/m);
  expect(raw).toContain(`To: ${email}`);
  expect(raw).toMatch(/^Subject: Confirm your address for The Site/m);
  expect(raw).toContain('Auto-Submitted: auto-generated');
  expect(raw).toMatch(/^Message-ID: <[0-9a-f]{32}@site\.example>/im);
  expect(raw).toContain('text/plain');
  expect(raw).toContain('text/html');
  expect(raw).toContain('https://site.example/verify-email#token=');
  const input = { token: tokenIn({ text: raw } as never) };
  const verify = async () =>
    (await graph.anonymously.data<{ verifyEmail: { userErrors: { code: string }[] } }>(VERIFY, { input })).verifyEmail
      .userErrors;
  expect(await verify()).toEqual([]);
  expect(await verify()).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect(
    await graph.anonymously.data('query ($u: String) { user(username: $u) { username } }', { u: username }),
  ).toEqual({ user: { username } });
  expect(await settled(userId)).toEqual({ state: 'sent', outcome: 'accepted', data: {}, address: null, tries: 1 });
});

test('no token, and no address of a mail that was sent, stands in any table', async () => {
  const { email, userId } = await anUnverifiedPerson(graph);
  const { raw } = await until('the mail', () => server.to(email)[0]);
  await settled(userId);
  const token = tokenIn({ text: raw } as never);
  expect(token).toHaveLength(43);
  const tables = await graph.rows<{ name: string }>(sql`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema in ('public', 'job') and table_type = 'BASE TABLE'`);
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) {
    expect(await graph.rows(sql`select 1 from ${sql.raw(name)} t where t::text like ${`%${token}%`}`)).toEqual([]);
  }
  expect(await graph.rows(sql`select 1 from mail where mail::text like ${`%${email}%`}`)).toEqual([]);
  expect(await graph.rows(sql`select 1 from job.job where data::text like ${`%${email}%`}`)).toEqual([]);
});

test('an address that bounces gets nothing more, until an administrator lets it', async () => {
  recipients = (to) => (to.startsWith('gone') ? 550 : 250);
  const person = await aPerson(graph, 'gone');
  expect(await settled(person.userId, 'verification')).toMatchObject({ state: 'dropped' });
  expect(await settled(person.userId, 'welcome')).toMatchObject({ state: 'dropped' });
  const later = await anUnverifiedPerson(graph, 'later', 'GONE@example.org');
  expect(await settled(later.userId)).toMatchObject({ state: 'dropped', outcome: 'suppressed' });
  recipients = () => 250;
  const admin = { ...person, role: 'admin' };
  const release =
    'mutation ($input: ReleaseMailAddressInput!) { releaseMailAddress(input: $input) { userErrors { code } } }';
  const input = { address: 'gone@example.org' };
  expect((await graph.as(person).run(release, { input })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  await graph.as(admin).data(release, { input });
  const again = await anUnverifiedPerson(graph, 'again', 'gone@example.org');
  expect(await settled(again.userId)).toMatchObject({ state: 'sent' });
  const suppress =
    'mutation ($input: SuppressMailAddressInput!) { suppressMailAddress(input: $input) { userErrors { code } } }';
  await graph.as(admin).data(suppress, { input: { ...input, reason: 'wrote that they want none' } });
  // Time changes nothing about an administrator's word.
  expect(await graph.rows(sql`select 1 from mail_suppression where retry_at is not null`)).toEqual([]);
  const once = await anUnverifiedPerson(graph, 'oncemore', 'gone@example.org');
  expect(await settled(once.userId)).toMatchObject({ outcome: 'suppressed' });
});

test('what somebody cannot get in without is tried again a while after a bounce; nothing else is, until it is taken', async () => {
  const codes = new Map([['full@example.org', 552]]);
  recipients = (to) => codes.get(to) ?? 250;
  const { userId } = await aPerson(graph, 'full');
  await settled(userId, 'welcome');
  const queue = async (template: 'passwordChanged' | 'welcome', name: string) => {
    const mail = { template, userId, data: {}, effectKey: `${name}:${userId}` };
    const ctx = graph.running().contextFor(systemViewer);
    await ctx.change((tx) => queueMail(tx, mail));
    await sendMail(ctx, mail.effectKey);
    return (await settled(userId, name)).outcome;
  };
  const passes = () => graph.rows(sql`update mail_suppression set retry_at = now() where retry_at is not null`);
  expect(await queue('passwordChanged', 'at-once')).toBe('suppressed');
  await passes();
  expect(await queue('welcome', 'of-no-weight')).toBe('suppressed');
  // It bounces anew, and is left alone as long again.
  expect(await queue('passwordChanged', 'later')).toBe('bounced 552');
  expect(await queue('passwordChanged', 'too-soon')).toBe('suppressed');
  await passes();
  codes.clear();
  expect(await queue('passwordChanged', 'emptied')).toBe('accepted');
  expect(await queue('welcome', 'as-before')).toBe('accepted');
});

test('a server that is busy is asked again later; one that refuses for good is not', async () => {
  behaviour = (to) => (to.startsWith('busy') ? 451 : 554);
  const [busy, refused] = [await anUnverifiedPerson(graph, 'busy'), await anUnverifiedPerson(graph, 'refused')];
  expect(await settled(busy.userId)).toMatchObject({ state: 'waiting', outcome: '451', tries: 1 });
  expect(await settled(refused.userId)).toMatchObject({ state: 'dropped', outcome: 'refused 554' });
  behaviour = () => null;
  const sweep = () => mailSweep.run(graph.running().contextFor(systemViewer), {});
  await sweep();
  expect(await outcomeOf(busy.userId)).toMatchObject({ state: 'waiting' });
  await graph.rows(sql`update mail set next_try_at = now() where state = 'waiting'`);
  await sweep();
  await until('it is sent', async () => (await outcomeOf(busy.userId))?.state === 'sent');
  expect(server.to(busy.email)).toHaveLength(1);
  expect(server.to(refused.email)).toHaveLength(0);
});

test('what a busy server has not taken does not count as sent to its address', async () => {
  behaviour = (to) => (to.startsWith('patient') ? 451 : null);
  const { username, email } = await anUnverifiedPerson(strict, 'patient');
  const again =
    'mutation ($input: ResendVerificationInput!) { resendVerification(input: $input) { userErrors { code } } }';
  for (let n = 0; n < 2; n++) await strict.anonymously.data(again, { input: { username } });
  const states = async () =>
    (await strict.rows<{ state: string }>(sql`select state from mail where tries > 0 order by state`)).map(
      ({ state }) => state,
    );
  await until('all have been tried', async () => (await states()).join() === 'waiting,waiting,waiting');
  behaviour = () => null;
  await strict.rows(sql`update mail set next_try_at = now()`);
  await mailSweep.run(strict.running().contextFor(systemViewer), {});
  await until('all are settled', async () => !(await states()).includes('waiting'));
  expect(await states()).toEqual(['dropped', 'sent', 'sent']);
  expect(server.to(email)).toHaveLength(2);
});

test('a line that breaks after the text has left is no reason to send it again', async () => {
  const silent = await anUnverifiedPersonWhoseMail('hang up');
  expect(await settled(silent.userId)).toMatchObject({ state: 'unknown' });
  await graph.rows(sql`update mail set next_try_at = now()`);
  await mailSweep.run(graph.running().contextFor(systemViewer), {});
  await anUnverifiedPerson(graph, 'next');
  await until('the next is sent', () => server.to('next@example.org').length);
  expect(texts.filter((to) => to === silent.email)).toHaveLength(1);
});

async function anUnverifiedPersonWhoseMail(answer: 'hang up') {
  behaviour = (to) => (to.startsWith('silent') ? answer : null);
  return anUnverifiedPerson(graph, 'silent');
}
