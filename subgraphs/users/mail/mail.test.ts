import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { gatewayViewer, systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { anUnverifiedPerson, aPerson, mailsTo, mailTo, PASSWORD } from '../testing.ts';
import { type NewMail, queueMail } from './mail.actions.ts';
import { mailSweep } from './mail.jobs.ts';
import { render } from './mail.render.ts';
import { checkMailSettings } from './mail.settings.ts';
import { unsubscribeToken } from './mail.subscriptions.ts';
import { type TemplateName, templates } from './mail.templates.ts';

const graph = testSubgraph(users, { PUBLIC_URL: 'https://site.example', SITE_NAME: 'The <Site>' });
const strict = testSubgraph(users, {
  ...{ LIMIT_MAILS_PER_ADDRESS_PER_HOUR: '2', LIMIT_MAIL_REQUESTS_PER_MINUTE: '3' },
  DELETION_GRACE_DAYS: '40',
});
const off = testSubgraph(users, { NODE_ENV: 'production' });

const queue = <Name extends TemplateName>(mail: NewMail<Name>, on = graph) =>
  on
    .running()
    .contextFor(systemViewer)
    .change((tx) => queueMail(tx, mail));
const outcomes = (key: string, on = graph) =>
  on.rows<{ state: string; outcome: string | null }>(sql`select state, outcome from mail where effect_key = ${key}`);
const settled = (key: string, on = graph) =>
  until(`${key} is settled`, async () => (await outcomes(key, on)).find(({ outcome }) => outcome !== null));

test('one effect is one mail, however often it is asked for, at once and later', async () => {
  const { userId, email } = await aPerson(graph);
  const mail = { template: 'passwordChanged', userId, data: {}, effectKey: `twice:${userId}` } as const;
  await Promise.all(Array.from({ length: 10 }, () => queue(mail)));
  await mailTo(graph, email, 'was changed');
  await queue(mail);
  await mailSweep.run(graph.running().contextFor(systemViewer), {});
  const other = await aPerson(graph);
  await queue({ ...mail, userId: other.userId, effectKey: `once:${userId}` });
  await mailTo(graph, other.email, 'was changed');
  expect((await mailsTo(graph, email)).filter(({ subject }) => subject.includes('was changed'))).toHaveLength(1);
});

test('a mail whose transaction rolls back is none', async () => {
  const { userId } = await aPerson(graph);
  const work = graph
    .running()
    .contextFor(systemViewer)
    .change(async (tx) => {
      await queueMail(tx, { template: 'passwordChanged', userId, data: {}, effectKey: 'rolled back' });
      throw new Error('no');
    });
  await expect(work).rejects.toThrow('no');
  expect(await outcomes('rolled back')).toEqual([]);
});

test('what people wrote is no markup and no header', () => {
  const { subject, text, html } = render({
    subject: 'Hello\r\nBcc: everybody@example.org',
    blocks: [
      '<img src=x onerror=alert(1)> & "you"\r\n\r\nsecond',
      { label: '<b>', url: 'https://site.example/?a=1&b="2"' },
    ],
  });
  expect(subject).toBe('Hello Bcc: everybody@example.org');
  expect(text).toContain('<img src=x onerror=alert(1)> & "you" second');
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;you&quot; second');
  expect(html).toContain('href="https://site.example/?a=1&amp;b=&quot;2&quot;"');
});

test('every template writes a subject and words', () => {
  const setting = {
    site: 'The Site',
    origin: 'https://site.example',
    username: 'ada',
    address: 'a@b.c',
    link: 'https://l',
  };
  const data = { reasons: [], receipt: [], userAgent: '', place: '', reason: 'r', name: 'n', at: 'now', mode: 'ERASE' };
  for (const [name, template] of Object.entries(templates)) {
    const letter = (template.write as (...given: unknown[]) => { subject: string; blocks: unknown[] })(setting, data);
    expect([name, letter.subject.length > 5, letter.blocks.length > 0]).toEqual([name, true, true]);
    const hasLink = JSON.stringify(letter.blocks).includes('https://l"');
    expect([name, hasLink]).toEqual([name, 'token' in template]);
  }
});

test('mails that may be unsubscribed carry a link for it; it ends them, and them alone', async () => {
  const { userId, email } = await aPerson(graph);
  const reminder = { template: 'apiKeyReminder', userId, data: { name: 'k', ageDays: 90 } } as const;
  await queue({ ...reminder, effectKey: `one:${userId}` });
  const { text } = await mailTo(graph, email, 'API key');
  const token = new URL(/https:\S+unsubscribe\S+/.exec(text)?.[0] ?? '').searchParams.get('token') ?? '';
  const unsubscribe = async (given: string) =>
    (
      await graph.anonymously.data<{ unsubscribeFromMail: { userErrors: { code: string }[] } }>(
        'mutation ($input: UnsubscribeFromMailInput!) { unsubscribeFromMail(input: $input) { userErrors { code } } }',
        { input: { token: given } },
      )
    ).unsubscribeFromMail.userErrors;
  const forged = [
    token.slice(0, -2),
    token.replace('apiKeyReminder', 'newLogin'),
    token.replace(userId, newId('user')),
    '',
    '..',
    'x'.repeat(100_000),
    await unsubscribeToken(graph.running().contextFor(systemViewer), userId, 'newLogin'),
  ];
  for (const one of forged) expect(await unsubscribe(one)).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect(await unsubscribe(token)).toEqual([]);
  expect(await unsubscribe(token)).toEqual([]);
  await queue({ ...reminder, effectKey: `two:${userId}` });
  expect(await settled(`two:${userId}`)).toEqual({ state: 'dropped', outcome: 'unsubscribed' });
  await queue({ template: 'passwordChanged', userId, data: {}, effectKey: `three:${userId}` });
  expect(await settled(`three:${userId}`)).toMatchObject({ state: 'sent' });
  expect((await mailTo(graph, email, 'was changed')).text).not.toContain('unsubscribe');
});

test('nobody fills an address: mails that strangers may cause are limited by it, those about one’s account are not', async () => {
  const people = [];
  for (let n = 0; n < 4; n++) people.push(await anUnverifiedPerson(strict, `bomb${n}`, 'Target@example.org'));
  for (const { userId } of people) await settled(`verification:${userId}`, strict);
  expect(await mailsTo(strict, 'Target@example.org')).toHaveLength(2);
  expect((await strict.rows(sql`select 1 from mail where outcome = 'limited'`)).length).toBe(2);
  await queue(
    { template: 'deletionDone', address: 'target@example.org', data: { receipt: [] }, effectKey: 'own' },
    strict,
  );
  expect(await settled('own', strict)).toMatchObject({ state: 'sent' });
});

test('strangers who sign up with somebody’s address keep no new password from them', async () => {
  const victim = await aPerson(strict, 'victim', 'victim@example.org');
  for (let n = 0; n < 3; n++) {
    const { userId } = await anUnverifiedPerson(strict, `stranger${n}`, victim.email);
    await settled(`verification:${userId}`, strict);
  }
  await queue({ template: 'reset', data: { identifier: 'victim' }, effectKey: 'reset:victim' }, strict);
  await mailTo(strict, victim.email, 'A new password');
});

test('what somebody does to an account with an address that is not theirs fills it no more than strangers may', async () => {
  const { userId } = await anUnverifiedPerson(strict, 'pretender', 'elsewhere@example.org');
  await settled(`verification:${userId}`, strict);
  for (const n of [1, 2]) {
    const effectKey = `changed:${n}`;
    await queue({ template: 'passwordChanged', userId, data: {}, effectKey }, strict);
    await settled(effectKey, strict);
  }
  expect(await outcomes('changed:1', strict)).toMatchObject([{ state: 'sent' }]);
  expect(await outcomes('changed:2', strict)).toEqual([{ state: 'dropped', outcome: 'limited' }]);
});

test('nobody fills an address with the receipts of accounts that they have made and deleted under it', async () => {
  for (const n of [1, 2, 3]) {
    const mail = { template: 'deletionDone', address: 'receipts@example.org', data: { receipt: [] } } as const;
    await queue({ ...mail, effectKey: `receipt:${n}` }, strict);
    await settled(`receipt:${n}`, strict);
  }
  expect(await mailsTo(strict, 'receipts@example.org')).toHaveLength(2);
});

test('requests for mails are limited by who asks, with how long to wait', async () => {
  const ask = () =>
    strict.anonymously.run(
      'mutation { requestPasswordReset(input: { identifier: "nobody" }) { userErrors { code } } }',
    );
  const answers = [];
  for (let n = 0; n < 5; n++) answers.push(await ask());
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.['code'] ?? 'asked');
  expect(codes).toEqual(['asked', 'asked', 'asked', 'RATE_LIMITED', 'RATE_LIMITED']);
  expect(answers[4]?.errors?.[0]?.extensions?.['retryAfterSeconds']).toBeGreaterThan(0);
});

test('the link that keeps an account works until the account goes, whatever the setting says that is', async () => {
  const person = await aPerson(strict);
  const end = 'mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { userErrors { code } } }';
  await strict.as(person).data(end, { input: { mode: 'ANONYMISE', password: PASSWORD } });
  await mailTo(strict, person.email, 'will be deleted');
  const [link] = await strict.rows<{ days: number; seconds: number }>(sql`
    select extract(day from expires_at - now())::int as days, abs(extract(epoch from expires_at - due_at))::int as seconds
    from token t join deletion d on d.user_id = t.user_id where t.user_id = ${toUuid(person.userId)}`);
  expect(link).toEqual({ days: 39, seconds: 0 });
});

test('in production without a server mails wait, and health says so', async () => {
  const { userId } = await anUnverifiedPerson(off);
  expect(await off.running().health()).toMatchObject({
    status: 'degraded',
    dependencies: { 'mail (set MAIL_URL)': 'away' },
  });
  await until(
    'its job is done',
    async () => (await off.rows(sql`select 1 from job.job where name = 'mail.send' and state = 'completed'`)).length,
  );
  expect(await outcomes(`verification:${userId}`, off)).toEqual([{ state: 'waiting', outcome: null }]);
  expect(await off.as(gatewayViewer).data('{ devMailbox { id } }')).toEqual({ devMailbox: [] });
  expect((await graph.running().health()).status).toBe('ok');
});

test('a production server that mails links to the reader’s own machine does not start', () => {
  const ctx = off.running().contextFor(systemViewer);
  const withSettings = (settings: object) => () =>
    checkMailSettings({ ...ctx, services: { ...ctx.services, settings: { ...ctx.services.settings, ...settings } } });
  const MAIL_URL = 'smtp://mail.example';
  expect(withSettings({ MAIL_URL })).toThrow('PUBLIC_URL');
  expect(withSettings({ MAIL_URL, PUBLIC_URL: 'https://site.example' })).not.toThrow();
  expect(withSettings({})).not.toThrow();
});

test('a mail too old to be of use, or to somebody who is gone, is not sent', async () => {
  const { userId } = await aPerson(graph);
  const row = (key: string, queuedAt: ReturnType<typeof sql>, uuid: string) =>
    graph.rows(sql`
      insert into mail (effect_key, template, user_id, queued_at)
      values (${key}, 'passwordChanged', ${uuid}, ${queuedAt})`);
  await row('old', sql`now() - interval '4 days'`, toUuid(userId));
  await graph.rows(
    sql`update "user" set deleted_at = now() where id = ${toUuid((await aPerson(graph, 'leaver')).userId)}`,
  );
  const [leaver] = await graph.rows<{ id: string }>(sql`select id from "user" where username = 'leaver'`);
  await row('gone', sql`now()`, leaver?.id ?? '');
  await row('fine', sql`now()`, toUuid(userId));
  await mailSweep.run(graph.running().contextFor(systemViewer), {});
  expect(await settled('old')).toEqual({ state: 'dropped', outcome: 'too old' });
  expect(await settled('gone')).toEqual({ state: 'dropped', outcome: 'nobody' });
  expect(await settled('fine')).toMatchObject({ state: 'sent' });
});

test('the mailbox of development is the gateway’s alone to show', async () => {
  const person = await aPerson(graph);
  for (const asking of [graph.anonymously, graph.as(person), graph.as({ ...person, role: 'admin' })]) {
    const { errors } = await asking.run('{ devMailbox { id } }');
    expect(['UNAUTHENTICATED', 'FORBIDDEN']).toContain(errors?.[0]?.extensions?.['code']);
  }
  const { errors } = await graph.as(gatewayViewer).run('{ devMailbox(first: 201) { id } }');
  expect(errors?.[0]?.extensions?.['code']).toBe('PAGE_SIZE_OUT_OF_RANGE');
});
