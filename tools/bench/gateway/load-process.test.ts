import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLoadProcess } from './load-process.ts';

async function serve(): Promise<{ url: string; served: () => number; stop: () => void }> {
  let served = 0;
  const server = createServer((_, response) => {
    served++;
    response.end('same');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, served: () => served, stop: () => server.close() };
}

test('round after round of load comes from one other process', async () => {
  const server = await serve();
  const clients = startLoadProcess();
  const target = { url: server.url, headers: {}, body: '{}' };
  try {
    const first = await clients.load(target, { connections: 2, seconds: 0.2, expected: 'same' });
    const second = await clients.load(target, { connections: 2, seconds: 0.2, expected: 'other' });
    expect(first.errors).toBe(0);
    expect(second).toMatchObject({ errors: second.requests, firstError: 'same' });
    expect(first.requests + second.requests).toBe(server.served());
  } finally {
    clients.stop();
    server.stop();
  }
});

test('a load generator that has ended is told of, not waited for', async () => {
  const clients = startLoadProcess();
  const asked = clients.load(
    { url: 'http://127.0.0.1:9/', headers: {}, body: '{}' },
    { connections: 1, seconds: 30, expected: '' },
  );
  clients.stop();
  await expect(asked).rejects.toThrow('the load generator ended');
});
