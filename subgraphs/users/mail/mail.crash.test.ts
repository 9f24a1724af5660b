import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kit/database';
import { workerRedisUrl } from 'kit/testing/engines';
import { testStores } from 'kit/testing/stores';
import { wideLimits } from 'kit/testing/subgraph';
import { until } from 'kit/testing/until';
import { systemViewer } from 'kit/viewer';
import { users } from '../subgraph.ts';
import { mailSweep } from './mail.jobs.ts';
import { startMailServer, type TestMailServer } from './smtp.testing.ts';

const stores = testStores();
let server: TestMailServer;
/** Every text that reached the server, accepted or not. */
const texts: string[] = [];
let atRecipient: (to: string) => void = () => undefined;
let atText: (to: string) => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  server = await startMailServer({
    rcpt: (to) => {
      atRecipient(to);
      return 250;
    },
    data: async (to) => {
      texts.push(to);
      await atText(to);
      return null;
    },
  });
});
afterAll(() => server.stop());

const program = fileURLToPath(new URL('./mail.child.testing.ts', import.meta.url));
const launch = (url: string, names: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, url, workerRedisUrl(), server.url, ...names], { stdio: 'inherit' });

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.signalCode === null) await once(child, 'exit');
}

const named = (prefix: string): string[] => [0, 1, 2, 3, 4].map((n) => `${prefix}${n}`);
const addressOf = (name: string): string => `${name}@example.org`;

/** Kills the process when the server has the text of its second mail and has not accepted it. Answers whose mail that was. */
async function killWithText(url: string): Promise<string> {
  const child = launch(url, named('late'));
  return new Promise<string>((resolve) => {
    atText = async (to) => {
      if (texts.length !== 2) return;
      await kill(child);
      resolve(to);
    };
  });
}

/** Kills the process when the server has heard of a mail and has nothing of its text. */
async function killBeforeText(url: string): Promise<string> {
  const child = launch(url, named('soon'));
  return new Promise<string>((resolve) => {
    atRecipient = (to) => {
      atRecipient = () => undefined;
      void kill(child).then(() => resolve(to));
    };
  });
}

test('SIGKILL amid mails: each is sent at most once, and all that the server surely did not have are sent', async () => {
  const url = await stores.urlOf(users);
  const maybe = await killWithText(url);
  const surelyNot = await killBeforeText(url);
  // Rolled on by what the sweep would wait for.
  const client = await stores.client(users);
  await client.query(
    `update mail set changed_at = now() - interval '10 minutes', next_try_at = now() - interval '1 minute'`,
  );
  const { rows: signedUp } = await client.query<{ email: string }>('select email from "user"');
  const last = await stores.start(users, { ...wideLimits(users), MAIL_URL: server.url });
  const ctx = last.contextFor(systemViewer);
  const states = async () =>
    (
      await ctx.rows<{ email: string; state: string }>(
        sql`select u.email, m.state from mail m join "user" u on u.id = m.user_id order by u.email`,
      )
    ).map(({ email, state }) => ({ email, state }));
  expect(await states()).toContainEqual({ email: maybe, state: 'handing over' });
  await mailSweep.run(ctx, {});
  await until(
    'all are settled',
    async () => (await states()).every(({ state }) => state === 'sent' || state === 'unknown'),
    30,
  );

  expect((await states()).filter(({ state }) => state === 'unknown')).toEqual([{ email: maybe, state: 'unknown' }]);
  expect(signedUp.length).toBeGreaterThan(5);
  expect(signedUp.map(({ email }) => email)).toContain(surelyNot);
  for (const { email } of signedUp) expect([email, texts.filter((to) => to === email).length]).toEqual([email, 1]);
  expect(signedUp.map(({ email }) => email)).toContain(addressOf('late0'));
});
