import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from 'kit/testing/until';
import { RETRIES } from './upstream-retry.ts';
import { subscribeOverSse } from './upstream-sse.ts';

const stops: (() => void)[] = [];
afterAll(() => stops.forEach((stop) => stop()));

/** Follows a subgraph that answers every request that way. */
async function follow(answer: RequestListener) {
  const seen = { requests: 0, outcomes: [] as unknown[] };
  const server = createServer((request, response) => {
    seen.requests++;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = subscribeOverSse(`http://127.0.0.1:${port}/`)(
    { query: 'subscription { a }', variables: {}, resumeFrom: () => null },
    () => Promise.resolve({}),
    { next: () => undefined, connected: () => undefined, end: (outcome) => seen.outcomes.push(outcome) },
  );
  stops.push(
    end,
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return seen;
}

test('a quiet stream that is cut again and again goes on, and one that cannot be had is given up', async () => {
  const quiet = await follow((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    // As a proxy does with what is idle.
    setTimeout(() => response.destroy(), 20);
  });
  const away = await follow((_request, response) => void response.writeHead(503).end());
  await until('it is given up', () => away.outcomes.length > 0, 180);
  await until('it goes on', () => quiet.requests > RETRIES + 3, 60);
  expect([away.requests, quiet.outcomes]).toEqual([RETRIES + 1, []]);
  expect(away.outcomes).toMatchObject([{ cause: { message: 'Server responded with 503: Service Unavailable' } }]);
}, 240_000);
