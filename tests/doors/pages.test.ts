import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kit/database';
import { newId, toUuid } from 'kit/ids';
import { testSubgraph } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { queueMail } from 'subgraphs/users/mail/mail.actions';
import { templates } from 'subgraphs/users/mail/mail.templates';
import { users } from 'subgraphs/users/subgraph';
import {
  aPerson,
  anUnverifiedPerson,
  mailsTo,
  mailTo,
  PASSWORD,
  tokenIn,
  type TestPerson,
} from 'subgraphs/users/testing';
import { issueToken } from 'subgraphs/users/token/token.actions';
import { pages } from '../../edge/pages/pages.ts';
import { openDoor, type Door } from '../setup/doors.ts';
import { openPage } from './browser.testing.ts';

const graph = testSubgraph(users);
let door: Door;
beforeAll(async () => {
  door = await openDoor({ users: graph }, { SITE_NAME: 'The <Site>' });
});
afterAll(() => door.stop());

const HTML = { headers: { accept: 'text/html' } };
const paths = Object.values(templates).flatMap((template) => ('token' in template ? [template.token.path] : []));

/** Follows the link of a mail to this gateway. */
async function follow(path: string, token: string) {
  const { status, text } = await door.ask('GET', path, HTML);
  expect([path, status]).toEqual([path, 200]);
  return openPage(text, `${door.origin}${path}#token=${token}`);
}

const runs = async (person: TestPerson, query: string, input: object): Promise<void> => {
  const { data, errors } = await graph.as(person).run(query, { input });
  expect([errors, Object.values(data ?? {})[0]]).toMatchObject([undefined, { userErrors: [] }]);
};

const signIn = async (identifier: string, password = PASSWORD): Promise<number> =>
  (await door.ask('POST', '/api/v1/auth/login', { body: { identifier, password } })).status;

test.each([...new Set([...paths, ...pages.map(({ path }) => path)])])(
  '%s is a page of its own: nothing from elsewhere, kept and listed by nobody',
  async (path) => {
    const { status, headers, text } = await door.ask('GET', path, HTML);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    for (const [, kind, content] of text.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)) {
      expect(policy).toContain(`${kind}-src 'sha256-${hash('sha256', content ?? '', 'base64')}'`);
    }
    expect(text).not.toMatch(/ on\w+=| style=|<(img|link|iframe)|https?:\/\//);
    expect(text).toMatch(/<html lang="en">.*<title>[^<]+ – The &lt;Site&gt;<\/title>/s);
    expect(text).toContain('role="status"');
    // Every input has a label, and what is pressed has words.
    for (const [input] of text.matchAll(/<input[^>]*>/g))
      expect(text).toContain(`for="${/ id="(\w+)"/.exec(input)?.[1]}"`);
    expect(text).toMatch(/<button>[^<]+<\/button>/);
  },
);

test('a link is followed by its button alone: opening it, however often, uses nothing up', async () => {
  const { email, username } = await anUnverifiedPerson(graph);
  const token = tokenIn(await mailTo(graph, email, 'Confirm'));
  for (const method of ['GET', 'HEAD'] as const) {
    for (const path of ['/verify-email', `/verify-email?token=${token}`]) await door.ask(method, path, HTML);
  }
  expect((await door.ask('POST', '/verify-email', { body: { token } })).status).toBe(405);
  const page = await follow('/verify-email', token);
  // The word is in no address any more, neither in the browser's nor in a request's.
  expect(page.address()).toBe(`${door.origin}/verify-email`);
  expect(await signIn(email)).toBe(401);
  expect(await page.press()).toContain('confirmed');
  expect(page.requests).toEqual([{ url: `${door.origin}/api/v1/auth/verify-email`, status: 204 }]);
  expect([page.part('form').hidden, page.part('outcome').className]).toEqual([true, 'done']);
  expect(await signIn(email)).toBe(200);
  expect(await signIn(username)).toBe(200);

  const again = await follow('/verify-email', token);
  expect(await again.press()).toBe('That link has been used or is too old; ask for a new one.');
  expect([again.part('form').hidden, again.part('outcome').className]).toEqual([false, 'problem']);
});

test.each(['', '#', '#token=', '#other=1'])(
  'a link without its word (%p) says so, and has nothing to press',
  async (fragment) => {
    const { text } = await door.ask('GET', '/verify-email', HTML);
    const page = openPage(text, `${door.origin}/verify-email${fragment}`);
    expect([page.part('form').hidden, page.part('outcome').textContent]).toEqual([
      true,
      expect.stringContaining('not whole'),
    ]);
  },
);

test('a password is set, and what is wrong with one is said in the page’s own words', async () => {
  const { email, username } = await aPerson(graph);
  const query =
    'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { code } } }';
  await graph.anonymously.run(query, { input: { identifier: username } });
  const page = await follow('/reset-password', tokenIn(await mailTo(graph, email, 'new password')));
  const said = await page.press('short');
  expect(said).toMatch(/^The new password .*8/);
  // The link is as good as before: nobody is sent for another one.
  expect([page.part('outcome').className, page.part('again').hidden]).toEqual(['problem', true]);
  expect(await page.press('a battery of horses')).toContain('is set');
  expect(page.part('field').value).toBe('');
  expect([await signIn(username), await signIn(username, 'a battery of horses')]).toEqual([401, 200]);
});

describe('a link that is good for nothing any more', () => {
  const open = async (path: string) =>
    openPage((await door.ask('GET', path, HTML)).text, `${door.origin}${path}#token=not-read-here`);

  test.each([
    ['/verify-email', '/resend-verification'],
    ['/reset-password', '/forgot-password'],
  ])('%s leads to where another one is asked for', async (path, next) => {
    const page = await follow(path, 'x'.repeat(43));
    expect(page.part('again').hidden).toBe(true);
    await page.press('a battery of horses');
    expect([page.part('again').hidden, page.part('outcome').className]).toEqual([false, 'problem']);
    const { text } = await door.ask('GET', path, HTML);
    expect(text).toContain(`<p id="again" hidden><a href="${next}">`);
    // One without its word does so too.
    expect(openPage(text, door.origin + path).part('again').hidden).toBe(false);
  });

  test('another one comes to whoever has such an account; the page says the same to whoever has none', async () => {
    const [waiting, person] = [await anUnverifiedPerson(graph), await aPerson(graph)];
    const asked = [
      ['/resend-verification', waiting.username, 'nobody-of-that-name', '/api/v1/auth/resend-verification'],
      ['/forgot-password', person.email, 'nobody@example.org', '/api/v1/auth/forgot-password'],
    ] as const;
    for (const [path, known, unknown, url] of asked) {
      const pages = [await open(path), await open(path)] as const;
      const said = [await pages[0].press(known), await pages[1].press(unknown)];
      expect(said).toEqual([expect.stringMatching(/^If .* a mail with a .*link is on its way/), said[0]]);
      for (const page of pages) {
        expect(page.requests).toEqual([{ url: door.origin + url, status: 202 }]);
        expect([page.part('form').hidden, page.part('field').value, page.address()]).toEqual([
          true,
          '',
          door.origin + path,
        ]);
      }
    }
    await follow('/reset-password', tokenIn(await mailTo(graph, person.email, 'new password')));
    const links = async () => (await mailsTo(graph, waiting.email)).map(tokenIn);
    await until('the second link', async () => (await links()).length === 2);
    // The first one is worth nothing from then on.
    const [first = '', second = ''] = await links();
    expect(await (await follow('/verify-email', first)).press()).toContain('too old');
    expect(await (await follow('/verify-email', second)).press()).toContain('confirmed');
    expect(await mailsTo(graph, 'nobody@example.org')).toEqual([]);
  });
});

test('a change of address takes both links', async () => {
  const person = await aPerson(graph);
  const newEmail = `new-${person.email}`;
  const query = 'mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) { userErrors { code } } }';
  await runs(person, query, { newEmail, password: PASSWORD });
  const first = await follow('/confirm-email-change', tokenIn(await mailTo(graph, newEmail, 'Confirm your new')));
  expect(await first.press()).toContain('the other one too');
  const second = await follow('/confirm-email-change', tokenIn(await mailTo(graph, person.email, 'Change of')));
  expect(await second.press()).toContain('is changed');
  expect(await signIn(newEmail)).toBe(200);
});

test('a sign-in is confirmed by a code that the page shows, and sends nowhere', async () => {
  const word = 'x'.repeat(43);
  const page = await follow('/confirm-sign-in', word);
  expect([page.part('shown').hidden, page.part('code').textContent]).toEqual([true, '']);
  await page.press();
  expect([page.part('shown').hidden, page.part('code').textContent]).toEqual([false, word]);
  expect([page.requests, page.address()]).toEqual([[], `${door.origin}/confirm-sign-in`]);
});

test('an account that was to go is kept', async () => {
  const person = await aPerson(graph);
  const query = 'mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { userErrors { code } } }';
  await runs(person, query, { mode: 'ANONYMISE', password: PASSWORD });
  const page = await follow('/cancel-deletion', tokenIn(await mailTo(graph, person.email, 'will be deleted')));
  const closing = () =>
    graph.rows(sql`select 1 from "user" where username = ${person.username} and closing_at is not null`);
  expect(await closing()).toHaveLength(1);
  expect(await page.press()).toContain('stays');
  expect(await closing()).toEqual([]);
  expect(await (await follow('/cancel-deletion', 'x'.repeat(43))).press()).toContain('no deletion to take back');
});

/** An archive that is ready, in pieces that hold each letter so many times, and the word for it. */
async function anArchive(count: number, size: number): Promise<{ readonly token: string; readonly id: string }> {
  const { userId } = await aPerson(graph);
  const [uuid, id] = [toUuid(userId), toUuid(newId('export'))];
  await graph.rows(sql`
    insert into data_export (id, user_id, status, ready_at, expires_at, size)
    values (${id}, ${uuid}, 'READY', '2026-01-02T03:04:05Z', now() + interval '1 day', ${count * size}) returning 1`);
  await graph.rows(sql`
    insert into data_export_chunk (export_id, number, bytes)
    select ${id}, n, convert_to(repeat(chr(97 + n % 26), ${size}::int), 'UTF8') from generate_series(0, ${count - 1}::int) n`);
  const context = graph.running().contextFor(systemViewer);
  const token = await context.change((tx) => issueToken(tx, { purpose: 'data-export', userId, lifetimeSeconds: 60 }));
  return { token, id };
}

test('an archive of several pieces comes as one file, as often as one asks', async () => {
  const { token } = await anArchive(3, 70_000);
  const page = await follow('/data-export', token);
  expect(await page.press()).toContain('on your device');
  expect(page.part('form').hidden).toBe(false);
  await page.press();
  const bytes = Buffer.concat(['a', 'b', 'c'].map((letter) => Buffer.alloc(70_000, letter)));
  expect(page.downloads).toEqual([
    { name: 'data-2026-01-02.zip', bytes },
    { name: 'data-2026-01-02.zip', bytes },
  ]);
});

test('an archive is read while it is taken: what is gone meanwhile breaks it off', async () => {
  const MEGABYTE = 1024 * 1024;
  const { token, id } = await anArchive(24, MEGABYTE);
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) };
  const response = await fetch(`${door.origin}/data-export/archive`, init);
  expect([response.status, response.headers.get('content-length')]).toEqual([200, `${24 * MEGABYTE}`]);
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  // Nobody reads on: were it read whole, it would be by now.
  await sleep(500);
  const gone = await graph.rows(
    sql`delete from data_export_chunk where export_id = ${id} and number >= 18 returning number`,
  );
  expect(gone).toHaveLength(6);
  const rest = async () => {
    while (!(await reader?.read())?.done);
  };
  await expect(rest()).rejects.toThrow();
  // The gateway goes on: it was that answer alone.
  expect((await door.ask('GET', '/data-export', HTML)).status).toBe(200);
});

test('archives and unsubscribing are limited, each by itself', async () => {
  const environment = { RATE_LIMITS: 'on', LIMIT_ARCHIVES_PER_MINUTE: '2', LIMIT_UNSUBSCRIBES_PER_MINUTE: '3' };
  const limited = await openDoor({ users: graph }, environment);
  const asked = [
    ['/data-export/archive', { token: 'x'.repeat(43) }, [404, 404, 429, 429]],
    ['/mail/unsubscribe?token=x', {}, [422, 422, 422, 429]],
  ] as const;
  for (const [path, body, statuses] of asked) {
    const replies = [];
    for (let n = 0; n < 4; n++) replies.push(await limited.ask('POST', path, { body }));
    expect([path, replies.map(({ status }) => status)]).toEqual([path, statuses]);
    const last = replies.at(-1);
    expect(last?.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last?.json).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  }
  await limited.stop();
});

test('an archive that is not there (any more) is said in words', async () => {
  const page = await follow('/data-export', 'x'.repeat(43));
  expect(await page.press()).toContain('ask for a new archive');
  expect([page.downloads, page.requests[0]?.url]).toEqual([[], `${door.origin}/data-export/archive`]);
});

test('a site that cannot be reached is said in words, and the button stays', async () => {
  const other = await openDoor({ users: graph });
  const { text } = await other.ask('GET', '/verify-email', HTML);
  const page = openPage(text, `${other.origin}/verify-email#token=${'x'.repeat(43)}`);
  await other.stop();
  expect(await page.press()).toContain('could not be reached');
  expect(page.part('form').hidden).toBe(false);
});

describe('unsubscribing', () => {
  /** The path of the link in a mail that may be unsubscribed. */
  async function aLink(): Promise<{ readonly path: string; readonly isOver: () => Promise<boolean> }> {
    const { userId, email } = await aPerson(graph);
    const remind = async (name: string) => {
      const effectKey = `${name}:${userId}`;
      const mail = { template: 'apiKeyReminder', userId, data: { name, ageDays: 90 }, effectKey } as const;
      await graph
        .running()
        .contextFor(systemViewer)
        .change((tx) => queueMail(tx, mail));
      return effectKey;
    };
    await remind('first');
    const { pathname, search } = new URL(
      /https?:\S+unsubscribe\S+/.exec((await mailTo(graph, email, 'API key')).text)?.[0] ?? '',
    );
    const isOver = async () =>
      (
        await graph.rows(
          sql`select 1 from mail_unsubscribed u join "user" p on p.id = u.user_id where p.email = ${email}`,
        )
      ).length > 0;
    return { path: pathname + search, isOver };
  }
  const oneClick = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (path: string, headers: Record<string, string> = oneClick, body = 'List-Unsubscribe=One-Click') =>
    fetch(door.origin + path, { method: 'POST', headers, body, redirect: 'error' });

  test('a mail program does it by itself, in one click, and twice is once', async () => {
    const { path, isOver } = await aLink();
    expect(await isOver()).toBe(false);
    for (let n = 0; n < 2; n++) {
      const response = await post(path);
      expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
      expect(await isOver()).toBe(true);
    }
  });

  test('as a form of parts it is the same', async () => {
    const { path, isOver } = await aLink();
    const body = new FormData();
    body.set('List-Unsubscribe', 'One-Click');
    expect((await fetch(door.origin + path, { method: 'POST', body })).status).toBe(200);
    expect(await isOver()).toBe(true);
  });

  test('a person opens a page first, which changes nothing and says nothing of the word; its button does it', async () => {
    const { path, isOver } = await aLink();
    const { status, headers, text } = await door.ask('GET', path, HTML);
    expect([status, headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("form-action 'self'"),
    ]);
    expect(headers.get('content-security-policy')).not.toContain('script-src');
    expect(text).toContain('<form method="post"><button>');
    expect(text).not.toMatch(/<script|token/);
    expect(await isOver()).toBe(false);
    const done = await post(path, { ...oneClick, accept: 'text/html' }, '');
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('no more mails of this kind')]);
    expect(await isOver()).toBe(true);
  });

  test('a word that is none, forged or given twice ends nothing', async () => {
    const { path, isOver } = await aLink();
    const [bare = ''] = path.split('?');
    const wrong = [bare, `${bare}?token=`, `${path}x`, `${path}&token=y`, `${bare}?token=${'x'.repeat(5000)}`];
    for (const each of wrong) {
      expect([each, (await post(each)).status]).toEqual([each, 422]);
      const page = await post(each, { ...oneClick, accept: 'text/html' });
      expect([page.status, await page.text()]).toEqual([422, expect.stringContaining('not whole')]);
    }
    expect((await post(path, oneClick, 'x'.repeat(5000))).status).toBe(413);
    expect(await isOver()).toBe(false);
  });
});

test('with a frontend of its own the site has none of these pages, and one click works all the same', async () => {
  const other = await openDoor({ users: graph }, { EDGE_PAGES: 'off' });
  for (const path of paths) expect([path, (await other.ask('GET', path, HTML)).status]).toEqual([path, 404]);
  expect((await other.ask('GET', '/mail/unsubscribe?token=x', HTML)).status).toBe(405);
  expect((await other.ask('POST', '/mail/unsubscribe?token=x')).status).toBe(422);
  expect((await other.ask('POST', '/api/v1/auth/verify-email', { body: { token: 'x' } })).status).toBe(422);
  await other.stop();
});

test('without the word of a mail nobody’s account is kept', async () => {
  const { json } = await door.ask('POST', '/api/v1/auth/cancel-deletion', { body: {} });
  expect(json).toMatchObject({ code: 'UNAUTHENTICATED' });
});
