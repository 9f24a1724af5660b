import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { KEEP_ALIVE_SECONDS, writeHead } from './head.ts';

/** What is sent, word for word, over one connection. */
async function exchange(requests: string, answer: (response: ServerResponse, path: string) => void): Promise<string> {
  const server = createServer((request, response) => answer(response, request.url ?? ''));
  server.keepAliveTimeout = KEEP_ALIVE_SECONDS * 1000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.write(requests);
  while (!received.endsWith('the end')) await once(socket, 'data');
  socket.destroy();
  server.close();
  return received.replaceAll(/Date: [^\r]*/g, 'Date: now');
}
const get = (path: string, more = '', version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: a\r\n${more}\r\n`;
const HEADERS = ['content-type', 'text/plain', 'vary', 'a', 'vary', 'b', 'x-latin', '\xe9', 'content-length', '7'];

const both = async (requests: string, status: number, isShort = true) => {
  const [body, long] = ['the end', Buffer.from('the end')];
  const answerWith = (write: typeof writeHead) =>
    exchange(requests, (response) => {
      write(response, status, HEADERS);
      response.end(isShort ? body : long);
    });
  const node = await answerWith((response, code, headers) => void response.writeHead(code, [...headers]));
  return { node, ours: await answerWith(writeHead) };
};

test.each([
  ['a request', get('/'), 200],
  ['a status without a name', get('/'), 299],
  ['a refusal', get('/'), 429],
  ['one that closes', get('/', 'Connection: close\r\n'), 200],
  ['one of old', get('/', '', '1.0'), 200],
  ['one of old that keeps its connection', get('/', 'Connection: keep-alive\r\n', '1.0'), 200],
])('%s is answered as node:http would', async (_name, request, status) => {
  for (const isShort of [true, false]) {
    const { node, ours } = await both(request, status, isShort);
    expect(ours).toBe(node);
    expect(node).toMatch(/^HTTP\/1.1 \d+ [^]*content-length: 7\r\n[^]*\r\n\r\nthe end$/);
  }
});

test.each([
  ['Connection', 'close'],
  ['date', 'Mon, 01 Jan 2024 00:00:00 GMT'],
  ['keep-alive', 'timeout=5'],
])('an answer that says %s itself is answered as node:http would', async (name, value) => {
  const headers = [...HEADERS, name, value];
  const answerWith = (write: (response: ServerResponse) => void) =>
    exchange(get('/'), (response) => {
      write(response);
      response.end('the end');
    });
  const node = await answerWith((response) => void response.writeHead(200, headers));
  expect(await answerWith((response) => writeHead(response, 200, headers))).toBe(node);
});

test('answers follow each other over one connection', async () => {
  const received = await exchange(get('/1') + get('/2') + get('/the%20end'), (response, path) => {
    const body = decodeURIComponent(path.slice(1));
    writeHead(response, 200, ['content-length', String(body.length)]);
    response.end(body);
  });
  expect(received.split('HTTP/1.1 200 OK').length).toBe(4);
  expect(received).toMatch(/\r\n\r\n1HTTP[^]*\r\n\r\n2HTTP/);
});

test.each(['a\r\nset-cookie: b', 'a\nb', 'a\0', 'ž'])(
  'a value of %j is refused, and nothing is sent of it',
  async (value) => {
    const received = await exchange(get('/'), (response) => {
      expect(() => writeHead(response, 200, ['x-thing', value])).toThrow(TypeError);
      expect(response.headersSent).toBe(false);
      response.end('the end');
    });
    expect(received).not.toContain('x-thing');
  },
);

test('a second head is refused', async () => {
  await exchange(get('/'), (response) => {
    writeHead(response, 200, HEADERS);
    expect(() => writeHead(response, 500, HEADERS)).toThrow('after they are sent to the client');
    response.end('the end');
  });
});
