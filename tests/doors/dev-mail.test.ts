import { request as rawRequest } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { sql } from 'kit/database';
import { testSubgraph } from 'kit/testing/subgraph';
import { users } from 'subgraphs/users/subgraph';
import { anUnverifiedPerson, mailTo } from 'subgraphs/users/testing';
import { openDoor, type Door } from '../setup/doors.ts';

const graph = testSubgraph(users);
let door: Door;
beforeAll(async () => {
  door = await openDoor({ users: graph }, { NODE_ENV: 'development' });
});
afterAll(() => door.stop());

/** `fetch` does not let a Host be set. */
const pageAs = (host: string): Promise<readonly [status: number, text: string]> =>
  new Promise((resolve, reject) => {
    rawRequest(`${door.origin}/dev/mail`, { headers: { host } }, (response) => {
      textOf(response).then((text) => resolve([response.statusCode ?? 0, text]), reject);
    }).end();
  });

test('the page shows what was mailed, its links as links', async () => {
  const { email } = await anUnverifiedPerson(graph);
  const { subject } = await mailTo(graph, email, /./);
  const { status, headers, text } = await door.ask('GET', '/dev/mail');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toContain(email);
  expect(text).toContain(subject.slice(0, 8));
  expect(text).toMatch(/<a href="http[^"]+#token=[\w-]+" rel="noreferrer">/);
});

test('nothing of a mail is markup, whatever gets into one', async () => {
  const hostile = `</pre><script>alert(1)</script><img src=x> https://x.example/"onload="a()' & more`;
  await graph.rows(sql`
    insert into mailbox (id, address, subject, text, html)
    values (${crypto.randomUUID()}, ${hostile}, ${hostile}, ${hostile}, ${hostile}) returning 1`);
  const { text } = await door.ask('GET', '/dev/mail');
  expect(text.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)).toHaveLength(4);
  expect(text).not.toMatch(/<script|<img|"onload/);
});

test('a name that was made to point to this machine sees nothing', async () => {
  const { port } = door;
  expect((await pageAs(`evil.example:${port}`))[0]).toBe(404);
  expect((await pageAs(`127.0.0.1.evil.example:${port}`))[0]).toBe(404);
  for (const host of [`localhost:${port}`, `LOCALHOST`, `[::1]:${port}`]) expect((await pageAs(host))[0]).toBe(200);
});

test('in production there is no such page', async () => {
  const settings = { NODE_ENV: 'production' };
  const production = await openDoor({ users: graph }, settings);
  expect((await production.ask('GET', '/dev/mail')).status).toBe(404);
  await production.stop();
});
