import { handOver } from './mail.transport.ts';
import { startMailServer, type TestMailServer } from './smtp.testing.ts';

const message = {
  from: 'site@example.org',
  to: 'somebody@example.org',
  subject: 'A subject',
  text: 'Words.',
  html: '<p>Words.</p>',
  messageId: '<one@example.org>',
  headers: {},
};
const begin = (): Promise<boolean> => Promise.resolve(true);

const servers: TestMailServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function start(options: Parameters<typeof startMailServer>[0]): Promise<TestMailServer> {
  const server = await startMailServer(options);
  servers.push(server);
  return server;
}
const urlOf = ({ url }: TestMailServer, credentials: string): string => url.replace('//', `//${credentials}@`);

test('name and password of the URL open a server that asks for them; wrong ones hand over nothing', async () => {
  const server = await start({
    options: {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        const isRight = username === 'site' && password === 'p@ss word';
        done(isRight ? null : new Error('no'), { user: username });
      },
    },
  });
  expect(await handOver(urlOf(server, 'site:p%40ss%20word'), message, begin)).toMatchObject({ state: 'sent' });
  expect(server.received).toMatchObject([{ to: message.to }]);
  expect(await handOver(urlOf(server, 'site:wrong'), message, begin)).toMatchObject({ state: 'later' });
  expect(await handOver(server.url, message, begin)).toMatchObject({ state: 'later' });
  expect(server.received).toHaveLength(1);
});

test('a server that offers encryption with a certificate nobody vouches for gets nothing in the clear', async () => {
  const server = await start({ options: { disabledCommands: [] } });
  expect(await handOver(server.url, message, begin)).toMatchObject({ state: 'later' });
  const secure = await start({ options: { secure: true } });
  expect(await handOver(secure.url.replace('smtp:', 'smtps:'), message, begin)).toMatchObject({ state: 'later' });
  expect([...server.received, ...secure.received]).toEqual([]);
});
