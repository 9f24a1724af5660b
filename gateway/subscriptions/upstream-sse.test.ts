import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { until } from 'kit/testing/until';
import { subscribeOverSse } from './upstream-sse.ts';

let server: Server;
let stop: () => void;
let outcomes: unknown[] = [];
let received: unknown[] = [];

/** Follows a subgraph that answers every request that way. */
async function follow(answer: RequestListener): Promise<void> {
  [outcomes, received] = [[], []];
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  stop = subscribeOverSse(`http://127.0.0.1:${port}/`)(
    { query: 'subscription { a }', variables: {}, resumeFrom: () => null },
    () => Promise.resolve({}),
    { next: (event) => received.push(event), connected: () => undefined, end: (outcome) => outcomes.push(outcome) },
  );
}
afterEach(() => {
  stop();
  server.closeAllConnections();
  server.close();
});

const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

test.each([
  ['line', MEGABYTE],
  ['run of lines', Buffer.concat([MEGABYTE, Buffer.from('\r\ndata: ')])],
])('a stream with an endless %s is cut off for good', async (_what, more) => {
  let sent = 0;
  let streams = 0;
  let isCut = false;
  const endless = function* () {
    yield 'event: next\ndata: {"data":{"a":"';
    for (; sent < 96; sent++) yield more;
  };
  await follow((_request, response) => {
    streams++;
    response.on('close', () => (isCut = true));
    Readable.from(endless()).pipe(response.writeHead(200, EVENT_STREAM));
  });
  await until('it is cut off', () => isCut);
  expect(outcomes).toEqual([new Error('the stream has an event that is too long')]);
  expect([streams, received, sent < 64]).toEqual([1, [], true]);
});

test('what is large is taken line by line, however its lines end', async () => {
  await follow((_request, response) => {
    response.writeHead(200, EVENT_STREAM);
    const data = JSON.stringify({ data: { a: 'x'.repeat(10 * MEGABYTE.length) } });
    for (const end of ['\n', '\r\n', '\r', '\n']) response.write(`event: next${end}data: ${data}${end}${end}`);
    response.end('event: complete\n\n');
  });
  await until('all is there', () => outcomes.length > 0);
  expect([received.length, outcomes]).toEqual([4, [undefined]]);
});
