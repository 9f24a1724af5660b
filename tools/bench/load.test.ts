import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from './load.ts';

async function serve(listener: RequestListener): Promise<{ url: string; sockets: () => number; stop: () => void }> {
  let sockets = 0;
  const server = createServer(listener);
  server.on('connection', () => void sockets++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, sockets: () => sockets, stop: () => server.close() };
}

test('connections are kept, and every answer counts', async () => {
  let served = 0;
  const server = await serve((_, response) => {
    served++;
    setTimeout(() => response.end('{"data":1}'), 5);
  });
  const target = { url: server.url, headers: {}, body: '{}' };
  const result = await load(target, { connections: 3, seconds: 1, expected: '{"data":1}' });
  server.stop();
  expect(result.errors).toBe(0);
  expect(result.requests).toBe(served);
  expect(result.requests).toBeGreaterThan(3);
  expect(result.latenciesMs).toHaveLength(served);
  expect(server.sockets()).toBe(3);
});

test('an answer that is another, and one that is a failure, are errors', async () => {
  let served = 0;
  const server = await serve((_, response) => {
    served++;
    response.statusCode = served === 2 ? 500 : 200;
    response.end(served === 1 ? 'other' : 'same');
  });
  const target = { url: server.url, headers: {}, body: '{}' };
  const result = await load(target, { connections: 1, seconds: 1, expected: 'same' });
  server.stop();
  expect(result.errors).toBe(2);
  expect(result.firstError).toBe('other');
});
